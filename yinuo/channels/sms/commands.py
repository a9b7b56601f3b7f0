"""Queueing a text message, and what became of each attempt."""

import secrets
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from yinuo.channels.contract import Outbound, Receipt, TransportError
from yinuo.channels.sms.models import SmsMessage
from yinuo.conversations.commands import mark_delivery
from yinuo.conversations.models import Interaction
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.events import emit

#: A code is good for ten minutes; one that comes later only confuses.
WAITS = (timedelta(seconds=10), timedelta(seconds=40), timedelta(minutes=2), timedelta(minutes=4))


@command("sms.queue", internal=True)
def queue(*, interaction_id: int, code: str, by: Actor, at: datetime) -> SmsMessage:
    """The row for sending, in the transaction of whoever wants it sent. Once per interaction."""
    row, made = SmsMessage.unscoped.get_or_create(
        interaction_id=interaction_id,
        defaults={"reference": secrets.token_hex(16), "code": code, "queued_at": at},
    )
    if made:
        emit("sms.queued", topics=[], sms_id=row.pk, at=at.isoformat())
    record(row, {"interaction": interaction_id})
    return row


def waiting(sms_id: int) -> Outbound | None:
    """What is to be sent; None when it has been, or was given up."""
    row = SmsMessage.unscoped.select_related("interaction").filter(pk=sms_id, state=SmsMessage.State.QUEUED).first()
    if row is None:
        return None
    said = row.interaction
    return Outbound(external_id=row.reference, to=said.to_address, text=said.text, token=row.code, automatic=True)


@command("sms.record", internal=True)
def record_outcome(*, sms_id: int, outcome: Receipt | TransportError, by: Actor, at: datetime) -> SmsMessage:
    """Sent, given up, or to be tried again; staff see it beside the message."""
    row = SmsMessage.unscoped.select_for_update(no_key=True).get(pk=sms_id)
    record(row, {"taken": isinstance(outcome, Receipt)})
    if row.state != SmsMessage.State.QUEUED:
        return row
    row.attempts += 1
    if isinstance(outcome, Receipt):
        _close(row, SmsMessage.State.SENT, "", by, at)
        row.receipt = outcome.external_id[:100]
    else:
        row.last_error = outcome.detail[:300]
        if outcome.permanent or row.attempts > len(WAITS):
            _close(row, SmsMessage.State.FAILED, _("短信没有发出：%(why)s") % {"why": row.last_error}, by, at)
        else:
            emit("sms.queued", topics=[], sms_id=row.pk, at=(at + WAITS[row.attempts - 1]).isoformat())
    row.save()
    return row


def _close(row: SmsMessage, state: str, note: str, by: Actor, at: datetime) -> None:
    row.state, row.closed_at, row.code = state, at, ""
    mark_delivery(interaction_id=row.interaction_id, delivery=Interaction.Delivery(state), note=note, by=by, at=at)
