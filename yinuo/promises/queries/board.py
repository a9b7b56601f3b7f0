"""The promise board: what is due, at risk and broken; by person, team, customer and standard; and how often in time."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When

from yinuo.kernel.actor import Actor, current_actor
from yinuo.kernel.clock import CST
from yinuo.kernel.planned import planned
from yinuo.kernel.scope import near_first
from yinuo.matters.models import Matter, Task
from yinuo.promises.models import Promise
from yinuo.promises.queries.snoozing import promise_aside

GROUPS = ("broken", "risk", "today", "week", "later", "paused")
#: A promise counts for whoever had it when it was kept or broke, whoever has it now.
BROKEN = Q(state="broken")
ASPECTS: dict[str, tuple[Any, Any]] = {
    "owner": (
        Case(When(BROKEN, then=F("broken_owner")), default=F("owner")),
        Case(When(BROKEN, then=F("broken_owner__name")), default=F("owner__name")),
    ),
    "unit": (F("unit_id"), F("unit__name")),
    "customer": (F("customer_id"), F("customer__name")),
    "standard": (F("standard__key"), F("standard__title")),
}
#: Those the board counts; nobody asks how much there is for later.
COUNTING = tuple(group for group in GROUPS if group != "later")
AT_MOST = 200
COUNTED = 999
LOOKED_AT = 250


@dataclass(frozen=True, slots=True)
class Rate:
    """How a person, team, customer or standard did in a period; `percent` None when nothing was due."""

    key: Any
    name: str
    in_time: int
    late: int
    owed: int

    @property
    def total(self) -> int:
        return self.in_time + self.late

    @property
    def percent(self) -> float | None:
        return round(100 * self.in_time / self.total, 1) if self.total else None


def board() -> QuerySet[Promise]:
    """What is still owed, of what the actor may see, with what a row shows. Sort by (due_at, id)."""
    return (
        Promise.objects.filter(outstanding=True)
        .select_related("matter", "customer", "owner", "unit", "standard")
        .defer("plan", "matter__search", "customer__search", "customer__profile", "standard__data")
    )


def owed_by(actor: Actor, most: int) -> QuerySet[Promise]:
    """The soonest on a person: theirs, their unit's with nobody named, and those of tasks for them, `most` of each,
    without what they put aside.

    Each part walks its own index.
    """
    owed = Promise.unscoped.exclude(promise_aside()).filter(outstanding=True).order_by("due_at")
    tasks = Task.unscoped.filter(state=Task.State.OPEN)
    named = tasks.filter(assignee_id=actor.staff_key).values("pk")
    unnamed = tasks.filter(assignee=None, unit_id__in=sorted(actor.unit_ids)).values("pk")
    parts = (
        owed.filter(owner_id=actor.staff_key),
        owed.filter(owner=None, unit_id=actor.unit_id or 0),
        owed.filter(task__isnull=False, task__in=named),  # few promises have a task: the planner must know
        owed.filter(task__isnull=False, task__in=unnamed, owner=None),
    )
    first, *rest = (part[:most].values("pk") for part in parts)
    return Promise.objects.filter(pk__in=first.union(*rest))


def unpromised(actor: Actor) -> QuerySet[Matter]:
    """Open matters of a person for which nothing is owed and nobody has a task: nothing would remind of them. Only the
    newest `LOOKED_AT` of theirs are looked at: most have a promise, and looking for one takes a look each.
    """
    owed = Promise.unscoped.filter(outstanding=True, matter=OuterRef("pk"))
    tasks = Task.unscoped.filter(state=Task.State.OPEN, matter=OuterRef("pk"))
    looked = _in_hand(actor)[:LOOKED_AT].values("pk")
    return Matter.objects.filter(pk__in=looked).exclude(Exists(owed)).exclude(Exists(tasks))


def not_looked_at(actor: Actor) -> QuerySet[Matter]:
    """The first of those that `unpromised` leaves out, if any."""
    return _in_hand(actor)[LOOKED_AT : LOOKED_AT + 1]


def _in_hand(actor: Actor) -> QuerySet[Matter]:
    return Matter.unscoped.filter(owner_id=actor.staff_key, open=True).order_by("-opened_at", "-pk")


def in_group(rows: QuerySet[Promise], group: str, at: datetime) -> QuerySet[Promise]:
    """Broken and not made good; at risk (warned of); due today; within seven days; later; paused."""
    return rows.filter(_conditions(**_edges(at))[group])


def counts(at: datetime) -> dict[str, int]:
    """How many there are in each group of `COUNTING`, up to `COUNTED`. One statement, bounded however much is owed."""
    found = Counter(_grouped(**_edges(at)))
    return {name: found[name] for name in COUNTING}


@planned("at", "midnight", "week")
def _grouped(**edges: datetime) -> QuerySet[Any]:
    """The name of its group for each row, as often as it is counted."""
    conditions, actor = _conditions(**edges), current_actor()

    def named(rows: Any, group: str) -> QuerySet[Any]:
        # no order: any index will do, and the planner, who expects few, would sort them all
        found: QuerySet[Any] = rows.filter(conditions[group], outstanding=True).order_by()
        return found.values_list(Value(group), flat=True)

    first, *rest = (
        near_first(named(Promise.objects, name), actor, COUNTED + 1, named(Promise.unscoped, name)) for name in COUNTING
    )
    return first.union(*rest, all=True)


def rates(aspect: str, since: datetime, until: datetime) -> list[Rate]:
    """On-time rates by `aspect` of what fell due from `since` to `until`, the worst first. One statement.

    In time: kept or renewed by its due time. Late: broken, whether made good since or not. Waived ones count as
    neither; open ones are not due yet.
    """
    return _rated(Q(), since, until, aspect)


def rates_of(staff_ids: Collection[int], since: datetime, until: datetime) -> list[Rate]:
    """As `rates`, of these people. One statement."""
    return _rated(counting_for(staff_ids), since, until, "owner")


def counting_for(staff_ids: Collection[int]) -> Q:
    """What counts in the rates of these people."""
    return BROKEN & Q(broken_owner__in=staff_ids) | ~BROKEN & Q(owner__in=staff_ids)


def _rated(only: Q, since: datetime, until: datetime, aspect: str) -> list[Rate]:
    key, name = ASPECTS[aspect]
    rows = (
        _due_in(since, until)
        .filter(only)
        .values(key=key, name=name)
        .annotate(in_time=Count("pk", filter=IN_TIME), late=Count("pk", filter=LATE), owed=Count("pk", filter=OWED))
        .order_by("-late", "-in_time", "name")
    )
    return [Rate(**row) for row in rows[:AT_MOST] if row["in_time"] or row["late"]]


def rate(since: datetime, until: datetime) -> Rate:
    """The rate over everything the actor may see. One statement."""
    [found] = _rate(since=since, until=until)
    return Rate(None, "", found["in_time"], found["late"], found["owed"])


@planned("since", "until")
def _rate(*, since: datetime, until: datetime) -> QuerySet[Any]:
    rows = _due_in(since, until).values(whole=Value(1))
    return rows.annotate(
        in_time=Count("pk", filter=IN_TIME), late=Count("pk", filter=LATE), owed=Count("pk", filter=OWED)
    ).values("in_time", "late", "owed")


def rates_since(starts: Sequence[datetime], until: datetime, staff_id: int) -> list[Rate]:
    """One person's rate for several periods that end now, in the order of `starts`. One statement."""
    named = {f"from_{n}": start for n, start in enumerate(starts)}
    [found] = _rates(len(starts), staff_id, until=until, first=min(starts), **named)
    return [Rate(None, "", *(found[f"{what}_{n}"] for what in ("in_time", "late", "owed"))) for n in range(len(starts))]


