"""How a URL declares what it needs. A URL made any other way fails the test that walks them all."""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from yinuo.kernel.actor import acting_as
from yinuo.kernel.errors import Denied
from yinuo.web.owing import settled_at

PUBLIC: Final = "PUBLIC"
SIGNED_IN: Final = "SIGNED_IN"

View = Callable[..., HttpResponseBase]
Needs = str | tuple[str, ...]


class SignedOut(Exception):
    """Somebody sent a form after the session had ended; what they wrote is shown to them, with the way to log in."""

    def __init__(self, login: str) -> None:
        self.login = login


def page(route: str, view: View, *, needs: Needs, name: str, settles: Collection[str] = ()) -> URLPattern:
    """A page at `route`; `needs` is a grant, several grants of which one is enough, PUBLIC or SIGNED_IN. `settles`:
    what of `owing.py` is put right here, so that who owes it gets in.
    """
    return path(route, guarded(view, needs, settles), name=name)


def guarded(view: View, needs: Needs, settles: Collection[str] = ()) -> View:
    """Wrap a view so that nothing of it runs before the actor is known to be allowed."""

    @wraps(view)
    def guard(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        owing = getattr(request, "owing", None)
        if owing is not None and request.owes in settles:  # type: ignore[attr-defined]
            request.owing, request.actor = None, owing  # type: ignore[attr-defined]
            with acting_as(owing):
                return guard(request, *args, **kwargs)
        if needs != PUBLIC:
            actor = getattr(request, "actor", None)
            if actor is None:
                return to_login(request)
            if needs != SIGNED_IN and not allowed(actor, needs):
                raise Denied(_("您的岗位不能使用这一页。需要时请联系管理员开通。"))
        return view(request, *args, **kwargs)

    guard.needs = needs  # type: ignore[attr-defined]
    return guard


def allowed(actor: Any, needs: Needs) -> bool:
    """Whether the actor holds the grant, or one of the grants."""
    if needs in (PUBLIC, SIGNED_IN):
        return True
    return any(actor.may(grant) for grant in ((needs,) if isinstance(needs, str) else needs))


def to_login(request: HttpRequest) -> HttpResponse:
    """Send a visitor to the login page and remember where they were going."""
    fragment = request.headers.get("HX-Request") == "true"
    if getattr(request, "owing", None) is not None:
        return away(request, settled_at(request.owes))  # type: ignore[attr-defined]
    posted = request.method == "POST" and not fragment
    wanted = request.headers.get("HX-Current-URL", "") if fragment else request.get_full_path()
    if posted:  # back to the page with the form, not to where it was sent
        wanted = request.headers.get("Referer", "") or wanted
    target = reverse("login") + ("?" + urlencode({"next": local_path(wanted)}) if wanted else "")
    if posted and request.POST:
        raise SignedOut(target)
    return away(request, target)


def away(request: HttpRequest, target: str) -> HttpResponse:
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)


def local_path(url: str) -> str:
    """The path and query of an address, without the host."""
    if "://" in url:
        url = "/" + url.split("://", 1)[1].partition("/")[2]
    return url
