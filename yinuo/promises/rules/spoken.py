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
from yinuo.promises.rules import numerals

MOST = 5
LONGEST_TEXT = 5000
FURTHEST = timedelta(days=180)  # a date further ahead was more likely meant as one gone by
WORKING_DAY = timedelta(hours=8)  # what half a working day is a half of


@dataclass(frozen=True, slots=True)
class Spoken:
    """A stretch of a reply that promises something, and by when."""

    words: str
    due_at: datetime


@cache
def _words() -> dict[str, Any]:
    path = Path(__file__).resolve().parent.parent / "data" / "spoken.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def _pattern(name: str) -> re.Pattern[str]:
    units = "|".join(sorted(_words()["units"], key=len, reverse=True))
    text = _words()["patterns"][name]
    return re.compile(text.replace("NUMBER", numerals.PATTERN).replace("UNIT", f"(?:{units})"))


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
    within = _pattern("within").search(clause)
    if within:
        return _within(within[0], now, calendar)
    day = _day(clause, now)
    part = next((p for p in sorted(_words()["parts"], key=len, reverse=True) if p in clause), None)
    exact = _time(_without_days(clause), part, alone=day is None and part is None)
    if day is None and exact is None and part is None:
        return None
    day = day or now.date()
    if exact is not None:
        return datetime.combine(day, time(), CST) + exact
    until = _words()["parts"][part] if part else "close"
    if until == "close":
        return calendar.close_of(day)
    return datetime.combine(day, time.fromisoformat(until), CST)


def _within(said: str, now: datetime, calendar: WorkCalendar) -> datetime | None:
    """Each length after the one before it: 一小时三十分钟. None when a number in it is none."""
    moment = now
    for number, half_more, unit, half_after in _pattern("length").findall(said):
        amount = numerals.read_number(number)
        if amount is None:
            return None
        half = 0.5 if half_more or half_after else 0.0
        moment = _later(moment, amount + half, _words()["units"][unit], calendar)
    return moment


def _later(moment: datetime, amount: float, unit: str, calendar: WorkCalendar) -> datetime:
    whole, rest = divmod(amount, 1)
    if unit in ("hours", "minutes") or (unit == "days" and rest):
        return moment + timedelta(**{unit: amount})
    kind = ClockKind.WORKING_DAYS if unit == "working_days" else ClockKind.CALENDAR_DAYS
    spans = [Span.of(kind, int(whole))] if whole or not rest else []
    spans += [Span(ClockKind.WORKING_HOURS, WORKING_DAY * rest)] if rest else []
    for span in spans:
        try:
            moment = calendar.add(moment, span).at
        except NoCalendarData:
            moment = calendar.assuming_plain_weeks().add(moment, span).at
    return moment


def _day(clause: str, now: datetime) -> date | None:
    words = _words()
    written = _pattern("date").search(clause)
    if written:
        month, of_month = (numerals.read_number(n) for n in written.groups())
        return _coming(month, of_month, now.date())
    for word in sorted(words["days"], key=len, reverse=True):
        if word in clause:
            return now.date() + timedelta(days=words["days"][word])
    return next(_weekdays(clause, now), None)


@cache
def _weekday() -> re.Pattern[str]:
    words = _words()["weekdays"]
    names = "".join(words["names"]) + words["sunday_too"]
    return re.compile(f"({'|'.join(words['prefixes'])})([{names}])")


def _weekdays(clause: str, now: datetime) -> Iterator[date]:
    words = _words()["weekdays"]
    for found in _weekday().finditer(clause):
        weekday = words["names"].index(found[2]) if found[2] in words["names"] else 6
        monday = now.date() - timedelta(days=now.weekday())
        if found[1].startswith(words["next"]):
            monday += timedelta(days=7)
        day = monday + timedelta(days=weekday)
        yield day if day >= now.date() else day + timedelta(days=7)


def _without_days(clause: str) -> str:
    """周三三点 is Wednesday at three, not at thirty-three."""
    day = _words()["day"]
    return _weekday().sub(day, _pattern("date").sub(day, clause))


def _time(clause: str, part: str | None, *, alone: bool) -> timedelta | None:
    """How long after midnight; `alone` when neither a day nor a part of one was named."""
    said = _pattern("colon").search(clause)
    if said:
        shown = int(said["hour"])  # 03:00 is as a clock shows it, 3:00 as people say it
        hour = shown if said["hour"].startswith("0") else _of_twenty_four(shown, part)
        return _after_midnight(hour, int(said["minute"]))
    said = _pattern("clock").search(clause)
    if not said:
        return None
    exact = said["half"] or said["quarters"] or said["minute"] or said["short"]
    if alone and not exact and not _pattern("clock_alone").match(clause, said.end()):
        return None
    spoken, minute = numerals.read_number(said["hour"]), _minute(said)
    if spoken is None or minute is None:
        return None
    return _after_midnight(_of_twenty_four(spoken, part), minute)


def _minute(said: re.Match[str]) -> float | None:
    if said["half"]:
        return 30
    if said["quarters"]:
        return 15 * (numerals.read_number(said["quarters"]) or 0)
    number = said["minute"] or said["short"]
    return numerals.read_number(number) if number else 0


def _of_twenty_four(hour: float, part: str | None) -> float:
    halves = _words()["halves"]
    if part in halves["night"] and hour <= 12:
        return hour + (24 if hour < 5 else 12)
    late = hour <= halves["unsaid_till"] if part not in halves["afternoon"] else hour < 12
    return hour + 12 if late and hour >= 1 and part not in halves["morning"] else hour


def _after_midnight(hour: float, minute: float) -> timedelta | None:
    """None for what no clock shows; up to 28:59, the small hours after an evening."""
    right = hour % 1 == 0 and minute % 1 == 0 and hour < 29 and minute < 60
    return timedelta(hours=hour, minutes=minute) if right else None


def _coming(month: float | None, day: float | None, today: date) -> date | None:
    if month is None or day is None or month % 1 or day % 1:
        return None
    for year in (today.year, today.year + 1):
        try:
            found = date(year, int(month), int(day))
        except ValueError:
            continue
        if found >= today:
            return found
    return None
