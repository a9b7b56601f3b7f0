"""Rendering a page or, for htmx, one block of it; going somewhere else afterwards."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template import engines
from django.template.context_processors import csrf
from django.urls import reverse
from django.utils.translation import gettext as _

from yinuo.kernel import clock
from yinuo.web import flash
from yinuo.web.shell import NEW, RAIL, menu, words

#: Blocks an open page may ask for by themselves.
LIVE_PARTS = ("rows", "board", "live", "beside")


def render(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, part: str = "", status: int = 0,
    trigger: dict[str, Any] | None = None,
) -> HttpResponse:  # fmt: skip
    """Render a template; with `part`, an htmx request gets only that block. A part of an open page that fetches itself
    again names its own block (`data-live-part`). `trigger`: events for the page, sent along with a block.

    A form in the context that was refused makes the answer 422 (or 409 when it was stale).
    """
    values = {**shell(request), **(context or {})}
    status = status or max(
        (getattr(value, "answer", 200) for value in values.values() if hasattr(value, "once_key")), default=200
    )
    env = engines["jinja2"].env  # type: ignore[attr-defined]
    found = env.get_template(template)
    asked = request.headers.get("X-Part", "")
    if asked in LIVE_PARTS and asked in found.blocks:
        part = asked
    if part and is_fragment(request):
        scope = found.new_context(values)
        headers = {"HX-Trigger": json.dumps(trigger)} if trigger else None
        return HttpResponse("".join(found.blocks[part](scope)), status=status, headers=headers)
    response = HttpResponse(found.render(values), status=status)
    if not is_fragment(request):
        flash.clear(request, response)
    return response


def shell(request: HttpRequest) -> dict[str, Any]:
    """What the layout needs."""
    actor = getattr(request, "actor", None)
    token = str(csrf(request)["csrf_token"])
    return {
        "request": request,
        "actor": actor,
        "csrf_token": token,
        "rail": menu(RAIL, actor),
        "new_menu": menu(NEW, actor),
        "words": words(),
        "section": "",
        "made": f"{clock.now().timestamp():.3f}",
        "toasts": flash.take(request),
    }


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for part of a page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def go(
    request: HttpRequest, target: str, *args: Any, toast: str = "", tone: str = "success",
    undo: dict[str, Any] | None = None, **kwargs: Any,
) -> HttpResponse:  # fmt: skip
    """Redirect to a named page or an address after something was done, with a toast there. A form that was opened over
    a list (`data-stay`) closes instead, and the list is shown anew.
    """
    if request.method == "POST" and is_fragment(request) and request.headers.get("X-Stay"):
        return say(toast or _("已保存"), tone=tone, done={})
    address = target if target.startswith("/") else reverse(target, args=args or None, kwargs=kwargs or None)
    response: HttpResponse
    if is_fragment(request):
        response = HttpResponse(status=204, headers={"HX-Redirect": address})
    else:
        response = HttpResponseRedirect(address, status=303)
    if toast:
        flash.put(response, toast, tone, undo)
    return response


def say(text: str, *, tone: str = "success", status: int = 204, **events: Any) -> HttpResponse:
    """Answer an htmx request with a toast, if there is something to say, and events for the page."""
    trigger = {**({"toast": {"text": text, "tone": tone}} if text else {}), **events}
    return HttpResponse(status=status, headers={"HX-Trigger": json.dumps(trigger), "HX-Reswap": "none"})
