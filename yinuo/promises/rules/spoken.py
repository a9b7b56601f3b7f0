"""Promises made in passing: finds in a reply what we said we would do and by when. Its words are data.

"周二下午给您回电" written on a Sunday is a promise due on Tuesday at 18:00: a part of the day means by its end.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from yinuo.calendars.rules import WorkCalendar
from yinuo.calendars.spans import ClockKind, NoCalendarData, Span
from yinuo.kernel.clock import CST

MOST = 5
LONGEST_TEXT = 5000
FURTHEST = timedelta(days=180)  # a date further ahead was more likely meant as one gone by


@dataclass(frozen=True, slots=True)
class Spoken:
    """A stretch of a reply that promises something, and by when."""

    words: str
    due_at: datetime


@cache
def _words() -> dict[str, Any]:
    path = Path(__file__).resolve().parent.parent / "data" / "spoken.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def spoken_promises(text: str, at: datetime, calendar: WorkCalendar) -> list[Spoken]:
    """What `text`, written `at`, promises; only what lies ahead, each due time once."""
    words = _words()
    found: dict[datetime, Spoken] = {}
    for stretch in re.split(f"[{re.escape(words['breaks'])}]", text[:LONGEST_TEXT]):
        clause = stretch.strip()[:120]
        if not any(v in clause for v in words["verbs"]) or any(n in clause for n in words["not_ours"]):
            continue
        due = _due(clause, at.astimezone(CST), calendar)
        if due and at < due <= at + FURTHEST and due not in found:
            found[due] = Spoken(clause, due)
    return list(found.values())[:MOST]


def _due(clause: str, now: datetime, calendar: WorkCalendar) -> datetime | None:
    within = re.search(_words()["patterns"]["within"], clause)
    if within:
        return _within(within, now, calendar)
    day = _day(clause, now)
    part = next((p for p in sorted(_words()["parts"], key=len, reverse=True) if p in clause), None)
    exact = _time(clause, part)
    if day is None and exact is None and part is None:
        return None
    day = day or now.date()
    if exact:
        return datetime.combine(day, exact, CST)
    until = _words()["parts"][part] if part else "close"
    if until == "close":
        return calendar.close_of(day)
    return datetime.combine(day, time.fromisoformat(until), CST)


def _within(found: re.Match[str], now: datetime, calendar: WorkCalendar) -> datetime | None:
    unit = _words()["units"][found[2]]
    amount = _number(found[1])
    if unit in ("hours", "minutes"):
        hours = amount if amount is not None else 0.5
        return now + (timedelta(hours=hours) if unit == "hours" else timedelta(minutes=hours))
    kind = ClockKind.WORKING_DAYS if unit == "working_days" else ClockKind.CALENDAR_DAYS
    span = Span.of(kind, amount or 0)
    try:
        return calendar.add(now, span).at
    except NoCalendarData:
        return calendar.assuming_plain_weeks().add(now, span).at


def _day(clause: str, now: datetime) -> date | None:
    words = _words()
    written = re.search(words["patterns"]["date"], clause)
    if written:
        return _coming(int(written[1]), int(written[2]), now.date())
    for word in sorted(words["days"], key=len, reverse=True):
        if word in clause:
            return now.date() + timedelta(days=words["days"][word])
    return next(_weekdays(clause, now), None)


def _weekdays(clause: str, now: datetime) -> Iterator[date]:
    words = _words()["weekdays"]
    names = "".join(words["names"]) + words["sunday_too"]
    pattern = f"({'|'.join(words['prefixes'])})([{names}])"
    for found in re.finditer(pattern, clause):
        weekday = words["names"].index(found[2]) if found[2] in words["names"] else 6
        monday = now.date() - timedelta(days=now.weekday())
        if found[1].startswith(words["next"]):
            monday += timedelta(days=7)
        day = monday + timedelta(days=weekday)
        yield day if day >= now.date() else day + timedelta(days=7)


def _time(clause: str, part: str | None) -> time | None:
    patterns, after_noon = _words()["patterns"], part in _words()["afternoon"]["words"]
    said = re.search(patterns["colon"], clause)
    if said:
        hour, minute = int(said[1]), int(said[2])
    else:
        said = re.search(patterns["clock"], clause)
        if not said:
            return None
        hour, minute = _number(said[1]) or 0, int(said[3]) if said[3] else 30 if said[2] else 0
    if after_noon and hour < 12:
        hour += 12
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _number(text: str) -> int | None:
    """A number in digits or in Chinese up to nineteen; None for "half"."""
    digits: str = _words()["numbers"]["digits"]
    two: str = _words()["numbers"]["two"]
    if text.isdecimal():
        return int(text)
    if text == two:
        return 2
    if len(text) == 2 and text[0] == digits[9]:
        return 10 + digits.index(text[1]) + 1
    return digits.index(text) + 1 if text in digits else None


def _coming(month: int, day: int, today: date) -> date | None:
    for year in (today.year, today.year + 1):
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found >= today:
            return found
    return None
