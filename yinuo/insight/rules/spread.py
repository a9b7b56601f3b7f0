"""What is typical among many figures, and how much of a time was working time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
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
    """Working time between many pairs of moments (seconds since 1970): `calendar.working_time`, with the days added up
    only once.
    """

    def __init__(self, calendar: WorkCalendar, first: date, last: date) -> None:
        calendar = calendar.assuming_plain_weeks()
        self.edges: list[float] = []
        self.ends: list[float] = []
        self.sums: list[float] = []
        total, day = 0.0, first
        while day <= last:
            for opens, closes in calendar.hours(day):
                midnight = datetime(day.year, day.month, day.day, tzinfo=calendar.zone)
                begin, end = (midnight + timedelta(minutes=at) for at in (opens, closes))
                self.edges.append(begin.timestamp())
                self.ends.append(end.timestamp())
                self.sums.append(total)
                total += (end - begin).total_seconds()
            day += DAY

    def seconds(self, a: float, b: float) -> float:
        return max(self._until(b) - self._until(a), 0.0)

    def _until(self, at: float) -> float:
        place = bisect_right(self.edges, at) - 1
        return self.sums[place] + max(min(at, self.ends[place]) - self.edges[place], 0.0) if place >= 0 else 0.0


def working_seconds(pairs: Sequence[tuple[float, float]], calendar: WorkCalendar) -> list[float]:
    """The working time of each pair of moments, in seconds since 1970."""
    if not pairs:
        return []
    first, last = (edge(at for pair in pairs for at in pair) for edge in (min, max))
    line = WorkingTime(calendar, *(datetime.fromtimestamp(at, calendar.zone).date() for at in (first, last)))
    return [line.seconds(a, b) for a, b in pairs]
