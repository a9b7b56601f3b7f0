"""The words for spans and due times: what a customer could read."""

from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from yinuo.calendars.spans import ClockKind, DaysOff, Due, Span
from yinuo.kernel.clock import CST


def span_text(span: Span) -> str:
    """A span in words: 3 working days, 4 hours, the same day."""
    if span.kind.in_days and not span.length:
        return _("当日") if span.kind is ClockKind.CALENDAR_DAYS else _("当个工作日")
    amount = _plain(span.amount)
    match span.kind:
        case ClockKind.CALENDAR_HOURS:
            return _("%s 小时") % amount
        case ClockKind.WORKING_HOURS:
            return _("%s 个工作小时") % amount
        case ClockKind.CALENDAR_DAYS:
            return _("%s 天") % amount
        case ClockKind.WORKING_DAYS:
            return _("%s 个工作日") % amount


def due_sentence(due: Due) -> str:
    """One sentence that explains a due time."""
    year = due.start.astimezone(CST).year
    parts = [span_text(due.span), _("自 %s 起") % moment_text(due.start, year) + _received(due, year)]
    parts += [_days_off(run, year) for run in due.skipped]
    parts += [_("%s调休上班") % day_text(day, year) for day in due.made_up]
    parts += [_("%d 年节假日尚未公布，暂按平常周历计") % y for y in due.assumed_years]
    return _("，").join(parts) + " → " + moment_text(due.at, year)


def moment_text(at: datetime, year: int | None = None) -> str:
    local = at.astimezone(CST)
    return f"{day_text(local.date(), year)} {local:%H:%M}"


def day_text(day: date, year: int | None = None) -> str:
    """Month and day; the year too when it is not `year`."""
    values = {"y": day.year, "m": day.month, "d": day.day}
    return _("%(m)d月%(d)d日") % values if day.year == year else _("%(y)d年%(m)d月%(d)d日") % values


def _received(due: Due, year: int) -> str:
    return _("（非营业时间，按 %s 收到计）") % day_text(due.received_on, year) if due.received_on else ""


def _days_off(run: DaysOff, year: int) -> str:
    name = _("、").join(name for name in run.names if name) or _("公司")
    return _("%(day)s%(name)s放假") % {"day": run_text(run.first, run.last, year), "name": name}


def run_text(first: date, last: date, year: int | None = None) -> str:
    """One day, or a first and a last one; the year too when it is not `year`."""
    if first == last:
        return day_text(first, year)
    same_month = (last.year, last.month) == (first.year, first.month)
    said = _("%d日") % last.day if same_month else day_text(last, year or first.year)
    return _("%(first)s至%(last)s") % {"first": day_text(first, year), "last": said}


def _plain(amount: Decimal) -> str:
    return f"{amount.quantize(Decimal('0.01')).normalize():f}"
