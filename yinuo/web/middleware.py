"""What happens around every request: an id, security headers, the actor, and errors as clear pages."""

import logging
import re
import secrets
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from yinuo.identity.queries import actor_for
from yinuo.identity.sessions import used
from yinuo.kernel.actor import acting_as
from yinuo.kernel.address import address_of as address_of
from yinuo.kernel.discreet import referring_to
from yinuo.kernel.errors import TooMany, YinuoError
from yinuo.kernel.measuring import answered
from yinuo.web.owing import owed
from yinuo.web.problems import outage, problem_response, signed_out
from yinuo.web.routes import SignedOut

log = logging.getLogger("yinuo.web")
#: Read by draft.js: until it sees this, the browser keeps what was sent.
SENT = "sent"
#: Answered well, these say nothing: files, probes, and who collects the figures.
UNSAID = ("-", "health", "ready", "metrics")
Handler = Callable[[HttpRequest], HttpResponse]
#: Asked by machines that know this one by its number.
PROBED = ("/healthz", "/readyz", "/metrics")
REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,40}")


def request_id(get_response: Handler) -> Handler:
    """Give the request an id (or keep the proxy's), and say it in the answer."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request.request_id = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)  # type: ignore[attr-defined]
        with referring_to(request.request_id):  # type: ignore[attr-defined]
            began = time.perf_counter()
            response = get_response(request)
            took = time.perf_counter() - began
            found = request.resolver_match  # a page by its name: an address may hold what people typed
            where = (found.view_name or found.route) if found else "-"
            answered(where, request.method or "", response.status_code, took)
            if response.status_code >= 400 or (settings.LOG_JSON and where not in UNSAID):
                tell(request, response, where, took)
        response.headers["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        return response

    return middleware


def probed(get_response: Handler) -> Handler:
    """A balancer asks by a machine's address, which is no name of the site; the answers hold no address either."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path in PROBED:
            request.META["HTTP_HOST"] = settings.ALLOWED_HOSTS[0].lstrip(".*") or "localhost"
        return get_response(request)

    return middleware


def tell(request: HttpRequest, response: HttpResponse, where: str, took: float) -> None:
    """One line about an answered request: who asked by number, never by name."""
    actor = getattr(request, "actor", None) or getattr(request, "api_actor", None)
    said = {"route": where, "method": request.method, "status": response.status_code, "ms": round(took * 1000)}
    fields = said | {"staff": actor.staff_id if actor else None}
    log.info("%s %s %s", response.status_code, request.method, where, extra={"fields": fields})


def live_url(request: HttpRequest) -> str:
    """The gateway's address; a `{host}` in it is the name under which this visitor reached us."""
    if "{host}" not in settings.LIVE_URL:
        return settings.LIVE_URL
    try:
        name = urlsplit(f"//{request.get_host()}").hostname or ""
    except (DisallowedHost, ValueError):
        return ""
    return settings.LIVE_URL.replace("{host}", f"[{name}]" if ":" in name else name)


def live_sources(request: HttpRequest) -> str:
    """What a page may connect to: ourselves and the gateway."""
    live = urlsplit(live_url(request))
    return f"connect-src 'self' {live.scheme}://{live.netloc}" if live.netloc else "connect-src 'self'"


def content_policy(request: HttpRequest) -> str:
    """The content security policy: nothing inline, nothing from elsewhere, live events from the gateway."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
        f"{live_sources(request)}; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
        "manifest-src 'self'; media-src 'self'; object-src 'none'"
    )


def security_headers(get_response: Handler) -> Handler:
    """Headers that every answer carries; a view that set its own policy keeps it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        headers = response.headers
        headers.setdefault("Content-Security-Policy", content_policy(request))
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "geolocation=(), microphone=(), payment=(), camera=(self)")
        if getattr(request, "actor", None) is not None:
            headers.setdefault("Cache-Control", "no-store, private")
        return response

    return middleware


def by_itself(request: HttpRequest) -> bool:
    """Whether the page asks, not the person: a desk left alone does not keep a session alive."""
    return "X-Part" in request.headers or request.path in ("/live-ticket/", "/notifications/heard/")


def actor(get_response: Handler) -> Handler:
    """Everything a signed-in request does, it does as that member of staff."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.actor, request.owing, request.owes = None, None, ""  # type: ignore[attr-defined]
        staff = request.user
        if not staff.is_authenticated:
            return get_response(request)
        if not by_itself(request):
            used(request.session)
        who = actor_for(staff, ip=address_of(request), request_id=request.request_id)  # type: ignore[attr-defined]
        translation.activate(staff.language)  # the person's own choice, not the browser's
        if owes := owed(request, staff):  # nobody to any page but the one that settles it
            request.owing, request.owes = who, owes  # type: ignore[attr-defined]
            return get_response(request)
        request.actor = who  # type: ignore[attr-defined]
        with acting_as(who):
            return get_response(request)

    return middleware


class Problems:
    """Turn what went wrong in a view into a sentence a person can act on."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and not response.streaming and not response.content:
            return problem_response(request, 405, _("这个地址只接受页面上的按钮提交，请返回后再操作。"))
        if accepted := getattr(request, "accepted", ""):
            response.set_cookie(SENT, quote(accepted, safe=""), max_age=60, samesite="Lax", secure=settings.SECURE)
        return response

    def process_exception(self, request: HttpRequest, wrong: Exception) -> HttpResponse | None:
        if isinstance(wrong, SignedOut):
            return signed_out(request, wrong.login)
        known = explain(wrong)
        response = problem_response(request, *known) if known else None
        if response and isinstance(wrong, TooMany):
            response.headers["Retry-After"] = str(wrong.retry_after)
        return response


def explain(wrong: Exception) -> tuple[int, str, Any] | None:
    """Status, sentence and per-field sentences of an error we know."""
    if isinstance(wrong, YinuoError):
        return wrong.status, wrong.message, wrong.fields
    if isinstance(wrong, RequestDataTooBig):
        return 413, _("提交的内容太大了。请缩短文字，附件请单独上传。"), {}
    if isinstance(wrong, PermissionDenied):
        return 403, _("您不能做这一步。"), {}
    if isinstance(wrong, SuspiciousOperation):
        return 400, _("这个请求不完整或被改动过，请返回重试。"), {}
    return outage(wrong)
