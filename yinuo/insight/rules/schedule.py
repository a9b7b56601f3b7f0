"""When a monthly report is sent: pure, the working days are given."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from yinuo.kernel.clock import CST

#: A run of days off is shorter than this; after that the day itself is taken.
LONGEST_RUN = 15


def send_at(month: date, day: int, hour: time, is_working: Callable[[date], bool]) -> datetime:
    """In the month of `month`: its day (the last one where it has fewer), moved on to the next working day."""
    asked = month.replace(day=min(day, calendar.monthrange(month.year, month.month)[1]))
    found = next((on for n in range(LONGEST_RUN) if is_working(on := asked + timedelta(days=n))), asked)
    return datetime.combine(found, hour, CST)


def next_sending(after: datetime, day: int, hour: time, is_working: Callable[[date], bool]) -> tuple[datetime, date]:
    """The first sending after this moment, and the month it is about: the one before that it was planned in."""
    month = month_before(after.astimezone(CST).date())  # moved on from the month before it may still lie ahead
    while (at := send_at(month, day, hour, is_working)) <= after:
        month = month_after(month)
    return at, month_before(month)


def following(about: date, day: int, hour: time, is_working: Callable[[date], bool]) -> tuple[datetime, date]:
    """The sending after the one about this month, whether its time has come or not: none is left out."""
    about = month_after(about)
    return send_at(month_after(about), day, hour, is_working), about


def month_after(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def month_before(day: date) -> date:
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)
