"""Chinese or English for whoever is not signed in: the login page and the portal. The choice is kept by the browser."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yinuo.kernel.errors import Invalid
from yinuo.web.render import go
from yinuo.web.routes import PUBLIC, local_path, page

KEPT = 365 * 86400


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Set the language and go back to the page it was chosen on."""
    code = request.POST.get("language", "")
    if code not in dict(settings.LANGUAGES):
        raise Invalid(_("没有这种语言"))
    return remember(go(request, came_from(request)), code)


def came_from(request: HttpRequest) -> str:
    """The page of ours a form was sent from, without its host."""
    back = request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    return "/" + local_path(back).lstrip("/\\") if safe else "/"


def remember(response: HttpResponse, code: str) -> HttpResponse:
    """The browser says it from now on, before anybody has signed in."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, code, max_age=KEPT, httponly=True, secure=settings.SECURE, samesite="Lax"
    )
    return response


routes = [page("language/", choose, needs=PUBLIC, name="language")]
