"""Words that go out later: one job at the moment, and a sweep so that nothing is lost by a power cut."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from yinuo.approvals.commands import request_approval, withdraw_approval
from yinuo.approvals.models import Approval
from yinuo.conversations.holding import apply_wording_decision, send_held
from yinuo.conversations.models import HeldMessage
from yinuo.conversations.queries import due_to_send
from yinuo.identity.models import Staff
from yinuo.identity.queries import actor_for
from yinuo.jobs.deferring import defer, job, periodic
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as, current_actor
from yinuo.kernel.events import Event
from yinuo.matters.commands import save_draft

#: Further ahead the sweep finds it: no job is planned for longer than a day.
PLANNED = timedelta(hours=20)


@job("hold.send", queue="mail")
def send(hold_id: int) -> str:
    return str(send_held(hold_id=hold_id, at=clock.now()).state)


@job("hold.decide")
def decide(hold_id: int, decision: str, comment: str, decided_by: int | None) -> str:
    now = clock.now()
    row = apply_wording_decision(
        hold_id=hold_id, decision=decision, comment=comment, decided_by=decided_by, at=now
    )  # fmt: skip
    return str(send_held(hold_id=row.pk, at=now).state)


@periodic("* * * * *")
@job("hold.sweep", queue="mail", retry=None)
def sweep(timestamp: int = 0) -> int:
    found = due_to_send(clock.now())
    for hold_id in found:
        defer("hold.send", lock=f"hold:{hold_id}", unique=f"hold.sweep:{hold_id}", hold_id=hold_id)
    return len(found)


def plan(event: Event, at: datetime) -> None:
    """Reaction to `hold.placed`: the job joins the same transaction."""
    hold_id, due = int(event.data["hold_id"]), datetime.fromisoformat(event.data["due_at"])
    if due <= at + PLANNED:
        defer("hold.send", lock=f"hold:{hold_id}", at=due if due > at else None, hold_id=hold_id)


def ask(event: Event, at: datetime) -> None:
    """Reaction to `hold.asked`: whoever answers for the author is asked about the words."""
    row = HeldMessage.objects.get(pk=event.data["hold_id"])
    request_approval(
        kind="wording", subject_type="conversations.heldmessage", subject_id=row.pk, matter_id=row.matter_number,
        title=_("放行措辞：%(words)s") % {"words": row.text[:60]},
        reason=_("%(why)s\n\n要发的原文：\n%(text)s") % {"why": row.note, "text": row.text[:1200]},
        payload={"hold": row.pk}, by=current_actor(), at=at,
    )  # fmt: skip


def decided(event: Event, at: datetime) -> None:
    """Reaction to `approval.decided`. The row is taken by a job of its own, before anything it leads to."""
    data = event.data
    if data["kind"] != "wording":
        return
    decided_by = current_actor().staff_id
    given = {"hold_id": data["subject_id"], "decision": data["decision"], "comment": data.get("comment", "")}
    defer("hold.decide", lock=f"hold:{data['subject_id']}", decided_by=decided_by, **given)


def give_back(event: Event, at: datetime) -> None:
    """Reaction to `hold.recalled` and `hold.returned`: the words are their author's draft again, and nobody is asked
    about them any more.
    """
    with acting_as(Actor.system("holds")):
        row = HeldMessage.objects.select_related("author").get(pk=event.data["hold_id"])
        asked = Approval.objects.filter(
            subject_type="conversations.heldmessage", subject_id=row.pk, state=Approval.State.PENDING
        ).first()
        if asked:
            withdraw_approval(approval_id=asked.pk, at=at)
    if row.draft_key:
        typed = {name: value for name, value in row.values.items() if isinstance(value, str) and name != "upload_key"}
        with acting_as(actor_for(Staff.objects.get(pk=row.author_id))):
            save_draft(key=row.draft_key, data=typed, at=at)
