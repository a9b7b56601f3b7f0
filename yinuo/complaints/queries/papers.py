"""The papers of a case: what hangs on a complaint, in one statement whatever there is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from yinuo.approvals.models import Approval, ApprovalStep
from yinuo.complaints.models import (
    Agreement,
    Callback,
    Complaint,
    CorrectiveAction,
    ExternalEscalation,
    Finding,
    Improvement,
    LeaderReception,
    Proposal,
    ProposalItem,
    Publication,
    RepairPlan,
    Responsibility,
    Restatement,
    Review,
    Reward,
)
from yinuo.complaints.rules.choices import ResponsibilityState
from yinuo.complaints.rules.people import proposed_step
from yinuo.conversations.models import HeldMessage
from yinuo.conversations.queries import held
from yinuo.identity.models import Staff, Unit
from yinuo.kernel.bundles import Part, Shape, columns, read
from yinuo.kernel.errors import Missing
from yinuo.kernel.planned import planned
from yinuo.matters.models import Matter

PERSON, UNIT = Shape(Staff, only=("name",)), Shape(Unit, only=("name",))


def _of_case(model: Any, order: str = "-pk") -> QuerySet[Any]:
    """Rows of a case the actor was already let into."""
    rows: QuerySet[Any] = model.unscoped.filter(complaint=OuterRef("pk"))
    return rows.order_by(order)


def _part(model: Any, order: str = "-pk", **beside: Shape) -> Part:
    return Part(partial(_of_case, model, order), Shape(model, beside={"by": PERSON, **beside}))


def _approvals() -> QuerySet[Any]:
    return Approval.unscoped.filter(matter=OuterRef("pk")).order_by("-pk")


def _steps() -> QuerySet[Any]:
    return ApprovalStep.unscoped.filter(approval=OuterRef("pk")).order_by("seq")


def _items() -> QuerySet[Any]:
    return ProposalItem.unscoped.filter(proposal=OuterRef("pk")).order_by("position")


def _merged() -> QuerySet[Any]:
    return Complaint.unscoped.filter(merged_into=OuterRef("pk")).order_by("pk")


def _held() -> QuerySet[Any]:
    return held().filter(matter_number=OuterRef("pk"))


def _responsibilities() -> QuerySet[Any]:
    """With how often each of these people has been found at fault by now."""
    decided = Responsibility.unscoped.filter(staff=OuterRef("staff"), state=ResponsibilityState.DECIDED)
    before = Subquery(decided.order_by().values("staff").annotate(n=Count("pk")).values("n"))
    rows = Responsibility.objects.filter(complaint=OuterRef("pk"))
    return rows.annotate(decided_now=Coalesce(before, 0)).order_by("-pk")


#: The lines of a proposal, for whoever reads proposals.
ITEMS = Part(_items, Shape(ProposalItem, beside={"unit": UNIT}))
STEPS = Part(_steps, Shape(ApprovalStep, beside={"staff": PERSON}))
NAMED = Shape(Complaint, only=("matter",), beside={"matter": Shape(Matter, only=("number", "title"))})
ANSWERS_FOR = Shape(
    Responsibility, annotated=("decided_now",), beside={"by": PERSON, "staff": PERSON, "decided_by": PERSON}
)
HELD = Shape(HeldMessage, only=("text", "state", "pressed_at", "due_at", "version"), beside={"author": PERSON})
#: What is shown while a case is handled: the newest first, but for cases merged into it and what
#: waits to go out.
PAPERS = {
    "approvals": Part(_approvals, Shape(Approval, below={"steps_shown": STEPS})),
    "restatements": _part(Restatement, "-version"),
    "findings": _part(Finding, unit=UNIT),
    "proposals": Part(partial(_of_case, Proposal, "-version"), Shape(Proposal, below={"items_shown": ITEMS})),
    "agreements": _part(Agreement, "-version"),
    "callbacks": _part(Callback),
    "reviews": _part(Review, reviewer=PERSON),
    "externals": _part(ExternalEscalation),
    "receptions": _part(LeaderReception, leader=PERSON),
    "merged": Part(_merged, NAMED),
    "held": Part(_held, HELD),
}
#: What follows a case.
AFTER = {
    "corrective_actions": _part(CorrectiveAction, unit=UNIT, owner=PERSON),
    "responsibilities": Part(_responsibilities, ANSWERS_FOR),
    "repair_plans": _part(RepairPlan, owner=PERSON),
    "improvements": _part(Improvement, addressed_to=UNIT, answered_by=PERSON),
    "publications": _part(Publication, unit=UNIT),
    "rewards": _part(Reward),
}


def papers(complaint_id: int) -> dict[str, list[Any]]:
    """Those of a case the actor was let into. One statement."""
    [found] = _papers(complaint_id=complaint_id)
    return read(PAPERS, found)


@planned("complaint_id")
def _papers(*, complaint_id: int) -> QuerySet[Any]:
    return Complaint.unscoped.filter(pk=complaint_id).values(**columns(PAPERS))


@dataclass(frozen=True, slots=True)
class Aftermath:
    """The tab that follows a case."""

    corrective_actions: list[Any]
    responsibilities: list[Any]
    repair_plans: list[Any]
    improvements: list[Any]
    publications: list[Any]
    rewards: list[Any]


def aftermath(complaint_id: int) -> Aftermath:
    """One statement. Responsibilities only for those who propose or decide them, and the person concerned; with what
    the ladder advises now for those still to be decided: other cases may have been decided since.
    """
    rows = _aftermath(complaint_id=complaint_id)
    if not rows:
        raise Missing(_("没有这件投诉，或您无权查看"))
    found = Aftermath(**read(AFTER, rows[0]))
    for row in found.responsibilities:
        if row.state == ResponsibilityState.PROPOSED:
            row.decided_before, row.proposed_step = row.decided_now, proposed_step(row.decided_now)
    return found


@planned("complaint_id")
def _aftermath(*, complaint_id: int) -> QuerySet[Any]:
    return Complaint.objects.filter(pk=complaint_id).values(**columns(AFTER))
