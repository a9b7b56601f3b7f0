"""What makes, keeps, pauses and moves promises; and what promises set in motion.

Each runs as the product itself. Which event causes which is listed in `reactions.py`.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import wraps
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from yinuo.approvals.commands import request_approval
from yinuo.approvals.queries import asked_about
from yinuo.calendars.wording import moment_text
from yinuo.conversations.models import Conversation, Interaction
from yinuo.identity.queries import holders
from yinuo.kernel.actor import Actor, acting_as, current_actor
from yinuo.kernel.clock import CST
from yinuo.kernel.errors import YinuoError
from yinuo.kernel.work import Event, Reaction
from yinuo.matters.commands import create_task
from yinuo.matters.models import Matter
from yinuo.matters.plain import matters_told_in
from yinuo.promises import commands
from yinuo.promises.models import Compensation
from yinuo.promises.rules.happenings import WAITS

log = logging.getLogger("yinuo.promises")
PROMISES = Actor.system("promises")
SPOKEN_IN_PERSON = ("phone", "visit", "note")
#: Kinds of words that ask nothing, and what standards may make of them: never those for a question or a complaint.
NO_QUESTION = {"praise": "praise.received", "suggestion": "suggestion.received"}
#: Moves after which nothing is waited for any more: the customer answered, or we took back what they were asked.
OUR_TURN = ("confirm_agreement", "refuse_agreement", "recall_proposal", "reopen", "overturn", "take_back")


def _as_promises(react: Callable[[Event, datetime, Actor], object]) -> Reaction:
    @wraps(react)
    def reaction(event: Event, at: datetime) -> None:
        with acting_as(PROMISES):
            react(event, at, PROMISES)

    return reaction


def makes(trigger: str) -> Reaction:
    """The standards for `trigger` make their promises; what the event says are facts for their conditions."""

    def react(event: Event, at: datetime, by: Actor) -> None:
        facts = {k: v for k, v in event.data.items() if k != "matter_id"}
        commands.make_promises(trigger=trigger, matter_id=event.data.get("matter_id"), facts=facts, by=by, at=at)

    react.__name__ = f"makes_{trigger}"
    return _as_promises(react)


def meets(happening: str) -> Reaction:
    def react(event: Event, at: datetime, by: Actor) -> None:
        commands.meet_promises(happening=happening, matter_id=event.data["matter_id"], by=by, at=at)

    react.__name__ = f"meets_{happening}"
    return _as_promises(react)


@_as_promises
def answer_and_count_on(event: Event, at: datetime, by: Actor) -> None:
    """The customer wrote: what waited for them counts on, and their question is owed an answer."""
    said = Interaction.unscoped.select_related("conversation").get(pk=event.data["interaction_id"])
    expected = event.data.get("expects_answer", True)
    if not expected and said.kind not in NO_QUESTION:
        return  # nobody waits: automatic mail, imported history, or a sender nobody has verified yet
    matter = matters_told_in(said.conversation).filter(open=True).order_by("-pk").first()
    if matter and expected:
        commands.resume_promises(matter_id=matter.pk, by=by, at=at)
    if said.kind == "complaint" or said.author_id or said.channel in SPOKEN_IN_PERSON:
        return  # a complaint has its own standards; whoever writes a call down is talking to the customer already
    facts = {"conversation_id": said.conversation_id, "channel": said.channel, "interaction_kind": said.kind}
    about = matter.kind if matter and said.kind == "information" else said.kind
    trigger = NO_QUESTION.get(about, "interaction.received")
    commands.make_promises(trigger=trigger, matter_id=matter.pk if matter else None, facts=facts, by=by, at=at)


@_as_promises
def nothing_was_asked(event: Event, at: datetime, by: Actor) -> None:
    """A message turned out to be praise or a suggestion: the answer owed to a question is not owed to it."""
    matter = Matter.unscoped.filter(pk=event.data["matter_id"], kind__in=NO_QUESTION).first()
    if matter and matter.conversation_id:
        why = _("登记为%(kind)s") % {"kind": matter.get_kind_display()}
        number = matter.conversation_id
        commands.release_promises(conversation_id=number, only=("answer",), reason=why, by=by, at=at)


@_as_promises
def a_reply_is_a_reply(event: Event, at: datetime, by: Actor) -> None:
    """Words of a person to the customer keep or renew what waits for a reply, even with no result yet."""
    if event.data["direction"] != "out":
        return
    said = Interaction.unscoped.get(pk=event.data["interaction_id"])
    if said.author_id is None or said.channel == "note":
        return  # an automatic receipt answers nobody
    commands.meet_promises(happening="reply", conversation_id=said.conversation_id, by=by, at=at)
    for matter_id in matters_told_in(said.conversation).values_list("pk", flat=True):
        commands.meet_promises(happening="reply", matter_id=matter_id, by=by, at=at)


@_as_promises
def reply_beside_the_thread(event: Event, at: datetime, by: Actor) -> None:
    """A reply that went by another thread than the matter's own; the own one was seen as an interaction."""
    said = Interaction.unscoped.get(pk=event.data["interaction_id"])
    own = matters_told_in(said.conversation).filter(pk=event.data["matter_id"]).exists()
    if not own and said.author_id:
        commands.meet_promises(happening="reply", matter_id=event.data["matter_id"], by=by, at=at)


def _wait(event: Event, what: str, at: datetime, by: Actor) -> None:
    """The next step is the customer's: promises whose standard says so stop counting until they answer."""
    commands.pause_promises(matter_id=event.data["matter_id"], waits_for=what, reason=str(WAITS[what]), by=by, at=at)


