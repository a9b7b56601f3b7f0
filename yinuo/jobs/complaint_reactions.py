"""What decisions and important customers set in motion on the complaint desk. Wired in `reactions.py`."""

from datetime import datetime

from django.utils.translation import gettext as _

from yinuo.complaints import commands
from yinuo.complaints.rules.choices import TELLING
from yinuo.conversations.models import Interaction
from yinuo.identity.models import Staff
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.events import Event
from yinuo.matters.commands import add_collaborators
from yinuo.matters.models import Matter, Task
from yinuo.matters.plain import matters_told_in

COMPLAINTS = Actor.system("complaints")


def decided(event: Event, at: datetime) -> None:
    """An approval about a proposal or a rejection was decided: the complaint moves on or back."""
    data = event.data
    said = {"decision": data["decision"], "comment": data.get("comment", "")}
    with acting_as(COMPLAINTS):
        if data["subject_type"] == "complaints.proposal":
            commands.apply_proposal_decision(proposal_id=data["subject_id"], at=at, **said)
        elif data["subject_type"] == "complaints.complaint" and data["kind"] == "rejection":
            commands.apply_rejection_decision(approval_id=data["approval_id"], at=at, **said)


def beyond_authority(event: Event, at: datetime) -> None:
    """The sum is more than the usual approver may grant: whoever decides about it takes part in the case."""
    matter = Matter.unscoped.filter(pk=event.data["matter_id"] or 0, kind="complaint").first()
    if matter:
        person = Staff.objects.get(pk=event.data["staff_id"])
        with acting_as(COMPLAINTS):
            add_collaborators(pairs=[(matter, person)], at=at)


def answered_in_the_inbox(event: Event, at: datetime) -> None:
    """Whoever writes to the customer in the thread of a case has handled it, and will not be the one to call back."""
    if event.data["direction"] != "out":
        return
    said = Interaction.unscoped.select_related("conversation").get(pk=event.data["interaction_id"])
    if said.author_id is None or said.channel == "note":
        return
    cases = list(matters_told_in(said.conversation).filter(kind="complaint", open=True).values_list("pk", flat=True))
    if cases:
        with acting_as(COMPLAINTS):
            commands.worked_on(matter_ids=cases, staff_id=said.author_id, at=at)


def task_done(event: Event, at: datetime) -> None:
    """Whoever did what was agreed does not ask how it went; what they were asked to tell the customer is said now."""
    if event.data["kind"] in TELLING:
        with acting_as(COMPLAINTS):
            commands.told(task_id=event.data["task_id"], at=at)
    done_by = Task.unscoped.filter(pk=event.data["task_id"]).values_list("done_by_id", flat=True).first()
    if done_by:
        with acting_as(COMPLAINTS):
            commands.worked_on(matter_ids=[event.data["matter_id"]], staff_id=done_by, at=at)


def important_customer(event: Event, at: datetime) -> None:
    """An A-grade customer complains: somebody higher takes part from the first minute."""
    if event.data["grade"] == "A":
        with acting_as(COMPLAINTS):
            commands.escalate(complaint_id=event.data["matter_id"], reason=_("A 级客户投诉"), at=at)


def grave(event: Event, at: datetime) -> None:
    """Judged critical, or with a risk to the public: somebody higher takes part."""
    if event.data["newly_grave"]:
        with acting_as(COMPLAINTS):
            commands.escalate(complaint_id=event.data["matter_id"], reason=_("重大投诉或有外部风险"), at=at)
