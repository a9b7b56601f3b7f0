"""Everything known about working time at one version, and the changes that lead to the next: pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise

from yinuo.calendars.national import national_days, national_years
from yinuo.calendars.rules import MIDNIGHT, OFFICE_WEEK, Hours, SpecialDay, WorkCalendar

Days = tuple[tuple[date, SpecialDay | None], ...]
COMPANY = None  # the unit of rules that hold for everybody


@dataclass(frozen=True, slots=True)
class Week:
    hours: tuple[Hours, ...] = OFFICE_WEEK
    open_on_holidays: bool = False


@dataclass(frozen=True, slots=True)
class DayChange:
    """Set one day for a unit (or everybody); `day` None goes back to the published rule."""

    unit_id: int | None
    on: date
    day: SpecialDay | None


@dataclass(frozen=True, slots=True)
class DaysChange:
    """Set several days at once, each as `DayChange` does."""

    unit_id: int | None
    days: Days


@dataclass(frozen=True, slots=True)
class WeekChange:
    """Set the weekly hours of a unit (or everybody); `week` None goes back to the unit above."""

    unit_id: int | None
    week: Week | None


@dataclass(frozen=True, slots=True)
class YearChange:
    """State that the days off of a year are all entered (or take that back)."""

    year: int
    known: bool


CalendarChange = DayChange | DaysChange | WeekChange | YearChange


@dataclass(frozen=True, slots=True)
class CalendarBook:
    """All rules of one version; a unit's own rules outrank those of the units above it."""

    version: int = 0
    weeks: Mapping[int | None, Week] = field(default_factory=dict)
    days: Mapping[int | None, Mapping[date, SpecialDay]] = field(default_factory=dict)
    years: frozenset[int] = frozenset()

    def calendar(self, unit_path: Sequence[int] = ()) -> WorkCalendar:
        """The calendar of the unit whose ancestors and itself, from the root down, are `unit_path`."""
        week = Week()
        special: dict[date, SpecialDay] = {}
        for unit_id in (COMPANY, *unit_path):
            week = self.weeks.get(unit_id, week)
            special.update(self.days.get(unit_id, {}))
        return WorkCalendar(
            week=week.hours, national=national_days(), special=special,
            known_years=national_years() | self.years, open_on_holidays=week.open_on_holidays,
        )  # fmt: skip

    def changed(self, change: CalendarChange) -> "CalendarBook":
        match change:
            case DayChange(unit_id, on, day):
                return self.changed(DaysChange(unit_id, ((on, day),)))
            case DaysChange(unit_id, days):
                own = {**self.days.get(unit_id, {}), **dict(days)}
                return replace(self, days={**self.days, unit_id: {on: day for on, day in own.items() if day}})
            case WeekChange(unit_id, week):
                weeks = {k: v for k, v in self.weeks.items() if k != unit_id}
                return replace(self, weeks=weeks if week is None else {**weeks, unit_id: week})
            case YearChange(year, known):
                return replace(self, years=self.years | {year} if known else self.years - {year})


def runs(days: Days) -> list[tuple[date, date, SpecialDay | None]]:
    """Days on end that are alike, as first and last."""
    found: list[tuple[date, date, SpecialDay | None]] = []
    for on, day in sorted(days, key=lambda pair: pair[0]):
        if found and found[-1][1] == on - timedelta(days=1) and found[-1][2] == day:
            found[-1] = (found[-1][0], on, day)
        else:
            found.append((on, on, day))
    return found


def read_hours(pairs: Sequence[Sequence[str]]) -> Hours:
    """Opening intervals from ("09:00", "12:00") pairs; ValueError unless in order and apart."""
    hours = tuple((_minutes(opens), _minutes(closes)) for opens, closes in pairs)
    edges = [edge for interval in hours for edge in interval]
    if any(b <= a for a, b in pairwise(edges)) or len(hours) > 6:
        raise ValueError("opening intervals must follow each other")
    return hours


def write_hours(hours: Hours) -> list[list[str]]:
    return [[f"{m // 60:02d}:{m % 60:02d}" for m in interval] for interval in hours]


def read_week(days: Sequence[Sequence[Sequence[str]]], open_on_holidays: bool = False) -> Week:
    """Weekly hours, Monday first; raises ValueError when a day is malformed or no day is open."""
    hours = tuple(read_hours(day) for day in days)
    if len(hours) != 7 or not any(hours):
        raise ValueError("a week has seven days and at least one is open")
    return Week(hours, open_on_holidays)


def _minutes(text: str) -> int:
    hour, minute = text.split(":")
    value = int(hour) * 60 + int(minute)
    if not (0 <= value <= MIDNIGHT and 0 <= int(minute) < 60):
        raise ValueError(f"not a time of day: {text}")
    return value
