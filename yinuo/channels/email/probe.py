"""Trying a mailbox's settings without changing anything."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from yinuo.channels.contract import TransportError
from yinuo.channels.email import imap, smtp
from yinuo.channels.email.models import Mailbox
from yinuo.channels.email.servers import in_words
from yinuo.kernel import clock
from yinuo.kernel.actor import current_actor
from yinuo.kernel.errors import Refused
from yinuo.kernel.throttle import count_try

#: Enough to get settings right, too few to look around in a network.
TRIES, WINDOW = 10, timedelta(minutes=10)
PATIENCE_SECONDS = 15


def _imap(mailbox: Mailbox) -> str:
    try:
        server = imap.connect(mailbox, timeout=PATIENCE_SECONDS)
    except TransportError as error:
        return _("收信：%(detail)s") % {"detail": error.detail}
    imap.close(server)
    return ""


def _smtp(mailbox: Mailbox) -> str:
    try:
        server = smtp.log_in(mailbox, timeout=PATIENCE_SECONDS)
    except (smtplib.SMTPException, OSError, ValueError, Refused) as error:
        return _("发信：%(detail)s") % {"detail": in_words(error)}
    server.close()
    return ""


def probe(mailbox: Mailbox) -> dict[str, Any]:
    """What works and what does not, in sentences. Counted per person: call it outside a transaction."""
    actor = current_actor()
    count_try(f"mailbox-test:{actor.kind}:{actor.id}", limit=TRIES, window=WINDOW, at=clock.now())
    troubles = []
    if mailbox.imap_host:
        troubles.append(_imap(mailbox))
    if mailbox.smtp_host:
        troubles.append(_smtp(mailbox))
    wrong = [trouble for trouble in troubles if trouble]
    return {"good": bool(troubles) and not wrong, "words": wrong or [_("收信和发信都能登录")]}
