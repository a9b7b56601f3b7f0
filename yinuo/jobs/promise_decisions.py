"""What a person decides about a promise: an extension, a waiver, money for being late. Wired in `reactions.py`."""

import logging
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from yinuo.approvals.commands import request_approval
from yinuo.approvals.queries import asked_about
from yinuo.identity.queries import holders
from yinuo.jobs.promise_reactions import as_promises
from yinuo.kernel.actor import Actor, current_actor
from yinuo.kernel.errors import YinuoError
from yinuo.kernel.work import Event
from yinuo.matters.commands import create_task
from yinuo.promises import commands

log = logging.getLogger("yinuo.promises")


def ask_for_change(event: Event, at: datetime) -> None:
    """Asked in the name of whoever wants it: their own manager decides."""
    request_approval(
        kind=event.data["kind"], subject_type="promises.promisechange", subject_id=event.data["change_id"],
        matter_id=event.data["matter_id"], title=event.data["title"], reason=event.data["reason"],
        by=current_actor(), at=at,
    )  # fmt: skip


@as_promises
def ask_for_compensation(event: Event, at: datetime, by: Actor) -> None:
    """Money needs approval. Nobody to approve must not stop the clock: it stays proposed, whoever owes the promise
    hears of it, and `promises.ask_again` asks again until somebody can be asked.
    """
    number = event.data["compensation_id"]
    if event.data["amount"] is None or asked_about("promises.compensation", [number]):
        return
    try:
        with transaction.atomic():
            request_approval(
                kind="compensation", subject_type="promises.compensation", subject_id=number,
                matter_id=event.data["matter_id"], amount=Decimal(event.data["amount"]),
                title=_("逾期补偿：%s") % event.data["title"], reason=event.data["text"], by=by, at=at,
            )  # fmt: skip
    except YinuoError as wrong:
        log.warning("compensation %s waits: %s", number, wrong.message)
        commands.tell_nobody_approves(compensation_id=number, why=wrong.message, by=by, at=at)


@as_promises
def pay_compensation(event: Event, at: datetime, by: Actor) -> None:
    """Paid as a task of the finance department; without a matter to hang it on, or anybody there, by whoever owed."""
    payer = next(iter(holders("finance")), None)
    if event.data["kind"] != "compensation":
        return
    if event.data["matter_id"] is None or payer is None:
        commands.remind_to_pay(compensation_id=event.data["compensation_id"], by=by, at=at)
        return
    task = create_task(
        matter_id=event.data["matter_id"], kind="payment", title=_("支付逾期补偿"), detail=event.data["text"],
        unit_id=payer.unit_id, by=by, at=at,
    )  # fmt: skip
    commands.settle_compensation(
        compensation_id=event.data["compensation_id"], task_id=task.pk, settled=False, by=by, at=at
    )


@as_promises
def decided(event: Event, at: datetime, by: Actor) -> None:
    data: dict[str, Any] = event.data
    number, agreed = data["subject_id"], data["decision"] == "approved"
    if data["subject_type"] == "promises.compensation":
        commands.decide_compensation(compensation_id=number, approved=agreed, by=by, at=at)
    if data["subject_type"] != "promises.promisechange":
        return
    if not agreed:
        commands.reject_change(change_id=number, comment=data.get("comment", ""), by=by, at=at)
    elif data["kind"] == "extension":
        commands.apply_extension(change_id=number, by=by, at=at)
    else:
        commands.apply_waiver(change_id=number, by=by, at=at)
