"""Working time: pure, no database, no clock. `between(s, add(s, x).at, x.kind) == x` for every s and x."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from yinuo.calendars.spans import ClockKind, DaysOff, Due, NoCalendarData, Span
from yinuo.kernel.clock import CST

Hours = tuple[tuple[int, int], ...]  # opening intervals of a day, in minutes after midnight
DAY = timedelta(days=1)
MIDNIGHT = 24 * 60
OFFICE: Hours = ((9 * 60, 12 * 60), (13 * 60 + 30, 18 * 60))
OFFICE_WEEK: tuple[Hours, ...] = (OFFICE,) * 5 + ((), ())
SEARCH_LIMIT = 4000  # days looked ahead for working time before giving up


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day that does not follow the week: a holiday, a make-up working day, or special hours."""

    working: bool
    name: str = ""
    hours: Hours = ()


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The working time of one unit: its weekly hours, the national days, and its own exceptions.

    `known_years` are those whose national holidays are on record; outside them working time raises
    `NoCalendarData`, unless `assuming` says to count plain weeks (the result then says so).
    """

    week: tuple[Hours, ...] = OFFICE_WEEK
    national: Mapping[date, SpecialDay] = field(default_factory=dict)
    special: Mapping[date, SpecialDay] = field(default_factory=dict)
    known_years: frozenset[int] = frozenset()
    open_on_holidays: bool = False
    assuming: bool = False
    zone: ZoneInfo = CST

    def assuming_plain_weeks(self) -> "WorkCalendar":
        return replace(self, assuming=True)

    def hours(self, day: date) -> Hours:
        """Opening intervals of `day`; empty when closed."""
        own = self.special.get(day)
        if own:
            return (own.hours or self.week[day.weekday()] or self.usual_hours) if own.working else ()
        if day.year not in self.known_years and not self.assuming:
            raise NoCalendarData(day.year)
        rule = self.national.get(day)
        if rule and rule.working:
            return self.week[day.weekday()] or self.usual_hours
        if rule and not self.open_on_holidays:
            return ()
        return self.week[day.weekday()]

    @property
    def usual_hours(self) -> Hours:
        return next((hours for hours in self.week if hours), OFFICE)

    def is_working(self, day: date) -> bool:
        return bool(self.hours(day))

    def close_of(self, day: date) -> datetime:
        """Close of business; on a day off, when business would usually close. Needs no holiday data."""
        own = self.special.get(day)
        hours = (own.hours if own and own.working else ()) or self.week[day.weekday()] or self.usual_hours
        return _moment(self.zone, day, min(hours[-1][1], MIDNIGHT - 1) if hours else MIDNIGHT - 1)

    def add(self, start: datetime, span: Span) -> Due:
        """Where `span` leads from `start`. Days end at close of business; the day of receipt is not one."""
        if span.length < timedelta():
            raise ValueError("a span to add is not negative")
        match span.kind:
            case ClockKind.CALENDAR_HOURS:
                return Due(start + span.length, start, span)
            case ClockKind.WORKING_HOURS:
                return self._explained(start, span, self._after_working_time(start, span.length))
            case ClockKind.CALENDAR_DAYS:
                day = self._day(start) + span.length
                end = self.close_of(day)
                return Due(end if end >= start else _moment(self.zone, day, MIDNIGHT, -1), start, span)
            case ClockKind.WORKING_DAYS:
                received = self.receipt_day(start)
                day = received
                for _ in range(span.days):
                    day = self._next_working(day + DAY)
                return self._explained(start, span, self.close_of(day), received)

    def between(self, a: datetime, b: datetime, kind: ClockKind) -> Span:
        """The length from `a` to `b` on the clock `kind`; negative when `b` comes first."""
        if b < a:
            return Span(kind, -self.between(b, a, kind).length)
        match kind:
            case ClockKind.CALENDAR_HOURS:
                return Span(kind, b - a)
            case ClockKind.WORKING_HOURS:
                return Span(kind, self.working_time(a, b))
            case ClockKind.CALENDAR_DAYS:
                return Span(kind, self._day(b) - self._day(a))
            case ClockKind.WORKING_DAYS:
                first, last = self.receipt_day(a), self.receipt_day(b)
                count = sum(self.is_working(first + DAY * n) for n in range(1, (last - first).days + 1))
                return Span(kind, DAY * count)

    def point(self, start: datetime, end: datetime, kind: ClockKind, percent: int) -> datetime:
        """The moment when `percent` of the way from `start` to `end` has gone, as the clock counts."""
        if kind.in_working_time:
            whole = self.working_time(start, end)
            if whole:
                return self._after_working_time(start, whole * percent / 100)
        return start + (end - start) * percent / 100

    def working_time(self, a: datetime, b: datetime) -> timedelta:
        total = timedelta()
        for opens, closes in self._intervals(self._day(a)):
            if opens >= b:
                break
            total += max(min(closes, b) - max(opens, a), timedelta())
            if closes >= b:
                break
        return total

    def receipt_day(self, at: datetime) -> date:
        """The working day something arriving `at` counts as received: that day until close, else the next."""
        day = self._day(at)
        while not (self.is_working(day) and self.close_of(day) >= at):
            day = self._next_working(day + DAY)
        return day

    def _after_working_time(self, start: datetime, length: timedelta) -> datetime:
        if not length:
            return start
        for opens, closes in self._intervals(self._day(start)):
            begin = max(opens, start)
            if closes - begin >= length:
                return begin + length
            length -= max(closes - begin, timedelta())
        raise AssertionError("unreachable: _intervals never ends quietly")

    def _intervals(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        for _ in range(SEARCH_LIMIT * 3):
            for opens, closes in self.hours(day):
                yield _moment(self.zone, day, opens), _moment(self.zone, day, closes)
            day += DAY
        raise NoCalendarData(day.year)

    def _next_working(self, day: date) -> date:
        for n in range(SEARCH_LIMIT):
            if self.is_working(day + DAY * n):
                return day + DAY * n
        raise NoCalendarData(day.year)

    def _explained(self, start: datetime, span: Span, at: datetime, received: date | None = None) -> Due:
        first, last = self._day(start), self._day(at)
        days = [first + DAY * n for n in range((last - first).days + 1)]
        return Due(
            at, start, span,
            received_on=received if received and received != first else None,
            skipped=tuple(self._runs(days)),
            made_up=tuple(d for d in days if self.hours(d) and not self.week[d.weekday()]),
            assumed_years=tuple(sorted({d.year for d in days} - self.known_years)),
        )  # fmt: skip

    def _runs(self, days: list[date]) -> Iterator[DaysOff]:
        """Named days off among `days`; neighbours are joined and named together."""
        run: DaysOff | None = None
        for day in days:
            rule = self.special.get(day) or self.national.get(day)
            if not rule or rule.working or self.hours(day):
                continue
            if run and run.last + DAY == day:
                run = replace(run, last=day, names=tuple(dict.fromkeys((*run.names, rule.name))))
                continue
            if run:
                yield run
            run = DaysOff((rule.name,), day, day)
        if run:
            yield run

    def _day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()


@lru_cache(maxsize=4096)
def _moment(zone: ZoneInfo, day: date, minutes: int, seconds: int = 0) -> datetime:
    return (datetime.combine(day, time(), zone) + timedelta(minutes=minutes, seconds=seconds)).astimezone(zone)
