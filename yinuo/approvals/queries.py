"""Reads about approvals."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, Min, OuterRef, Prefetch, Q, QuerySet, Subquery, Value

from yinuo.approvals.models import Approval, ApprovalRule, ApprovalStep
from yinuo.identity.queries import away, deciders, stood_in_for
from yinuo.kernel import clock
from yinuo.kernel.actor import current_actor


def open_to_me() -> QuerySet[Any]:
    """What one sees by scope, what one decides or has decided in somebody's place, and, for who manages staff and may
    hand steps over, whatever is pending. `inside` says whether a row is more than that: who only hands it over sees
    whose turn it is, not the case (`heading`).
    """
    actor = current_actor()
    by_scope = Approval.visible_q(actor)
    if not by_scope or actor.staff_id is None:
        return Approval.objects.annotate(inside=Value(True))
    for_others = Q(staff_id__in=stood_in_for(actor.staff_id, clock.now())) | Q(decided_by_id=actor.staff_id)
    seen = by_scope | Q(pk__in=ApprovalStep.unscoped.filter(for_others).values("approval_id"))
    if not (actor.may("approval.hand_over") and actor.may("staff.manage")):
        return Approval.unscoped.filter(seen).annotate(inside=Value(True))
    of_theirs = Approval.unscoped.filter(seen, pk=OuterRef("pk"))
    pending = Q(state=Approval.State.PENDING)
    return Approval.unscoped.filter(seen | pending).annotate(inside=Exists(of_theirs))


def waiting_for_me() -> QuerySet[Any]:
    """Requests whose next step is mine, or that of somebody I stand in for, oldest first."""
    me = current_actor().staff_key
    whose = Q(staff_id=me) | Q(staff_id__in=stood_in_for(me, clock.now())) & ~Q(approval__requested_by_id=me)
    return _pending(whose)


def stuck() -> QuerySet[Any]:
    """Requests whose next approver has left, may not decide any more, or is away without anybody in their place."""
    now = clock.now()
    substitute = away(now).filter(staff_id=OuterRef("staff_id"))
    nobody = substitute.filter(Q(substitute__is_active=False) | Q(substitute_id=OuterRef("approval__requested_by_id")))
    return _pending(~Q(staff_id__in=deciders().order_by().values("pk")) | Q(Exists(nobody)))


def stands_in(staff_id: int) -> bool:
    """Whether the actor decides in this person's place now. One statement."""
    return stood_in_for(current_actor().staff_key, clock.now()).filter(staff_id=staff_id).exists()


def _pending(next_step: Q) -> QuerySet[Any]:
    """Pending requests whose next step fits."""
    first = (
        ApprovalStep.unscoped.filter(approval=OuterRef("approval"), state="pending")
        .values("approval")
        .annotate(n=Min("seq"))
        .values("n")
    )
    fit = ApprovalStep.unscoped.filter(next_step, state="pending", seq=Subquery(first)).values("approval_id")
    return _rows().filter(state="pending", pk__in=fit).order_by("created_at", "pk")


def asked_by_me() -> QuerySet[Any]:
    return _rows().filter(requested_by_id=current_actor().staff_id).order_by("-created_at", "-pk")


def decided_by_me() -> QuerySet[Any]:
    mine = ApprovalStep.unscoped.filter(decided_by_id=current_actor().staff_id).values("approval_id")
    return _rows().filter(pk__in=mine).order_by("-created_at", "-pk")


def every_one() -> QuerySet[Any]:
    """All one may see, newest first."""
    return _rows().order_by("-created_at", "-pk")


def of_matter(matter_id: int) -> list[Any]:
    """Two statements."""
    return list(_rows().filter(matter_id=matter_id).order_by("-pk"))


def asked_about(subject_type: str, subject_ids: Iterable[int]) -> set[int]:
    """Which of these somebody is being asked about now. One statement."""
    asked = Approval.objects.filter(subject_type=subject_type, subject_id__in=subject_ids, state="pending")
    return set(asked.values_list("subject_id", flat=True))


def one(approval_id: int) -> Any:
    return _rows().filter(pk=approval_id).first()


def rules() -> list[ApprovalRule]:
    return list(ApprovalRule.objects.order_by("kind", "up_to"))


def _rows() -> QuerySet[Any]:
    people = ApprovalStep.unscoped.select_related("staff", "decided_by", "handed_from", "handed_by").order_by("seq")
    rows = open_to_me().select_related("matter__customer", "requested_by")
    return rows.prefetch_related(Prefetch("steps", people))
