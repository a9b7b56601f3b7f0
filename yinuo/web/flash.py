"""A toast that survives one redirect: a short signed cookie, no session write, no SQL."""

from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

COOKIE = "flash"
SALT = "yinuo.flash"


def put(response: HttpResponse, text: str, tone: str = "success", undo: dict[str, Any] | None = None) -> None:
    """Show `text` on the next page; `undo` (href, seconds) offers to take it back for so long."""
    value = signing.dumps({"text": text[:300], "tone": tone, **({"undo": undo} if undo else {})}, salt=SALT)
    response.set_cookie(COOKIE, value, max_age=60, httponly=True, secure=settings.SECURE, samesite="Lax")


def take(request: HttpRequest) -> list[dict[str, Any]]:
    """The waiting toast, if any."""
    value = request.COOKIES.get(COOKIE)
    if not value:
        return []
    try:
        return [signing.loads(value, salt=SALT, max_age=120)]
    except signing.BadSignature:
        return []


def clear(request: HttpRequest, response: HttpResponse) -> None:
    """Once shown, it is gone."""
    if COOKIE in request.COOKIES:
        response.delete_cookie(COOKIE, samesite="Lax")
