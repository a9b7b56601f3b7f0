"""Which open promises a change of a calendar or a standard would move: shown before, and used to apply it.

A paused promise has no due time to move: a standard changes what is left of it, and the rest is due when it is resumed.
On which calendar is decided then as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet

from yinuo.calendars.book import CalendarBook, CalendarChange
from yinuo.calendars.queries import current_book, path_ids
from yinuo.calendars.rules import WorkCalendar
from yinuo.calendars.spans import Span
from yinuo.promises.models import Promise, PromiseEvent
from yinuo.promises.rules.moments import Reckoned, reckon, remaining
from yinuo.promises.rules.plan import ladder_of, plan, read_points
from yinuo.promises.rules.standard import StandardSpec
from yinuo.promises.states import State

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Move:
    """A promise and where it would go from `start`. `stays`: the new time has passed already, so what we told holds.
    `left` is what a paused one would have left.
    """

    promise: Promise
    start: datetime
    due: Reckoned
    span: Span
    amount: Decimal
    stays: bool
    left: Span | None = None

    @property
    def old_due_at(self) -> datetime:
        return self.promise.due_at

    @property
    def new_due_at(self) -> datetime:
        return self.promise.due_at if self.stays else self.due.due_at

    @property
    def moves(self) -> bool:
        """Whether anybody would notice."""
        if self.left is None:
            return self.due.due_at != self.promise.due_at
        return self.stays or self.left != self.promise.left


def calendar_preview(change: CalendarChange, at: datetime) -> list[Move]:
    """The open promises that `change` would move."""
    moves = calendar_moves(current_book().changed(change), at)
    return [move for move in moves if move.moves or move.due.provisional != move.promise.provisional]


def calendar_moves(book: CalendarBook, at: datetime) -> Iterator[Move]:
    """Open promises whose due time or ladder differs on `book`. Calendar hours do not depend on it."""
    rows = _running(Q(span_seconds__isnull=False) & ~Q(clock="calendar_hours"), State.OPEN)
    for promise in rows.iterator(chunk_size=500):
        span = promise.span
        if span is None:
            continue
        due = reckon(_calendar(promise, book), promise.starts_at, span, promise.opening(_happened(promise)))
        if due.due_at != promise.due_at or due.provisional != promise.provisional or _climbs_anew(promise, due):
            yield _move(promise, promise.starts_at, due, span, promise.amount, at)


def _climbs_anew(promise: Promise, due: Reckoned) -> bool:
    """Whether a rung of its ladder comes at another time: it may lie in a year that was unknown."""
    planned = plan(promise.spec, promise.starts_at, due.due_at, due.calendar, promise.plan_no, promise.at_stake)
    return ladder_of(planned) != ladder_of(read_points(promise.plan))


def standard_moves(key: str, spec: StandardSpec, at: datetime) -> list[Move]:
    """The running promises made from standard `key` that the text `spec` would move."""
    return [move for move in under_standard(key, spec, at) if move.moves]


def under_standard(key: str, spec: StandardSpec, at: datetime) -> Iterator[Move]:
    """All open and paused promises of standard `key` as they would be under `spec`, moved or not."""
    book = current_book()
    for promise in _running(Q(standard__key=key), State.OPEN, State.PAUSED):
        if move := _under(promise, spec, book, at):
            yield move


def _under(promise: Promise, spec: StandardSpec, book: CalendarBook, at: datetime) -> Move | None:
    """Earlier pauses and extensions are kept: the standard's difference is added to what the promise has. On another
    clock they mean nothing, and it counts from its beginning.
    """
    span = promise.span
    if span is None:
        return None
    if spec.clock is promise.clock_kind:
        more = Span.of(spec.clock, spec.amount - promise.spec.amount)
        span = Span(spec.clock, max(span.length + more.length, timedelta()))
        amount = max(promise.amount + more.amount, Decimal())
        start, opening = promise.starts_at, promise.opening(_happened(promise))
    else:
        span, amount, start, opening = spec.span, spec.amount, promise.began(_happened(promise)), ""
    if promise.state == State.PAUSED:
        return _paused(promise, spec, start, span, amount, _calendar(promise, book), at)
    return _move(promise, start, reckon(_calendar(promise, book), start, span, opening), span, amount, at)


def _paused(
    promise: Promise, spec: StandardSpec, start: datetime, span: Span, amount: Decimal, calendar: WorkCalendar,
    at: datetime,
) -> Move | None:  # fmt: skip
    """What would be left: the difference is added, or, on another clock, what had gone by then is taken off."""
    had = promise.left
    if had is None or promise.paused_at is None:
        return None
    if spec.clock is promise.clock_kind:
        rest = had.length + Span.of(spec.clock, spec.amount - promise.spec.amount).length
    else:
        rest = span.length - remaining(calendar, start, promise.paused_at, spec.clock).length
    stays = rest < timedelta() or not (rest or spec.clock.in_days)
    left = had if stays else Span(spec.clock, rest)
    return Move(promise, start, reckon(calendar, at, left), span, amount, stays, left)


def _move(promise: Promise, start: datetime, due: Reckoned, span: Span, amount: Decimal, at: datetime) -> Move:
    return Move(promise, start, due, span, amount, stays=due.due_at <= at and due.due_at != promise.due_at)


def _running(condition: Q, *states: State) -> QuerySet[Promise, Any]:
    """Each with what has happened to it that its time includes."""
    changed = PromiseEvent.unscoped.filter(promise=OuterRef("pk"), kind__in=("extended", "resumed"))
    return (
        Promise.unscoped.filter(condition, state__in=states)
        .select_related("standard", "unit", "matter", "owner")
        .annotate(happened=ArraySubquery(changed.values("kind")))
        .order_by("due_at", "pk")
    )


def _happened(promise: Promise) -> list[str]:
    found: list[str] = promise.happened  # type: ignore[attr-defined]
    return found


def _calendar(promise: Promise, book: CalendarBook) -> WorkCalendar:
    return book.calendar(path_ids(promise.unit.path) if promise.unit else ())
