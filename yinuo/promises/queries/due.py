"""When the clock has to look again, and what nobody has decided."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Min, QuerySet
from django.db.models.functions import Coalesce, Mod

from yinuo.promises.models import Compensation, Promise

#: The part of what is due that one of several hands takes: which of how many. What is about one matter stays together.
Lane = tuple[int, int]
ALL: Lane = (0, 1)


def next_wake_at(skip: Collection[int] = ()) -> datetime | None:
    """The earliest moment something comes due. One statement, the first entry of one index."""
    rows = Promise.unscoped.filter(wakes_at__isnull=False).exclude(pk__in=skip)
    found: datetime | None = rows.aggregate(next=Min("wakes_at"))["next"]
    return found


def due(at: datetime, skip: Collection[int] = (), lane: Lane = ALL) -> QuerySet[Promise]:
    """What has come due by `at`, the longest due first."""
    rows = Promise.unscoped.filter(wakes_at__lte=at).exclude(pk__in=skip).order_by("wakes_at", "pk")
    which, of = lane
    return rows.alias(lane=Mod(Coalesce("matter_id", "pk"), of)).filter(lane=which) if of > 1 else rows


def undecided_money() -> list[int]:
    """Compensation in money that is neither agreed to nor refused, oldest first."""
    rows = Compensation.objects.filter(state=Compensation.State.PROPOSED, amount__isnull=False)
    return list(rows.order_by("pk").values_list("pk", flat=True))
