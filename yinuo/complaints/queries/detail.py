"""Everything the matter page of a complaint needs, in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yinuo.complaints.models import Callback, Complaint
from yinuo.complaints.queries.facts import facts, missing_to_close, what_is_missing
from yinuo.complaints.queries.guidance import Guidance, guidance, safe_sentences
from yinuo.complaints.queries.papers import papers
from yinuo.complaints.queries.reaching import reached_by_mail
from yinuo.complaints.rules.choices import TELLING
from yinuo.complaints.rules.guards import Facts, Lack
from yinuo.complaints.rules.people import may_call_back, may_review
from yinuo.complaints.rules.promising import may_promise
from yinuo.complaints.states import MAIN_LINE, STAGE_LABELS, Move, moves_from, step_of
from yinuo.kernel.actor import current_actor
from yinuo.kernel.clock import CST
from yinuo.kernel.errors import Missing
from yinuo.kernel.planned import planned
from yinuo.matters.models import TimelineEntry
from yinuo.matters.queries import tasks_of, timeline
from yinuo.promises.models import Promise


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the stepper."""

    stage: str
    label: str
    done: bool
    here: bool


@dataclass(frozen=True, slots=True)
class NextMove:
    """A button: the move, and the sentences that still block it (empty: press it)."""

    move: Move
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Detail:
    complaint: Any
    facts: Facts
    steps: list[Step]
    moves: list[NextMove]
    missing_to_close: list[Lack]
    guidance: Guidance
    may_promise: list[str]
    may_call_back: bool
    may_review: bool
    timeline: list[Any]
    tasks: list[Any]
    promises: list[Any]
    approvals: list[Any]
    restatements: list[Any]
    findings: list[Any]
    proposals: list[Any]
    agreements: list[Any]
    callbacks: list[Any]
    reviews: list[Any]
    externals: list[Any]
    receptions: list[Any]
    merged: list[Any]
    held: list[Any]

    @property
    def proposal(self) -> Any:
        """The newest proposal, or None."""
        return self.proposals[0] if self.proposals else None

    @property
    def agreement(self) -> Any:
        """The newest agreement, or None."""
        return self.agreements[0] if self.agreements else None

    @property
    def to_tell(self) -> list[Any]:
        """The tasks by which somebody is asked to tell the customer something."""
        return [task for task in self.tasks if task.kind in TELLING and task.state == "open"]

    @property
    def restatement(self) -> Any:
        return self.restatements[0] if self.restatements else None


def complaint(complaint_id: int) -> Any:
    """The complaint with matter, customer, owner and unit, and whether mail would reach them (`mails`, `mails_links`);
    raises `Missing`. One statement.
    """
    found = _complaint(complaint_id=complaint_id)
    if not found:
        raise Missing(_("没有这件投诉，或您无权查看"))
    return found[0]


@planned("complaint_id")
def _complaint(*, complaint_id: int) -> QuerySet[Any]:
    return (
        Complaint.objects.filter(pk=complaint_id)
        .annotate(**reached_by_mail())
        .select_related(
            "matter__customer",
            "matter__owner",
            "matter__unit",
            "matter__conversation",
            "registered_by",
        )
        .defer("search", "matter__search", "matter__customer__search")
    )


def detail(complaint_id: int, *, entries: int = 100) -> Detail:
    """Newest first in every list. Six statements whatever the case has; five without `entries` of its story."""
    row, actor = complaint(complaint_id), current_actor()
    found = facts(row.pk, row=row)
    blocked = what_is_missing(row.pk, found=found, actor=actor)
    promises = _promises(matter_id=row.pk)
    handlers = [*row.handler_ids, *([row.matter.owner_id] if row.matter.owner_id else [])]
    here = step_of(row.stage)
    return Detail(
        complaint=row,
        facts=found,
        steps=[Step(s.value, str(STAGE_LABELS[s]), n < here, n == here) for n, s in enumerate(MAIN_LINE)],
        moves=[NextMove(m, tuple(blocked.get(m.name, ()))) for m in moves_from(row.stage, actor)],
        missing_to_close=missing_to_close(row.pk, found=found),
        guidance=guidance(row.stage, temperament=row.temperament, manner=row.manner),
        may_promise=may_promise(dated_sentences(promises), safe_sentences()),
        may_call_back=may_call_back(actor.staff_id, handlers),
        may_review=may_review(actor.staff_id, handlers),
        timeline=timeline(row.pk, limit=entries) if entries else [],
        tasks=tasks_of(matter_id=row.pk),
        promises=promises,
        **papers(row.pk),
    )


@planned("matter_id")
def _promises(*, matter_id: int) -> QuerySet[Any]:
    rows = Promise.objects.filter(matter_id=matter_id).order_by("-outstanding", "due_at")
    return rows.select_related("owner", "task", "standard", "compensation__task")


def raised_from(interaction_id: int) -> Any:
    """The matter of the complaint this interaction has become already, if the actor may see it. One statement."""
    lines = TimelineEntry.objects.filter(interaction=interaction_id, kind="received", matter__kind="complaint")
    line = lines.select_related("matter").defer("matter__search").first()
    return line.matter if line else None


def dated_sentences(promises: Iterable[Any]) -> list[str]:
    """What may be promised with a date: the next interim answer, from promises already made to this customer."""
    owed = [p for p in promises if p.outstanding and p.task_id is None and not p.about and p.state == "open"]
    return [
        _("我会在 %(when)s 之前给您答复，没有结果也会告诉您。") % {"when": f"{p.due_at.astimezone(CST):%m-%d %H:%M}"}
        for p in sorted(owed, key=lambda p: p.due_at)[:1]
    ]


def callbacks(complaint_id: int) -> list[Any]:
    """Every attempt to call back, newest first, of a case the actor was let into. One statement."""
    return _callbacks(complaint_id=complaint_id)


@planned("complaint_id")
def _callbacks(*, complaint_id: int) -> QuerySet[Any]:
    return Callback.unscoped.filter(complaint=complaint_id).select_related("by").order_by("-pk")
