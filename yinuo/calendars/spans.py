"""How long: a length on one of the four clocks, and the moment it leads to with the facts that explain it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Self


class ClockKind(StrEnum):
    CALENDAR_HOURS = "calendar_hours"
    WORKING_HOURS = "working_hours"
    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"

    @property
    def in_days(self) -> bool:
        return self in (ClockKind.CALENDAR_DAYS, ClockKind.WORKING_DAYS)

    @property
    def in_working_time(self) -> bool:
        return self in (ClockKind.WORKING_HOURS, ClockKind.WORKING_DAYS)

    @property
    def unit(self) -> timedelta:
        return timedelta(days=1) if self.in_days else timedelta(hours=1)


MAX_DAYS = 3660


@dataclass(frozen=True, slots=True)
class Span:
    """A length on a clock. Day clocks count whole days; hour clocks count any length."""

    kind: ClockKind
    length: timedelta

    def __post_init__(self) -> None:
        if self.kind.in_days and self.length % timedelta(days=1):
            raise ValueError("a day clock counts whole days")
        if abs(self.length) > timedelta(days=MAX_DAYS):
            raise ValueError("longer than ten years")

    @classmethod
    @lru_cache(maxsize=1024)
    def of(cls, kind: ClockKind | str, amount: Decimal | int | str) -> Self:
        """`amount` days or hours, by the kind."""
        clock = ClockKind(kind)
        count = Decimal(amount)
        if not count.is_finite() or count.copy_abs() > MAX_DAYS * 24:  # abs() would round, and overflow
            raise ValueError("longer than ten years")
        return cls(clock, timedelta(microseconds=int(count * (clock.unit // timedelta(microseconds=1)))))

    @property
    def amount(self) -> Decimal:
        """How many days or hours."""
        tick = timedelta(microseconds=1)
        return Decimal(self.length // tick) / Decimal(self.kind.unit // tick)

    @property
    def days(self) -> int:
        return self.length.days


@dataclass(frozen=True, slots=True)
class DaysOff:
    """Named days off, in a run, that the count stepped over."""

    names: tuple[str, ...]
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Due:
    """Where a span leads, and why: what a sentence for the customer is made of."""

    at: datetime
    start: datetime
    span: Span
    received_on: date | None = None  # set when the start lay outside business and counts as received that day
    skipped: tuple[DaysOff, ...] = ()
    made_up: tuple[date, ...] = ()  # working days that would otherwise be a day off
    assumed_years: tuple[int, ...] = ()  # years whose holidays are unknown and were counted as plain weeks


class NoCalendarData(LookupError):
    """The holidays of `year` are not known. Pages show it as a warning; nobody guesses in silence."""

    def __init__(self, year: int) -> None:
        super().__init__(year)
        self.year = year
