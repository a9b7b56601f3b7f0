"""When the clock has to look again, and what nobody has decided."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Min

from yinuo.promises.models import Compensation, Promise


def next_wake_at(skip: Collection[int] = ()) -> datetime | None:
    """The earliest moment something comes due. One statement, the first entry of one index."""
    rows = Promise.unscoped.filter(wakes_at__isnull=False).exclude(pk__in=skip)
    found: datetime | None = rows.aggregate(next=Min("wakes_at"))["next"]
    return found


def due_ids(at: datetime, skip: Collection[int] = (), limit: int = 50) -> list[int]:
    rows = Promise.unscoped.filter(wakes_at__lte=at).exclude(pk__in=skip).order_by("wakes_at", "pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def undecided_money() -> list[int]:
    """Compensation in money that is neither agreed to nor refused, oldest first."""
    rows = Compensation.objects.filter(state=Compensation.State.PROPOSED, amount__isnull=False)
    return list(rows.order_by("pk").values_list("pk", flat=True))
