"""What somebody has put aside for now. The same rule as `rules.snoozing.is_aside`, in SQL."""

from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from yinuo.kernel import clock
from yinuo.kernel.actor import current_actor
from yinuo.kernel.planned import planned
from yinuo.matters.models import Task
from yinuo.promises.models import Snooze
from yinuo.promises.states import State

#: So many are shown and counted at most.
MOST = 200
ROW = (
    "pk", "until", "reason", "note", "promise_id", "promise__title", "promise__due_at", "promise__explanation",
    "promise__matter_id", "promise__matter__number", "promise__matter__title", "promise__customer_id",
    "promise__customer__name", "promise__customer__grade", "task_id", "task__title", "task__matter_id",
    "task__matter__number", "task__matter__title", "task__matter__customer_id", "task__matter__customer__name",
    "task__matter__customer__grade",
)  # fmt: skip


def promise_aside() -> Q:
    """Promises the actor put aside: still running, not warned of, due no sooner than then."""
    mine = Snooze.unscoped.filter(
        staff_id=current_actor().staff_key, promise=OuterRef("pk"), until__gt=clock.now(),
        due_at__lte=OuterRef("due_at"),
    )  # fmt: skip
    return Q(Exists(mine), state=State.OPEN.value, warned=False, due_at__gt=clock.now())


def task_aside() -> Q:
    """Tasks the actor put aside."""
    mine = Snooze.unscoped.filter(staff_id=current_actor().staff_key, task=OuterRef("pk"), until__gt=clock.now())
    return Q(Exists(mine))


@planned()
def aside() -> QuerySet[Any]:
    """What the actor put aside and still owes, the first to come back first. One statement."""
    actor = current_actor()
    owed = Q(promise__owner_id=actor.staff_key) | Q(promise__owner=None, promise__unit_id=actor.unit_id or 0)
    owed |= Q(promise__task__assignee_id=actor.staff_key)
    promises = owed & Q(promise__outstanding=True) & still_aside("promise__")
    asked = Q(task__assignee_id=actor.staff_key) | Q(task__assignee=None, task__unit_id__in=sorted(actor.unit_ids))
    tasks = Q(task__state=Task.State.OPEN) & asked
    rows: QuerySet[Any] = Snooze.unscoped.filter(promises | tasks, staff_id=actor.staff_key, until__gt=clock.now())
    shown: QuerySet[Any] = rows.order_by("until", "pk").values(*ROW)[:MOST]
    return shown


def still_aside(prefix: str = "") -> Q:
    """Of a snooze: its promise has come no nearer since."""
    running = Q(**{f"{prefix}state": State.OPEN.value, f"{prefix}warned": False, f"{prefix}due_at__gt": clock.now()})
    return running & Q(**{f"{prefix}due_at__gte": F("due_at")})
