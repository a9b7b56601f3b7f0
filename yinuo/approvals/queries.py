"""Reads about approvals."""

from typing import Any

from django.db.models import Min, OuterRef, QuerySet, Subquery

from yinuo.approvals.models import Approval, ApprovalRule, ApprovalStep
from yinuo.kernel.actor import current_actor


def waiting_for_me() -> QuerySet[Any]:
    """Requests whose next step is mine, oldest first."""
    first = (
        ApprovalStep.unscoped.filter(approval=OuterRef("approval"), state="pending")
        .values("approval")
        .annotate(n=Min("seq"))
        .values("n")
    )
    mine = ApprovalStep.unscoped.filter(
        staff_id=current_actor().staff_key, state="pending", seq=Subquery(first)
    ).values("approval_id")
    return _rows().filter(state="pending", pk__in=mine).order_by("created_at", "pk")


def asked_by_me() -> QuerySet[Any]:
    return _rows().filter(requested_by_id=current_actor().staff_id).order_by("-created_at", "-pk")


def decided_by_me() -> QuerySet[Any]:
    mine = ApprovalStep.unscoped.filter(decided_by_id=current_actor().staff_id).values("approval_id")
    return _rows().filter(pk__in=mine).order_by("-created_at", "-pk")


def of_matter(matter_id: int) -> list[Any]:
    """Two statements."""
    return list(_rows().filter(matter_id=matter_id).order_by("-pk"))


def one(approval_id: int) -> Any:
    return _rows().filter(pk=approval_id).first()


def rules() -> list[ApprovalRule]:
    return list(ApprovalRule.objects.order_by("kind", "up_to"))


def _rows() -> QuerySet[Any]:
    return Approval.objects.select_related("matter__customer", "requested_by").prefetch_related("steps__staff")
