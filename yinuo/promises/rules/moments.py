"""Due times on a calendar: how they are found, explained, paused, extended and moved."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from django.utils.translation import gettext as _

from yinuo.calendars.rules import WorkCalendar
from yinuo.calendars.spans import ClockKind, NoCalendarData, Span
from yinuo.calendars.wording import due_sentence, moment_text
from yinuo.kernel.clock import CST
from yinuo.promises.rules.standard import StandardSpec

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A due time with its explanation. `provisional` when a year's holidays were unknown: it is shown as a
    warning, and reckoned again once they are entered.
    """

    due_at: datetime
    explanation: str
    provisional: bool
    calendar: WorkCalendar


def reckon(calendar: WorkCalendar, start: datetime, span: Span, why: str = "") -> Reckoned:
    """Where `span` leads from `start`; `why` opens the sentence when it is not simply the standard."""
    due, used = knowing(calendar, lambda c: c.add(start, span))
    return Reckoned(due.at, why + due_sentence(due), bool(due.assumed_years), used)


def because(extended: bool, waited: bool) -> str:
    """How a sentence opens whose time is not simply the standard's."""
    return (_("经批准延期，") if extended else "") + (_("等待客户的时间不计，") if waited else "")


def knowing(calendar: WorkCalendar, work: Callable[[WorkCalendar], R]) -> tuple[R, WorkCalendar]:
    """`work` on the calendar; where a year is unknown, on plain weeks (whose result says so)."""
    try:
        return work(calendar), calendar
    except NoCalendarData:
        assumed = calendar.assuming_plain_weeks()
        return work(assumed), assumed


def start_of(spec: StandardSpec, facts: dict[str, object], at: datetime) -> datetime | None:
    """From when a promise counts: the trigger, or the date agreed with the customer (`counts_from`)."""
    if not spec.counts_from:
        return at
    agreed = facts.get(spec.counts_from)
    if isinstance(agreed, str):
        agreed = date.fromisoformat(agreed) if len(agreed) == 10 else datetime.fromisoformat(agreed)
    if isinstance(agreed, datetime):
        return agreed if agreed.tzinfo else agreed.replace(tzinfo=CST)
    return datetime.combine(agreed, datetime.min.time(), CST) if isinstance(agreed, date) else None


def remaining(calendar: WorkCalendar, now: datetime, due_at: datetime, clock: ClockKind) -> Span:
    """What is left when a promise is paused; never negative."""
    left, _used = knowing(calendar, lambda c: c.between(now, due_at, clock))
    return left if left.length > timedelta() else Span(clock, timedelta())


def agreed_sentence(made_at: datetime, due_at: datetime) -> str:
    """How a promise with a time named by a person explains itself."""
    year = made_at.astimezone(CST).year
    return _("与客户约定 → %s") % moment_text(due_at, year)
