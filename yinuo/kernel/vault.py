"""Secrets at rest: sealed with a key of this installation, opened only where they are used, never shown again.

A text sealed for one purpose does not open for another.
"""

import base64
import hashlib
import os

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from yinuo.kernel.errors import Refused


def _keys() -> list[str]:
    """The sealing key first, then older ones that still open: ``YINUO_SEAL_KEYS`` or the installation's own key."""
    given = os.environ.get("YINUO_SEAL_KEYS") or os.environ.get("YINUO_MAIL_KEYS", "")
    return [*(key for key in given.split(",") if key.strip()), settings.SECRET_KEY]


def _box(purpose: str) -> MultiFernet:
    return MultiFernet(
        [
            Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"yinuo.{purpose}.{key}".encode()).digest()))
            for key in _keys()
        ]
    )


def seal(purpose: str, text: str) -> str:
    """The text as it may be stored; '' stays ''."""
    return _box(purpose).encrypt(text.encode()).decode("ascii") if text else ""


def unseal(purpose: str, sealed: str, *, lost: str, code: str) -> str:
    """The text again; `lost` is the refusal when the installation's key has changed."""
    if not sealed:
        return ""
    try:
        return _box(purpose).decrypt(sealed.encode("ascii")).decode()
    except (InvalidToken, UnicodeError):
        raise Refused(lost, code=code) from None
