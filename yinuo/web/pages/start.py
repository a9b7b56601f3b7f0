"""开张清单: the first settings of a new company, each shown done by what is really there."""

import io

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yinuo.identity.commands import hide_start
from yinuo.kernel import clock
from yinuo.kernel.actor import current_actor
from yinuo.web.forms.base import act
from yinuo.web.reads.start import steps
from yinuo.web.render import go, render
from yinuo.web.routes import page


def portal_address() -> str:
    """Where customers begin."""
    return settings.PUBLIC_URL + reverse("portal_home")


def start(request: HttpRequest) -> HttpResponse:
    """Eight steps, in the order in which one needs another."""
    found = steps(current_actor(), clock.now())
    context = {
        "section": "settings",
        "steps": found,
        "done": sum(step.done for step in found),
        "portal": portal_address(),
        "hidden": request.user.start_hidden_at,  # type: ignore[union-attr]
    }
    return render(request, "settings/start.jinja", context)


@require_GET
def code(request: HttpRequest) -> HttpResponse:
    """The portal's address as a picture to scan, also to print and put on the counter."""
    out = io.BytesIO()
    segno.make(portal_address(), error="m", micro=False).save(out, kind="svg", scale=6, border=4, light="#fff")
    response = HttpResponse(out.getvalue(), content_type="image/svg+xml")
    if request.GET.get("download"):
        response.headers["Content-Disposition"] = 'attachment; filename="portal-qr.svg"'
    return response


@require_POST
def hide(request: HttpRequest) -> HttpResponse:
    """The banner on one's day goes; the list stays among the settings."""
    act(request, hide_start)
    return go(request, "day", toast=_("不再提示。清单还在“设置 → 开张清单”"))


routes = [
    page("settings/start/", start, needs="staff.manage", name="start"),
    page("settings/start/code.svg", code, needs="staff.manage", name="start_code"),
    page("settings/start/hide/", hide, needs="staff.manage", name="start_hide"),
]
