"""Mailbox passwords at rest: sealed with a key from the settings, opened only to log in, never shown."""

from __future__ import annotations

import base64
import hashlib
import os

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.translation import gettext as _

from yinuo.kernel.errors import Refused


def _keys() -> list[str]:
    """The sealing key first, then older ones that still open: ``YINUO_MAIL_KEYS`` or the installation's own key."""
    given = [key for key in os.environ.get("YINUO_MAIL_KEYS", "").split(",") if key.strip()]
    return [*given, settings.SECRET_KEY]


def _box() -> MultiFernet:
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"yinuo.mailbox.{key}".encode()).digest())) for key in _keys()]
    )


def seal(password: str) -> str:
    """The password as it may be stored; '' stays ''."""
    return _box().encrypt(password.encode()).decode("ascii") if password else ""


def unseal(sealed: str) -> str:
    """The password again; a clear refusal when the installation's key has changed."""
    if not sealed:
        return ""
    try:
        return _box().decrypt(sealed.encode("ascii")).decode()
    except (InvalidToken, UnicodeError):
        raise Refused(_("邮箱密码无法解密（安装密钥已更换），请重新填写密码"), code="mailbox_password_lost") from None


def token_key() -> bytes:
    """The key under reply tokens."""
    return hashlib.sha256(f"yinuo.mail.reply.{settings.SECRET_KEY}".encode()).digest()
