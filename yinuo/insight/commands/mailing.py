"""Reports on their way: claimed before sending, closed after, as every mail of the house is."""

from __future__ import annotations

from datetime import datetime, timedelta

from yinuo.insight.models import ReportMail
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import nothing_done, record
from yinuo.kernel.command import command
from yinuo.kernel.text import clean_line

# A server that is down over a weekend must not cost a report.
WAITS_MINUTES = (1, 5, 15, 60, 240, 720, 1440, 1440)
CLAIM = timedelta(minutes=15)
#: Nothing is planned further ahead than this; what is, was planned before the clock was set back.
FURTHEST = timedelta(minutes=max(WAITS_MINUTES))
State = ReportMail.State


def _locked(mail_id: int) -> ReportMail | None:
    return ReportMail.unscoped.select_for_update(no_key=True).filter(pk=mail_id).first()


@command("report_mail.claim", internal=True)
def claim_mail(*, mail_id: int, by: Actor, at: datetime) -> ReportMail | None:
    """Take a report for sending; None when it is sent, given up, taken by somebody else or not yet due."""
    row = _locked(mail_id)
    lost = row is not None and row.state == State.SENDING and (row.claimed_until is None or row.claimed_until <= at)
    due = row is not None and (row.next_try_at is None or not at < row.next_try_at <= at + FURTHEST)
    if row is None or not (lost or (row.state == State.QUEUED and due)):
        nothing_done()
        return None
    row.state, row.attempts, row.claimed_until = State.SENDING, row.attempts + 1, at + CLAIM
    row.save(update_fields=["state", "attempts", "claimed_until"])
    record(row, {"attempt": row.attempts})
    return row


@command("report_mail.close", internal=True)
def close_mail(*, mail_id: int, to: str, rehearsed: bool = False, by: Actor, at: datetime) -> str:
    """The server took it over, or would have: nothing sends it again."""
    row = _locked(mail_id)
    if row is None or row.state != State.SENDING:
        nothing_done()
        return row.state if row else ""
    row.state, row.sent_at, row.to_address = State.REHEARSED if rehearsed else State.SENT, at, to[:254]
    row.next_try_at = row.claimed_until = None
    row.last_error = ""
    row.save()
    record(row, {"state": row.state, "late": row.late})
    return row.state


@command("report_mail.not_sent", internal=True)
def not_sent(*, mail_id: int, why: str, permanent: bool, by: Actor, at: datetime) -> str:
    """It could not be sent: later again, or never. The reason is shown to whoever keeps the schedule."""
    row = _locked(mail_id)
    if row is None or row.state != State.SENDING:
        nothing_done()
        return row.state if row else ""
    row.last_error, row.claimed_until = clean_line(why[:600], 600)[:300], None
    if permanent or row.attempts > len(WAITS_MINUTES):
        row.state, row.next_try_at = State.FAILED, None
    else:
        row.state, row.next_try_at = State.QUEUED, at + timedelta(minutes=WAITS_MINUTES[row.attempts - 1])
    row.save()
    record(row, {"state": row.state, "permanent": permanent})
    return row.state
