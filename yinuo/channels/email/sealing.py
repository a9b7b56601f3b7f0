"""Mailbox passwords at rest, and the key under reply tokens."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.utils.translation import gettext as _

from yinuo.kernel import vault

PURPOSE = "mailbox"


def seal(password: str) -> str:
    """The password as it may be stored; '' stays ''."""
    return vault.seal(PURPOSE, password)


def unseal(sealed: str) -> str:
    """The password again; a clear refusal when the installation's key has changed."""
    lost = _("邮箱密码无法解密（安装密钥已更换），请重新填写密码")
    return vault.unseal(PURPOSE, sealed, lost=lost, code="mailbox_password_lost")


def token_key() -> bytes:
    """The key under reply tokens."""
    return hashlib.sha256(f"yinuo.mail.reply.{settings.SECRET_KEY}".encode()).digest()
