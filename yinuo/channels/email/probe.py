"""Trying a mailbox's settings without changing anything."""

from __future__ import annotations

import smtplib
from typing import Any

from django.utils.translation import gettext as _

from yinuo.channels.contract import TransportError
from yinuo.channels.email import imap, smtp
from yinuo.channels.email.models import Mailbox
from yinuo.kernel.errors import Refused


def _imap(mailbox: Mailbox) -> str:
    try:
        server = imap.connect(mailbox)
    except TransportError as error:
        return _("收信连接失败：%(detail)s") % {"detail": error.detail}
    imap.close(server)
    return ""


def _smtp(mailbox: Mailbox) -> str:
    try:
        server = smtp.log_in(mailbox)
    except smtplib.SMTPResponseException as error:
        return _("发信连接失败：%(detail)s") % {"detail": f"{error.smtp_code} {error.smtp_error!r}"[:200]}
    except (smtplib.SMTPException, OSError, ValueError, Refused) as error:
        return _("发信连接失败：%(detail)s") % {"detail": f"{type(error).__name__}: {error}"[:200]}
    server.close()
    return ""


def probe(mailbox: Mailbox) -> dict[str, Any]:
    """What works and what does not, in sentences."""
    troubles = []
    if mailbox.imap_host:
        troubles.append(_imap(mailbox))
    if mailbox.smtp_host:
        troubles.append(_smtp(mailbox))
    wrong = [trouble for trouble in troubles if trouble]
    return {"good": bool(troubles) and not wrong, "words": wrong or [_("收信和发信都能登录")]}
