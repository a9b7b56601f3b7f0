"""What is typical among many figures, and how much of a time was working time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from math import ceil

from yinuo.calendars.rules import WorkCalendar

DAY = timedelta(days=1)


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` of all do not exceed (nearest rank); None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(ceil(share * len(ordered)) - 1, 0)]


class WorkingTime:
    """Working time between many pairs of moments: `calendar.working_time`, with the days added up only once."""

    def __init__(self, calendar: WorkCalendar, first: date, last: date) -> None:
        self.calendar = calendar.assuming_plain_weeks()
        self.edges: list[datetime] = []
        self.ends: list[datetime] = []
        self.sums: list[timedelta] = []
        total, day = timedelta(), first
        while day <= last:
            for opens, closes in self.calendar.hours(day):
                midnight = datetime(day.year, day.month, day.day, tzinfo=self.calendar.zone)
                begin, end = midnight + timedelta(minutes=opens), midnight + timedelta(minutes=closes)
                self.edges.append(begin)
                self.ends.append(end)
                self.sums.append(total)
                total += end - begin
            day += DAY

    def seconds(self, a: datetime, b: datetime) -> float:
        return max(self._until(b) - self._until(a), timedelta()).total_seconds()

    def _until(self, at: datetime) -> timedelta:
        at = at.astimezone(self.calendar.zone)
        place = bisect_right(self.edges, at) - 1
        if place < 0:
            return timedelta()
        return self.sums[place] + max(min(at, self.ends[place]) - self.edges[place], timedelta())


def working_seconds(pairs: Iterable[tuple[datetime, datetime]], calendar: WorkCalendar) -> list[float]:
    """The working time of each pair."""
    known = list(pairs)
    if not known:
        return []
    days = [at.astimezone(calendar.zone).date() for pair in known for at in pair]
    line = WorkingTime(calendar, min(days), max(days))
    return [line.seconds(a, b) for a, b in known]
