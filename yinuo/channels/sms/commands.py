"""Queueing a text message, and what became of each attempt."""

import secrets
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from yinuo.channels.contract import Outbound, Receipt, TransportError
from yinuo.channels.sms.gateways import asks_itself
from yinuo.channels.sms.models import SmsMessage
from yinuo.conversations.commands import mark_delivery
from yinuo.conversations.models import Interaction
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_line
from yinuo.matters.commands import add_entry
from yinuo.matters.commands.locking import lock_matters
from yinuo.matters.models import Matter

#: When to ask about a message since the gateway took it; one nobody can tell about by then stays "sent".
ASKS = (
    timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6),
    timedelta(days=1),
)  # fmt: skip
#: A row queued for longer than a code is good for is not sent any more.
GOOD_FOR = timedelta(minutes=10)
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
    row, case = _locked(sms_id)
    record(row, {"taken": isinstance(outcome, Receipt)})
    if row.state != SmsMessage.State.QUEUED:
        return row
    row.attempts += 1
    if isinstance(outcome, Receipt):
        _close(row, SmsMessage.State.SENT, "", by, at)
        row.receipt = outcome.external_id[:100]
        row.next_ask_at = at + ASKS[0] if row.receipt and asks_itself() else None
    else:
        row.last_error = outcome.detail[:300]
        if outcome.permanent or row.attempts > len(WAITS):
            note = _("短信没有发出：%(why)s") % {"why": row.last_error}
            _close(row, SmsMessage.State.FAILED, note, by, at)
            _tell_case(case, row, note, by, at)
        else:
            emit("sms.queued", topics=[], sms_id=row.pk, at=(at + WAITS[row.attempts - 1]).isoformat())
    row.save()
    return row


@command("sms.report", internal=True)
def record_report(*, sms_id: int, report: str, detail: str = "", by: Actor, at: datetime) -> SmsMessage:
    """What became of a message the gateway had taken. The first report counts; a repeat changes nothing."""
    row, case = _locked(sms_id)
    record(row, {"report": report})
    if row.report or row.state == SmsMessage.State.FAILED:
        return row
    if row.state == SmsMessage.State.QUEUED:  # it went out before we could note that it was taken
        row.state, row.closed_at, row.code = SmsMessage.State.SENT, at, ""
    row.report, row.reported_at, row.next_ask_at = SmsMessage.Report(report), at, None
    if report == SmsMessage.Report.DELIVERED:
        mark_delivery(interaction_id=row.interaction_id, delivery="delivered", by=by, at=at)
    else:
        row.last_error = clean_line(detail[:600], 600)[:300]
        note = _("短信没有送达：%(why)s") % {"why": row.last_error or _("对方没有收到")}
        mark_delivery(interaction_id=row.interaction_id, delivery="unreached", note=note, by=by, at=at)
        _tell_case(case, row, note, by, at)
    row.save()
    return row


@command("sms.no_report_yet", internal=True)
def no_report_yet(*, sms_id: int, by: Actor, at: datetime) -> SmsMessage:
    """The gateway does not know yet: ask again later, or never."""
    row, _case = _locked(sms_id)
    row.asks += 1
    later = row.closed_at and row.asks < len(ASKS) and not row.report
    row.next_ask_at = max(at, row.closed_at + ASKS[row.asks]) if later and row.closed_at else None
    row.save(update_fields=["asks", "next_ask_at"])
    record(row, {"asks": row.asks})
    return row


def _locked(sms_id: int) -> tuple[SmsMessage, Matter | None]:
    """The message, and the case its code is for: held before what hangs on it is written."""
    held = SmsMessage.unscoped.select_for_update(no_key=True, of=("self",))
    row = held.select_related("interaction__conversation").get(pk=sms_id)
    label, _colon, number = row.interaction.conversation.thread_key.partition(":")
    if label != "code" or not number.isdecimal():
        return row, None
    lock_matters([int(number)])
    return row, Matter.unscoped.filter(pk=int(number)).first()


def _tell_case(case: Matter | None, row: SmsMessage, note: str, by: Actor, at: datetime) -> None:
    """Whoever answers for the case sees that the customer waits for a code in vain."""
    if case is not None:
        tail = row.interaction.to_address[-4:]
        words = _("发往尾号 %(tail)s 的验证码：%(note)s。请用别的方式联系客户") % {"tail": tail, "note": note}
        add_entry(matter=case, kind="sms_unreached", text=words, by=by, at=at)


def _close(row: SmsMessage, state: str, note: str, by: Actor, at: datetime) -> None:
    row.state, row.closed_at, row.code = state, at, ""
    mark_delivery(interaction_id=row.interaction_id, delivery=Interaction.Delivery(state), note=note, by=by, at=at)
