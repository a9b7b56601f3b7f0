"""One attempt: read what is to be sent, hand it over outside of any transaction, record the outcome. And what is found
out later: messages whose job was lost, and what the gateway says became of those it took.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Q

from yinuo.channels.contract import Receipt, TransportError
from yinuo.channels.sms.commands import GOOD_FOR, no_report_yet, record_outcome, record_report, waiting
from yinuo.channels.sms.gateways import Taken, report_on, send
from yinuo.channels.sms.models import SmsMessage
from yinuo.kernel import clock

log = logging.getLogger("yinuo.sms")
#: How long a message may wait for its first try before somebody looks whether it still has a job.
LATE = timedelta(seconds=30)


def send_queued(sms_id: int) -> str:
    """If the process dies between "taken" and "recorded" it is sent again under the same reference."""
    message = waiting(sms_id)
    if message is None:
        return "done"
    outcome: Receipt | TransportError
    try:
        outcome = send(message)
    except TransportError as error:
        outcome = error
    return str(record_outcome(sms_id=sms_id, outcome=outcome).state)


def late() -> list[int]:
    """What should have been tried by now."""
    now = clock.now()
    astray = Q(queued_at__lte=now - LATE) | Q(queued_at__gt=now + LATE)  # the clock was set back
    rows = SmsMessage.objects.filter(astray, state=SmsMessage.State.QUEUED)
    return list(rows.order_by("queued_at", "pk").values_list("pk", flat=True)[:500])


def give_up_stale(ids: Iterable[int]) -> list[int]:
    """Those still worth sending; a code that is not good any more is not sent, and its case hears of it."""
    before = clock.now() - GOOD_FOR
    rows = dict(SmsMessage.objects.filter(pk__in=ids).values_list("pk", "queued_at"))
    for sms_id in [pk for pk, queued_at in rows.items() if queued_at <= before]:
        record_outcome(sms_id=sms_id, outcome=TransportError("too late", permanent=True))
        del rows[sms_id]
    return sorted(rows)


def ask_for_reports(limit: int = 200) -> int:
    """Ask the gateway about the messages whose time has come; says how many are settled."""
    due = SmsMessage.objects.filter(next_ask_at__lte=clock.now()).select_related("interaction")
    settled = 0
    for row in due.order_by("next_ask_at", "pk")[:limit]:
        try:
            found = report_on(
                Taken(row.interaction.to_address, row.reference, row.receipt, row.closed_at or row.queued_at)
            )
        except TransportError as error:
            log.warning("no report on message %s: %s", row.pk, error.detail)
            found = None
        if found is None:
            no_report_yet(sms_id=row.pk)
        else:
            record_report(sms_id=row.pk, report=found.outcome, detail=found.detail)
            settled += 1
    return settled
