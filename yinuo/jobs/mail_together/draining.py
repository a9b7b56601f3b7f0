"""Making visible whatever waits: group after group, and one at a time where a group cannot."""

from __future__ import annotations

import logging

from django.db import InterfaceError, OperationalError

from yinuo.channels.email.flows import keep_understood, understand_stored
from yinuo.channels.webhook.queries import subscribed
from yinuo.jobs.mail_together.claiming import FIRST, MOST, Place
from yinuo.jobs.mail_together.group import STANDS_FOR, Done, understand_group
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.outage import database_away

log = logging.getLogger("yinuo.mail")
MAIL = Actor.system("mail.understand")


def drain(most: int = MOST) -> int:
    """Understand what waits, in order of arrival; how many were looked at. A webhook somebody asked for is a row of the
    command, so then each goes by the command. While the database is away all of it stays as it is.
    """
    looked_at, after = 0, FIRST
    with acting_as(MAIL):
        while done := _group(after, most):
            for raw_id, inbound in done.left:
                if inbound is None:
                    understand_stored(raw_id)
                else:
                    keep_understood(raw_id, inbound)
            after, looked_at = done.last, looked_at + done.seen
    return looked_at


def _group(after: Place, most: int) -> Done | None:
    try:
        return understand_group(after, most, plain=not subscribed() & STANDS_FOR.keys())
    except (OperationalError, InterfaceError) as wrong:
        if database_away(wrong):
            raise
    except Exception:
        log.exception("a group of mails could not be understood; they are taken one at a time")
    return understand_group(after, most, plain=False)
