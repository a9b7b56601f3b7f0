"""Signed, expiring tokens for links and tickets. The purpose is part of the signature: no token serves two ends."""

import base64
import binascii
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from yinuo.kernel import clock
from yinuo.kernel.errors import Invalid

SIGNATURE_BYTES = 18


def _key(purpose: str) -> bytes:
    return hashlib.sha256(f"yinuo.token.{purpose}.{settings.SECRET_KEY}".encode()).digest()


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def sign(purpose: str, payload: Any, expires_at: datetime | None) -> str:
    """A URL-safe token over a JSON payload; `expires_at` None never expires (revoke by changing what it names)."""
    body = json.dumps([payload, int(expires_at.timestamp()) if expires_at else 0], separators=(",", ":")).encode()
    signature = hmac.new(_key(purpose), body, hashlib.sha256).digest()[:SIGNATURE_BYTES]
    return f"{_b64(body)}.{_b64(signature)}"


def unsign(purpose: str, token: str, *, late: bool = False) -> Any:
    """The payload; raises `Invalid` (code `token_forged` or `token_expired`). With `late` an expired one still says
    what it was for, to be given anew.
    """
    try:
        body_text, _dot, signature_text = token.partition(".")
        body = _unb64(body_text)
        good = hmac.new(_key(purpose), body, hashlib.sha256).digest()[:SIGNATURE_BYTES]
        if not hmac.compare_digest(good, _unb64(signature_text)):
            raise ValueError
        payload, expires = json.loads(body)
    except (ValueError, binascii.Error, TypeError, UnicodeError):
        raise Invalid(_("链接无效，请检查是否复制完整"), code="token_forged") from None
    if expires and not late and datetime.fromtimestamp(expires, UTC) < clock.now():
        raise Invalid(_("链接已过期，请联系我们重新发送"), code="token_expired")
    return payload
