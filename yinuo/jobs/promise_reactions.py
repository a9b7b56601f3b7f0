"""What makes, keeps and moves promises. Beside it: `promise_waits.py` pauses them, `promise_dates.py` is about days
agreed on, `promise_decisions.py` about what a person decides.

Each runs as the product itself. Which event causes which is listed in `reactions.py`.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.utils.translation import gettext as _

from yinuo.complaints.models import Complaint
from yinuo.complaints.rules.choices import SPOKEN_IN_PERSON
from yinuo.complaints.rules.conditions import for_standards
from yinuo.complaints.states import ENDED, STAGE_LABELS, Stage
from yinuo.conversations.models import Conversation, Interaction
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.work import Event, Reaction
from yinuo.matters.models import Matter
from yinuo.matters.plain import matters_told_in
from yinuo.promises import commands
from yinuo.promises.models import Compensation

PROMISES = Actor.system("promises")
#: Kinds of words that ask nothing, and what standards may make of them: never those for a question or a complaint.
NO_QUESTION = {"praise": "praise.received", "suggestion": "suggestion.received"}
#: After these the customer is waited for as before: they were only told, or an outside body has the case. Any other
#: move means that they answered, that we took back what they were asked, or that we go on without their answer.
STILL_THEIR_TURN = ("acknowledge", "escalate_out")


def as_promises(react: Callable[[Event, datetime, Actor], object]) -> Reaction:
    @wraps(react)
    def reaction(event: Event, at: datetime) -> None:
        with acting_as(PROMISES):
            react(event, at, PROMISES)

    return reaction


def makes(trigger: str, since: str = "") -> Reaction:
    """The standards for `trigger` make their promises; what the event says are facts for their conditions. They count
    from the moment the event names as `since`, or from now.
    """

    def react(event: Event, at: datetime, by: Actor) -> None:
        facts = {k: v for k, v in event.data.items() if k != "matter_id"}
        began = datetime.fromisoformat(facts[since]) if since else at
        number = event.data.get("matter_id")
        commands.make_promises(trigger=trigger, matter_id=number, facts=facts, since=began, by=by, at=at)

    react.__name__ = f"makes_{trigger}"
    return as_promises(react)


def meets(happening: str) -> Reaction:
    def react(event: Event, at: datetime, by: Actor) -> None:
        commands.meet_promises(happening=happening, matter_id=event.data["matter_id"], by=by, at=at)

    react.__name__ = f"meets_{happening}"
    return as_promises(react)


@as_promises
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


@as_promises
def nothing_was_asked(event: Event, at: datetime, by: Actor) -> None:
    """A message turned out to be praise or a suggestion: the answer owed to a question is not owed to it."""
    matter = Matter.unscoped.filter(pk=event.data["matter_id"], kind__in=NO_QUESTION).first()
    if matter and matter.conversation_id:
        why = _("登记为%(kind)s") % {"kind": matter.get_kind_display()}
        number = matter.conversation_id
        commands.release_promises(conversation_id=number, only=("answer",), reason=why, by=by, at=at)


@as_promises
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


@as_promises
def reply_beside_the_thread(event: Event, at: datetime, by: Actor) -> None:
    """A reply that went by another thread than the matter's own; the own one was seen as an interaction."""
    said = Interaction.unscoped.get(pk=event.data["interaction_id"])
    own = matters_told_in(said.conversation).filter(pk=event.data["matter_id"]).exists()
    if not own and said.author_id:
        commands.meet_promises(happening="reply", matter_id=event.data["matter_id"], by=by, at=at)


@as_promises
def closed_without_reply(event: Event, at: datetime, by: Actor) -> None:
    number = event.data["conversation_id"]
    if Conversation.unscoped.filter(pk=number, state=Conversation.State.CLOSED).exists():
        commands.meet_promises(happening="conversation.closed", conversation_id=number, by=by, at=at)


@as_promises
def stage_changed(event: Event, at: datetime, by: Actor) -> None:
    number, stage, move = event.data["matter_id"], event.data["to"], event.data["move"]
    if move not in STILL_THEIR_TURN and stage not in ENDED:
        commands.resume_promises(matter_id=number, with_the_case=True, by=by, at=at)
    if move in ("reopen", "overturn"):
        facts = for_standards(Complaint.unscoped.defer("search").get(pk=number))
        commands.make_promises(trigger="complaint.received", matter_id=number, facts=facts, by=by, at=at)
    happenings = {
        "acknowledged": ["complaint.acknowledged"], "offered": ["complaint.decided"],
        "closed": ["complaint.closed"], "rejected": ["complaint.closed"],
    }  # fmt: skip
    for happening in happenings.get(stage, []):
        commands.meet_promises(happening=happening, matter_id=number, by=by, at=at)
    if stage == "callback":
        commands.make_promises(trigger="complaint.callback_due", matter_id=number, by=by, at=at)
    left = event.data["frm"] == Stage.CALLBACK and move != "callback_dissatisfied"  # that one is said in the callback
    if left or stage == "closed":  # tried on three days in vain also closes: no callback is owed any more
        reason = _("已结案") if stage == "closed" else _("投诉转入“%s”") % STAGE_LABELS[Stage(stage)]
        commands.release_promises(matter_id=number, only=("callback",), reason=reason, by=by, at=at)
    if stage in ("withdrawn", "merged"):
        reason = _("客户撤诉") if stage == "withdrawn" else _("已并案办理")
        # what was learnt from it is checked all the same
        learnt = ("recurrence_check", "new_correction")
        commands.release_promises(matter_id=number, but=learnt, reason=reason, by=by, at=at)


@as_promises
def task_done(event: Event, at: datetime, by: Actor) -> None:
    number = event.data["task_id"]
    commands.meet_promises(happening="task.done", task_id=number, by=by, at=at)
    for pk in Compensation.unscoped.filter(task_id=number, state="approved").values_list("pk", flat=True):
        commands.settle_compensation(compensation_id=pk, by=by, at=at)


@as_promises
def task_canceled(event: Event, at: datetime, by: Actor) -> None:
    commands.release_promises(task_id=event.data["task_id"], reason=_("任务已取消"), by=by, at=at)


@as_promises
def matter_assigned(event: Event, at: datetime, by: Actor) -> None:
    commands.move_promises(matter_id=event.data["matter_id"], by=by, at=at, **_handed(event))


@as_promises
def task_assigned(event: Event, at: datetime, by: Actor) -> None:
    commands.move_promises(task_id=event.data["task_id"], by=by, at=at, **_handed(event))


def _handed(event: Event) -> dict[str, Any]:
    return {"owner_id": event.data["owner_id"], "apart": event.data.get("apart", ())}


@as_promises
def calendar_changed(_event: Event, at: datetime, by: Actor) -> None:
    commands.replan_for_calendar(by=by, at=at)
