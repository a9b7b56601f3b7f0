"""Not more often than a standard says: from when on something may be done to a customer again."""

from datetime import datetime, time

from yinuo.calendars.rules import WorkCalendar
from yinuo.calendars.spans import Span
from yinuo.kernel.clock import CST
from yinuo.promises.rules.moments import knowing


def allowed_from(last: datetime, gap: Span, calendar: WorkCalendar) -> datetime:
    """Where the gap is in days, the whole of the day it leads to: three days after a Friday is all of Monday."""
    due, _used = knowing(calendar, lambda c: c.add(last, gap))
    if not gap.kind.in_days:
        return due.at
    return datetime.combine(due.at.astimezone(CST).date(), time.min, CST)
