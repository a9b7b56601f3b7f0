"""How long a row of the day may be put aside: never past the moment at which somebody has to be warned."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from enum import StrEnum

from yinuo.kernel.clock import CST
from yinuo.promises.rules.plan import Announcement, Point
from yinuo.promises.states import State

#: A promise nobody is warned of comes back when so much of its time is gone.
UNWARNED = 0.8
#: What has no deadline comes back all the same.
FURTHEST = timedelta(days=30)
MORNING = time(9)


class Wish(StrEnum):
    """What a person picks instead of a time."""

    HOUR = "hour"
    HOURS = "hours"
    TOMORROW = "tomorrow"
    MONDAY = "monday"
    LATEST = "latest"
    AT = "at"


def latest(points: Iterable[Point], start: datetime, due_at: datetime) -> datetime:
    """The last moment to which an open promise may be put aside: its first warning, always before it is due."""
    warnings = [p.at for p in points if p.kind is Announcement.WARNED]
    return min([*warnings, due_at]) if warnings else start + (due_at - start) * UNWARNED


def wished(wish: str, now: datetime, at: datetime | None = None) -> datetime | None:
    """The moment a wish means; None: as late as may be. Mornings are those of China."""
    if wish == Wish.LATEST:
        return None
    if wish == Wish.HOUR:
        return now + timedelta(hours=1)
    if wish == Wish.HOURS:
        return now + timedelta(hours=3)
    if wish == Wish.AT:
        return at
    today = now.astimezone(CST).date()
    days = 1 if wish == Wish.TOMORROW else 7 - today.weekday()
    return datetime.combine(today + timedelta(days=days), MORNING, CST)


def is_aside(
    *, until: datetime, due_then: datetime | None, now: datetime, state: str, warned: bool, due_at: datetime | None
) -> bool:
    """Whether a row is out of sight. Whatever brings its deadline nearer brings it back: a warning, a breach, a pause,
    a due time moved forward. `due_then`: when it was due as it was put aside; None for what has no deadline.
    """
    if until <= now:
        return False
    if due_at is None or due_then is None:
        return True
    return state == State.OPEN and not warned and now < due_at and due_then <= due_at
