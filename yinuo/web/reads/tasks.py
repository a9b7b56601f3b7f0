"""Tasks with the promise that stands for each."""

from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from yinuo.kernel.actor import Actor
from yinuo.matters.models import Task
from yinuo.promises.models import Promise


def tasks_for(actor: Actor) -> QuerySet[Any]:
    """Asked of me, or of my department and nobody in it; each with its promise's due time and words."""
    promise = Promise.unscoped.filter(task=OuterRef("pk")).order_by("-outstanding", "-pk")
    mine = Q(assignee_id=actor.staff_key) | Q(assignee=None, unit_id__in=sorted(actor.unit_ids))
    return (
        Task.objects.filter(mine)
        .select_related("matter__customer", "unit", "assignee")
        .annotate(
            due_at=Subquery(promise.values("due_at")[:1]),
            promise_state=Subquery(promise.values("state")[:1]),
            kept_at=Subquery(promise.values("kept_at")[:1]),
            explanation=Subquery(promise.values("explanation")[:1]),
        )
    )