@_as_promises
def waits_for_confirmation(event: Event, at: datetime, by: Actor) -> None:
    if event.data["via"] not in SPOKEN_IN_PERSON:  # read aloud, it is answered on the spot
        _wait(event, "restatement", at, by)


@_as_promises
def waits_for_agreement(event: Event, at: datetime, by: Actor) -> None:
    _wait(event, "agreement", at, by)


@_as_promises
def waits_for_information(event: Event, at: datetime, by: Actor) -> None:
    if event.data.get("asks"):
        _wait(event, "information", at, by)


@_as_promises
def customer_answered(event: Event, at: datetime, by: Actor) -> None:
    commands.resume_promises(matter_id=event.data["matter_id"], by=by, at=at)


@_as_promises
def closed_without_reply(event: Event, at: datetime, by: Actor) -> None:
    number = event.data["conversation_id"]
    if Conversation.unscoped.filter(pk=number, state=Conversation.State.CLOSED).exists():
        commands.meet_promises(happening="conversation.closed", conversation_id=number, by=by, at=at)


@_as_promises
def stage_changed(event: Event, at: datetime, by: Actor) -> None:
    number, stage = event.data["matter_id"], event.data["to"]
    if event.data["move"] in OUR_TURN:
        commands.resume_promises(matter_id=number, by=by, at=at)
    if event.data["move"] in ("reopen", "overturn"):
        commands.make_promises(trigger="complaint.received", matter_id=number, by=by, at=at)
    happenings = {
        "acknowledged": ["complaint.acknowledged"], "offered": ["complaint.decided"],
        "closed": ["complaint.closed"], "rejected": ["complaint.closed"],
    }  # fmt: skip
    for happening in happenings.get(stage, []):
        commands.meet_promises(happening=happening, matter_id=number, by=by, at=at)
    if stage == "callback":
        commands.make_promises(trigger="complaint.callback_due", matter_id=number, by=by, at=at)
    if stage == "closed":  # tried on three days in vain also closes: no callback is owed any more
        commands.release_promises(matter_id=number, only=("callback",), reason=_("已结案"), by=by, at=at)
    if stage in ("withdrawn", "merged"):
        reason = _("客户撤诉") if stage == "withdrawn" else _("已并案办理")
        # what was learnt from it is checked all the same
        commands.release_promises(matter_id=number, but=("recurrence_check",), reason=reason, by=by, at=at)


@_as_promises
def task_done(event: Event, at: datetime, by: Actor) -> None:
    number = event.data["task_id"]
    commands.meet_promises(happening="task.done", task_id=number, by=by, at=at)
    for pk in Compensation.unscoped.filter(task_id=number, state="approved").values_list("pk", flat=True):
        commands.settle_compensation(compensation_id=pk, by=by, at=at)


@_as_promises
def reception_booked(event: Event, at: datetime, by: Actor) -> None:
    """The leader is reminded on the day, and the result is owed after it. Booking again moves that."""
    data, row = event.data, f"reception:{event.data['reception_id']}"
    starts_at = datetime.fromisoformat(data["starts_at"]).astimezone(CST)
    why, number = _("改约"), data["matter_id"]
    commands.release_promises(matter_id=number, only=("reception_day",), row=row, reason=why, by=by, at=at)
    facts = {"about": row, "owner_id": data["leader_id"], "day": str(starts_at.date()), "what": moment_text(starts_at)}
    commands.make_promises(trigger="reception.booked", matter_id=number, facts=facts, by=by, at=at)


@_as_promises
def correction_planned(event: Event, at: datetime, by: Actor) -> None:
    """The check whether it happened again is owed by its date, by whoever answers for the measure."""
    facts = {name: event.data[name] for name in ("owner_id", "check_on", "what")}
    facts["about"] = f"corrective:{event.data['corrective_id']}"
    number = event.data["matter_id"]
    commands.make_promises(trigger="correction.planned", matter_id=number, facts=facts, by=by, at=at)


@_as_promises
def recurrence_checked(event: Event, at: datetime, by: Actor) -> None:
    row, number = f"corrective:{event.data['corrective_id']}", event.data["matter_id"]
    commands.meet_promises(happening="recurrence.checked", matter_id=number, row=row, by=by, at=at)


@_as_promises
def reception_over(event: Event, at: datetime, by: Actor) -> None:
    """The customer did not come, or wants it no longer: the time we were to find is not owed any more."""
    number = event.data["matter_id"]
    commands.release_promises(
        matter_id=number, only=("reception", "reception_day"), reason=_("接待已取消或客户未到"), by=by, at=at
    )


@_as_promises
def task_canceled(event: Event, at: datetime, by: Actor) -> None:
    commands.release_promises(task_id=event.data["task_id"], reason=_("任务已取消"), by=by, at=at)


@_as_promises
def matter_assigned(event: Event, at: datetime, by: Actor) -> None:
    commands.move_promises(matter_id=event.data["matter_id"], owner_id=event.data["owner_id"], by=by, at=at)


@_as_promises
def calendar_changed(_event: Event, at: datetime, by: Actor) -> None:
    commands.replan_for_calendar(by=by, at=at)


def ask_for_change(event: Event, at: datetime) -> None:
    """Asked in the name of whoever wants it: their own manager decides."""
    request_approval(
        kind=event.data["kind"], subject_type="promises.promisechange", subject_id=event.data["change_id"],
        matter_id=event.data["matter_id"], title=event.data["title"], reason=event.data["reason"],
        by=current_actor(), at=at,
    )  # fmt: skip


@_as_promises
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


@_as_promises
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


@_as_promises
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
