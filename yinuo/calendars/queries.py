"""Reading calendars. The book of a version never changes, so a process keeps it."""

from collections import defaultdict
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import Max, QuerySet

from yinuo.calendars.book import COMPANY, CalendarBook, Week, read_hours
from yinuo.calendars.models import CalendarVersion, DaySetting, KnownYear, WeekHours
from yinuo.calendars.national import national_years
from yinuo.calendars.rules import SpecialDay, WorkCalendar
from yinuo.identity.models import Unit
from yinuo.kernel.planned import planned


def current_book() -> CalendarBook:
    """The book in force: one statement, plus three when this process has not read that version yet."""
    return _book(CalendarVersion.objects.aggregate(newest=Max("id"))["newest"] or 0)


def calendar_for(unit_id: int | None) -> WorkCalendar:
    """The working time of a unit (two statements), or of the company (one)."""
    return current_book().calendar(unit_path(unit_id))


def unit_path(unit_id: int | None) -> tuple[int, ...]:
    """The ids from the root unit down to `unit_id`."""
    path = Unit.objects.filter(pk=unit_id).values_list("path", flat=True).first() if unit_id else None
    return path_ids(path or "")


def path_ids(path: str) -> tuple[int, ...]:
    return tuple(int(part) for part in path.split("/") if part)


@planned()
def _known_years() -> QuerySet[Any]:
    return KnownYear.objects.values_list("year", flat=True)


def missing_years(today: date) -> list[int]:
    """This year and, from October, the next, when its holidays are on nobody's record: a warning."""
    known = national_years() | set(_known_years())
    ahead = [today.year] + ([today.year + 1] if today.month >= 10 else [])
    return [year for year in ahead if year not in known]


def history(limit: int = 50) -> list[dict[str, Any]]:
    rows = CalendarVersion.objects.order_by("-id").values("id", "at", "by_name", "summary", "unit__name")
    return [dict(row) for row in rows[:limit]]


@lru_cache(maxsize=8)
def _book(version: int) -> CalendarBook:
    days: dict[int | None, dict[date, SpecialDay]] = defaultdict(dict)
    for row in DaySetting.objects.all():
        days[row.unit_id][row.on] = SpecialDay(row.working, row.name, read_hours(row.hours))
    weeks: dict[int | None, Week] = {
        row.unit_id: Week(tuple(read_hours(day) for day in row.week), row.open_on_holidays)
        for row in WeekHours.objects.all()
    }
    years = frozenset(_known_years())
    days.setdefault(COMPANY, {})
    return CalendarBook(version, weeks, dict(days), years)
