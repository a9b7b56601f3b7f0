"""How a team stands: who owes how much by when, and what each owes next. The same few statements for any number."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from yinuo.kernel import clock
from yinuo.promises.models import Promise, Snooze
from yinuo.promises.queries.board import Rate, conditions_at, rates_of
from yinuo.promises.queries.snoozing import still_aside

#: Rows drawn for each person at first, and more at a wish.
FIRST, MORE = 3, 20


@dataclass(frozen=True)
class Load:
    """What one person owes: in all, late, at risk, due today, and put aside."""

    open: int = 0
    late: int = 0
    risk: int = 0
    today: int = 0
    aside: int = 0


@dataclass
class Standing:
    """The loads, the rates and the next rows by owner; None is nobody."""

    loads: dict[int | None, Load] = field(default_factory=dict)
    rates: dict[int | None, Rate] = field(default_factory=dict)
    rows: dict[int | None, list[Any]] = field(default_factory=dict)


def standing(staff_ids: Sequence[int], since: datetime, at: datetime) -> Standing:
    """Four statements."""
    loads = _loads(staff_ids, at)
    rates = {r.key: r for r in rates_of(staff_ids, since, at)}
    rows: dict[int | None, list[Any]] = {}
    for row in _next(staff_ids):
        rows.setdefault(row.owner_id, []).append(row)
    return Standing(loads, rates, rows)


def _loads(staff_ids: Collection[int], at: datetime) -> dict[int | None, Load]:
    """Two statements."""
    when = conditions_at(at)
    owed: Any = Promise.objects.filter(_theirs(staff_ids), outstanding=True).order_by().values("owner_id")
    counted = owed.annotate(
        open=Count("pk"), late=Count("pk", filter=when["broken"]), risk=Count("pk", filter=when["risk"]),
        today=Count("pk", filter=when["today"]),
    )  # fmt: skip
    left = Snooze.objects.filter(staff__in=staff_ids, until__gt=at).filter(
        Q(promise__owner=F("staff"), promise__outstanding=True) & still_aside("promise__")
        | Q(task__assignee=F("staff"), task__state="open")
    )
    aside = dict(left.order_by().values_list("staff_id").annotate(n=Count("pk")))
    found: dict[int | None, Load] = {}
    for row in counted:
        owner_id = row.pop("owner_id")
        found[owner_id] = Load(**row, aside=aside.get(owner_id, 0))
    return found


def _theirs(staff_ids: Collection[int]) -> Q:
    return Q(owner__in=staff_ids) | Q(owner=None)


def _next(staff_ids: Sequence[int]) -> QuerySet[Promise]:
    """The first few of each and of nobody: each part walks its own index."""
    owed: Any = Promise.objects.filter(outstanding=True).order_by("due_at", "pk")
    parts = [owed.filter(owner=None), *(owed.filter(owner_id=pk) for pk in staff_ids)]
    first, *rest = (part.values("pk")[:FIRST] for part in parts)
    return shown(Promise.unscoped.filter(pk__in=first.union(*rest, all=True)))


def owed_rows(staff_id: int | None, most: int) -> list[Promise]:
    """What one person owes, or nobody in particular, one more than `most`. One statement."""
    return list(shown(Promise.objects.filter(owner_id=staff_id, outstanding=True))[: most + 1])


def shown(rows: QuerySet[Promise]) -> QuerySet[Promise]:
    """With what a row shows, the soonest first."""
    told = rows.select_related("matter", "customer", "unit").defer(
        "plan", "matter__search", "customer__search", "customer__profile"
    )
    return told.order_by("due_at", "pk")


def put_aside(promise_ids: Collection[int]) -> dict[int, Snooze]:
    """By promise, its owner's own snooze while it holds. One statement."""
    rows = Snooze.objects.filter(promise__in=promise_ids, staff=F("promise__owner"), until__gt=clock.now())
    return {row.promise_id or 0: row for row in rows.filter(still_aside("promise__"))}