@planned("until", "first", "from_0", "from_1")
def _rates(many: int, staff_id: int, *, until: datetime, first: datetime, **starts: datetime) -> Any:
    rows = _due_in(first, until).filter(counting_for([staff_id])).values(whole=Value(1))
    counts = {}
    for n in range(many):
        within = _within(starts[f"from_{n}"], until)
        for what, of in (("in_time", IN_TIME), ("late", LATE), ("owed", OWED)):
            counts[f"{what}_{n}"] = Count("pk", filter=of & within)
    return rows.annotate(**counts).values(*counts)


def began(period: str, at: datetime) -> datetime:
    """When this week (from Monday) or this month began in China."""
    day = at.astimezone(CST).date()
    first = day.replace(day=1) if period == "month" else day - timedelta(days=day.weekday())
    return datetime.combine(first, datetime.min.time(), CST)


def settled(since: datetime, until: datetime) -> QuerySet[Promise]:
    """The promises behind the rates: what fell due in the period and was decided one way or the other."""
    rows = _due_in(since, until).filter(state__in=["kept", "renewed", "broken"])
    return rows.select_related("matter", "customer", "owner", "broken_owner", "unit", "standard")


def narrow(aspect: str, *, rated: bool) -> Callable[[QuerySet[Promise], str], QuerySet[Promise]]:
    """A filter of a list by one key of `aspect`; "none" finds rows without one. `rated`: by whom it counts for rather
    than who owes it now.
    """
    key = F("owner") if aspect == "owner" and not rated else ASPECTS[aspect][0]

    def narrowed(rows: QuerySet[Promise], value: str) -> QuerySet[Promise]:
        keyed = rows.alias(t_key=key)
        return keyed.filter(t_key=value) if value != "none" else keyed.filter(t_key__isnull=True)

    return narrowed


def conditions_at(at: datetime) -> dict[str, Q]:
    """What puts a promise that is owed into each of the groups."""
    return _conditions(**_edges(at))


def _edges(at: datetime) -> dict[str, datetime]:
    """The moments between the groups: now, the next midnight in China, and the end of the six days after it."""
    midnight = datetime.combine(at.astimezone(CST).date() + timedelta(days=1), datetime.min.time(), CST)
    return {"at": at, "midnight": midnight, "week": midnight + timedelta(days=6)}


def _conditions(at: datetime, midnight: datetime, week: datetime) -> dict[str, Q]:
    running = Q(state="open", due_at__gt=at)
    return {
        "broken": Q(due_at__lte=at, state__in=["broken", "open"]),
        "risk": running & Q(warned=True),
        "today": running & Q(due_at__lt=midnight),
        "week": running & Q(due_at__gte=midnight, due_at__lt=week),
        "later": running & Q(due_at__gte=week),
        "paused": Q(state="paused"),
    }


def _due_in(since: datetime, until: datetime) -> QuerySet[Promise]:
    """Kept early counts in the period in which it was kept. Each half has an index to walk."""
    return Promise.objects.filter(_within(since, until)).order_by()


def _within(since: datetime, until: datetime) -> Q:
    kept = Q(state__in=["kept", "renewed"], kept_at__isnull=False)
    return kept & Q(kept_at__gte=since, kept_at__lt=until) | ~kept & Q(due_at__gte=since, due_at__lt=until)


IN_TIME = Q(state__in=["kept", "renewed"], kept_at__lte=F("due_at"))
LATE = BROKEN
OWED = Q(state="broken", outstanding=True)
