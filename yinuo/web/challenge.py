"""The challenge a browser was given for a passkey: kept in its session, good once and for some minutes, for one end."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, JsonResponse

from yinuo.identity.passkeys import wrong
from yinuo.kernel import clock

KEY = "challenge"
LIFE = timedelta(minutes=5)


def asked(request: HttpRequest, options: dict[str, Any], purpose: str) -> JsonResponse:
    """Remember what is asked, and ask it."""
    request.session[KEY] = {"value": options["challenge"], "for": purpose, "at": clock.now().isoformat()}
    return JsonResponse(options)


def taken(request: HttpRequest, purpose: str) -> str:
    """The challenge, which is gone with this; raises `Invalid` when there is none for this end."""
    kept = request.session.pop(KEY, None)
    if not kept or kept["for"] != purpose or datetime.fromisoformat(kept["at"]) < clock.now() - LIFE:
        raise wrong()
    return str(kept["value"])
