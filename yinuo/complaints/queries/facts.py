"""Everything the guards look at, in one statement."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, TruncDate
from django.utils.translation import gettext as _

from yinuo.approvals.models import Approval
from yinuo.complaints.models import (
    Agreement,
    Callback,
    Complaint,
    CorrectiveAction,
    ExternalEscalation,
    Finding,
    LeaderReception,
    Proposal,
    ProposalItem,
    Review,
)
from yinuo.complaints.rules.choices import SEVERITY_RANK, ItemKind
from yinuo.complaints.rules.guards import Facts, Lack, missing
from yinuo.complaints.states import MOVES, Stage, moves_from
from yinuo.customers.models import ChannelIdentity
from yinuo.kernel.actor import Actor, current_actor
from yinuo.kernel.clock import CST
from yinuo.kernel.errors import Missing
from yinuo.kernel.planned import planned
from yinuo.matters.models import Task
from yinuo.promises.models import Promise
from yinuo.promises.queries import amends

LINKED_CHANNELS = frozenset({"portal", "email", "api"})


def _count(rows: QuerySet[Any], what: Any = "pk", *, group: str = "complaint") -> Coalesce:
    counted = rows.order_by().values(group).annotate(n=Count(what, distinct=True)).values("n")
    return Coalesce(Subquery(counted), 0)


def _with_facts() -> QuerySet[Complaint]:
    mine = {"complaint": OuterRef("pk")}
    cycle = {"cycle": OuterRef("reopened")}
    latest = Proposal.unscoped.filter(**mine).order_by("-version")
    items = ProposalItem.unscoped.filter(proposal__complaint=OuterRef("pk"))
    tasks = Task.unscoped.filter(matter=OuterRef("pk"), state="open")
    undone = Q(task=None) | Q(task__state="canceled")
    promises = Promise.unscoped.filter(matter=OuterRef("pk"), outstanding=True, obligation="personal")
    return Complaint.unscoped.annotate(
        f_customer=F("matter__customer_id"),
        f_identities=_count(
            ChannelIdentity.unscoped.filter(customer=OuterRef("matter__customer"), active=True), group="customer"
        ),
        f_findings=_count(Finding.unscoped.filter(**mine)),
        f_proposal=Subquery(latest.values("state")[:1]),
        f_reason=Subquery(latest.values("reason")[:1]),
        f_items=_count(items.filter(proposal__state="draft"), group="proposal__complaint"),
        f_agreement=Subquery(Agreement.unscoped.filter(**mine).order_by("-version").values("state")[:1]),
        f_tasks=ArraySubquery(tasks.order_by("pk").values("title")),
        f_undone=ArraySubquery(items.filter(undone, proposal__state="agreed").order_by("pk").values("kind")),
        f_running=_count(items.filter(task__state="open"), group="proposal__complaint"),
        f_approvals=_count(Approval.unscoped.filter(matter=OuterRef("pk"), state="pending"), group="matter"),
        f_reviews=_count(Review.unscoped.filter(**mine, state="pending")),
        f_promises=ArraySubquery(promises.order_by("pk").values("title")),
        f_amends=ArraySubquery(amends(matter=OuterRef("pk"))),
        f_thread_amends=ArraySubquery(amends(matter=None, conversation=OuterRef("matter__conversation"))),
        f_callbacks=_count(Callback.unscoped.filter(**mine, **cycle, reached=True)),
        f_unreached=_count(
            Callback.unscoped.filter(**mine, **cycle, reached=False).annotate(day=TruncDate("at", tzinfo=CST)), "day"
        ),
        f_corrective=_count(CorrectiveAction.unscoped.filter(**mine)),
        f_receptions=_count(LeaderReception.unscoped.filter(**mine, state__in=["requested", "booked"])),
        f_external=Subquery(
            ExternalEscalation.unscoped.filter(**mine).order_by("-pk").annotate(r=F("result")).values("r")[:1]
        ),
    )


_OWN = (
    "stage", "channel", "content", "phone", "email", "restatement", "kind", "judgement", "severity", "basis",
    "understood", "supervisor_decision", "satisfaction",
)  # fmt: skip


@planned("complaint_id")
def _read(*, complaint_id: int) -> QuerySet[Any]:
    rows: QuerySet[Any] = _with_facts()
    return rows.filter(pk=complaint_id).values(*_OWN, *rows.query.annotations)


def facts(complaint_id: int, *, row: Complaint | None = None) -> Facts:
    """The facts of one complaint. One statement. A command that has changed `row` in memory passes it along, so
    that its own columns count as they are about to be written. The caller has been let into the complaint.
    """
    rows = _read(complaint_id=complaint_id)
    if not rows:
        raise Missing(_("没有这件投诉，或您无权查看"))
    [found] = rows
    own = {name: getattr(row, name) for name in _OWN} if row is not None else found
    owed = [*found["f_amends"], *found["f_thread_amends"]]
    return Facts(
        stage=own["stage"],
        channel=own["channel"],
        has_content=bool(own["content"].strip()),
        has_customer=found["f_customer"] is not None,
        reachable=bool(own["phone"] or own["email"] or found["f_identities"] or own["channel"] in LINKED_CHANNELS),
        restatement=own["restatement"],
        kind=own["kind"],
        judgement=own["judgement"],
        severity=SEVERITY_RANK.get(own["severity"], 1),
        findings=found["f_findings"],
        evidence=bool(own["basis"].strip()),
        understood=own["understood"],
        supervisor_decided=bool(own["supervisor_decision"]),
        proposal_state=found["f_proposal"] or "",
        proposal_items=found["f_items"],
        proposal_reason=bool((found["f_reason"] or "").strip()),
        agreement_state=found["f_agreement"] or "",
        open_tasks=tuple(found["f_tasks"]),
        unassigned_items=tuple(str(ItemKind(kind).label) for kind in found["f_undone"]),
        paid_or_shipped=found["f_running"],
        pending_approvals=found["f_approvals"],
        pending_reviews=found["f_reviews"],
        personal_promises=tuple(found["f_promises"]),
        amends_owed=_owed(owed, "amends"),
        unpaid=_owed(owed, "unpaid"),
        undecided=_owed(owed, "undecided"),
        callbacks_done=found["f_callbacks"],
        satisfaction=own["satisfaction"],
        unreached_days=found["f_unreached"],
        corrective_actions=found["f_corrective"],
        open_receptions=found["f_receptions"],
        external_result=bool(found["f_external"]),
    )


def _owed(rows: list[str], what: str) -> tuple[str, ...]:
    return tuple(row.partition(":")[2] for row in rows if row.partition(":")[0] == what)


def what_is_missing(
    complaint_id: int, *, found: Facts | None = None, actor: Actor | None = None
) -> dict[str, list[Lack]]:
    """For each move the actor might make now, the sentences that still block it (an empty list: it may go)."""
    found = found or facts(complaint_id)
    return {m.name: missing(m, found) for m in moves_from(found.stage, actor or current_actor())}


def missing_to_close(complaint_id: int, *, found: Facts | None = None) -> list[Lack]:
    """What stands between this complaint and its close, whatever stage it is in."""
    found = found or facts(complaint_id)
    if found.stage == Stage.CLOSED:
        return []
    return missing(MOVES["close"], found)
