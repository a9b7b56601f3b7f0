"""When a promise warns, breaks and climbs the ladder. `tick` is all the clock knows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from yinuo.calendars.rules import WorkCalendar
from yinuo.calendars.spans import Span
from yinuo.promises.rules.breach import capped_at
from yinuo.promises.rules.standard import StandardSpec
from yinuo.promises.states import State


class Announcement(StrEnum):
    WARNED = "warned"
    BROKEN = "broken"
    ESCALATED = "escalated"
    COST_FIXED = "cost_fixed"  # the compensation has reached its cap


ORDER = list(Announcement)
AFTER = timedelta(microseconds=1)  # a promise fulfilled at its due time, to the microsecond, is kept
WARNINGS_PER_PLAN = 10
GRACE = timedelta(minutes=5)  # an announcement later than this after its time says that it is late


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to announce at one moment. `rung` tells warnings and ladder rungs apart, for ever."""

    kind: Announcement
    rung: int
    at: datetime
    to: str = ""

    @property
    def key(self) -> tuple[str, int]:
        return (self.kind.value, self.rung)


@dataclass(frozen=True, slots=True)
class Watched:
    """What the clock needs to know of a promise."""

    state: State
    points: Sequence[Point]
    announced: frozenset[tuple[str, int]] = frozenset()
    fulfilled: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    state: State
    wakes_at: datetime | None
    announce: tuple[Point, ...] = ()


def plan(
    spec: StandardSpec, start: datetime, due_at: datetime, calendar: WorkCalendar,
    plan_no: int = 0, at_stake: Decimal | None = None,
) -> tuple[Point, ...]:  # fmt: skip
    """Every announcement a promise may make. A new due time warns anew; the rest never repeats.

    Rungs may lie in a year whose holidays nobody knows yet: until they are entered it counts as plain weeks.
    """
    calendar = calendar.assuming_plain_weeks()
    warnings = [
        Point(
            Announcement.WARNED,
            plan_no * WARNINGS_PER_PLAN + n,
            calendar.point(start, due_at, spec.clock, pct),
        )
        for n, pct in enumerate(spec.warn_at)
    ]
    if spec.involve_at:
        moment = calendar.point(start, due_at, spec.clock, spec.involve_at)
        warnings.append(Point(Announcement.WARNED, (plan_no + 1) * WARNINGS_PER_PLAN - 1, moment, "manager"))
    rungs = [
        Point(Announcement.ESCALATED, n, _past(due_at, Span.of(spec.clock, rung.after), calendar), rung.to)
        for n, rung in enumerate(spec.ladder, start=1)
    ]
    capped = capped_at(spec.breach, due_at, at_stake)
    costs = [Point(Announcement.COST_FIXED, 0, capped + AFTER)] if capped else []
    broken = Point(Announcement.BROKEN, 0, due_at + AFTER)
    return tuple(sorted([*warnings, broken, *rungs, *costs], key=_order))


def _past(due_at: datetime, after: Span, calendar: WorkCalendar) -> datetime:
    return (calendar.add(due_at, after).at if after.length else due_at) + AFTER


def tick(promise: Watched, now: datetime) -> Verdict:
    """What is due by `now` and not announced yet, in order, and when to look again. Twice is as once."""
    if promise.fulfilled or promise.state not in (State.OPEN, State.BROKEN):
        return Verdict(promise.state, None)
    left = sorted((p for p in promise.points if p.key not in promise.announced), key=_order)
    due = tuple(p for p in left if p.at <= now)
    later = [p.at for p in left if p.at > now]
    broke = any(p.kind is Announcement.BROKEN for p in due)
    return Verdict(State.BROKEN if broke else promise.state, min(later, default=None), due)


def is_late(point: Point, now: datetime) -> bool:
    """Whether an announcement comes noticeably after its time (the clock was down)."""
    return now - point.at > GRACE


def next_wake(points: Iterable[Point], announced: frozenset[tuple[str, int]]) -> datetime | None:
    return min((p.at for p in points if p.key not in announced), default=None)


def write_points(points: Iterable[Point]) -> list[list[str | int]]:
    return [[p.kind.value, p.rung, p.at.isoformat(), p.to] for p in points]


def read_points(rows: Iterable[Sequence[str | int]]) -> tuple[Point, ...]:
    return tuple(
        Point(Announcement(str(kind)), int(rung), datetime.fromisoformat(str(at)), str(to))
        for kind, rung, at, to in rows
    )


def ladder_of(points: Iterable[Point]) -> dict[int, datetime]:
    """When each rung is climbed."""
    return {p.rung: p.at for p in points if p.kind is Announcement.ESCALATED}


def _order(point: Point) -> tuple[datetime, int, int]:
    return (point.at, ORDER.index(point.kind), point.rung)
