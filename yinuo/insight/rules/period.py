"""Periods a board looks at, and the ones it compares them with. Pure: today is given."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)
PRESETS = ("today", "week", "d30", "month", "last_month", "quarter", "year", "own")
#: A period is never longer than three years, and lies where a calendar makes sense.
LONGEST = 1096
FIRST_YEAR, LAST_YEAR = 1990, 2200


class BadPeriod(ValueError):
    """`what` says why: "date", "order", "long"."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days, the first and the last included."""

    first: date
    last: date
    preset: str = "own"

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def before(self) -> Period:
        """The one to compare with: as many days into the month (quarter, year) before, a whole month with a whole
        month, anything else with as many days just before.
        """
        if months := self._months():
            start = _shift(self.first, -months)
            whole = self.last == _month_end(self.last) and months == self._span()
            end = self.first - DAY if whole else min(start + (self.last - self.first), self.first - DAY)
            return Period(start, end)
        return Period(self.first - timedelta(days=self.days), self.first - DAY)

    def year_ago(self) -> Period:
        """The same days of last year; the end of a month stays one."""
        return Period(_year_back(self.first), _year_back(self.last, end=self.last == _month_end(self.last)))

    def buckets(self) -> list[Period]:
        """What a curve has a point for: days, weeks from Monday or months, so that there are at most some forty."""
        return list(self._cut("day" if self.days <= 45 else "week" if self.days <= 200 else "month"))

    def _cut(self, size: str) -> Iterator[Period]:
        start = self.first
        while start <= self.last:
            if size == "day":
                end = start
            elif size == "week":
                end = start + timedelta(days=6 - start.weekday())
            else:
                end = _month_end(start)
            end = min(end, self.last)
            yield Period(start, end)
            start = end + DAY

    def _span(self) -> int:
        return (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1

    def _months(self) -> int:
        """How many months the unit has that this period begins, 0 for none."""
        if self.preset in ("month", "last_month"):
            return 1
        if self.preset == "quarter":
            return 3
        if self.preset == "year":
            return 12
        whole = self.first.day == 1 and self.last == _month_end(self.last)
        return self._span() if whole else 0


def preset(name: str, today: date) -> Period:
    """The days a preset means today; those of a month, quarter or year that is still running end today."""
    start = {
        "today": today,
        "week": today - timedelta(days=today.weekday()),
        "d30": today - timedelta(days=29),
        "month": today.replace(day=1),
        "last_month": _shift(today.replace(day=1), -1),
        "quarter": today.replace(month=today.month - (today.month - 1) % 3, day=1),
        "year": today.replace(month=1, day=1),
    }[name]
    return Period(start, _month_end(start) if name == "last_month" else today, name)


def read_own(first: str, last: str) -> Period:
    """The period of two dates as an address has them."""
    try:
        start, end = date.fromisoformat(first.strip()), date.fromisoformat(last.strip())
    except ValueError:
        raise BadPeriod("date") from None
    if not (FIRST_YEAR <= start.year <= LAST_YEAR and FIRST_YEAR <= end.year <= LAST_YEAR):
        raise BadPeriod("date")
    if end < start:
        raise BadPeriod("order")
    if (end - start).days >= LONGEST:
        raise BadPeriod("long")
    return Period(start, end)


def months_to(last: date, count: int) -> list[Period]:
    """So many whole months up to the one of `last`, the oldest first."""
    start = last.replace(day=1)
    firsts = [_shift(start, -n) for n in range(count - 1, -1, -1)]
    return [Period(first, _month_end(first)) for first in firsts]


def apart(periods: Iterable[Period]) -> list[Period]:
    """The same days, each once: what overlaps or touches becomes one."""
    found: list[Period] = []
    for period in sorted(periods, key=lambda one: one.first):
        if found and period.first <= found[-1].last + DAY:
            found[-1] = Period(found[-1].first, max(found[-1].last, period.last))
        else:
            found.append(Period(period.first, period.last))
    return found


def _shift(first: date, months: int) -> date:
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def _month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _year_back(day: date, *, end: bool = False) -> date:
    year = day.year - 1
    most = calendar.monthrange(year, day.month)[1]
    return date(year, day.month, most if end else min(day.day, most))
