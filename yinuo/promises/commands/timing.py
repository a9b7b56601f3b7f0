"""Giving a promise its times: the one place, beside the clock, that plans when it wakes. The caller saves `TIMES`."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from yinuo.calendars.book import CalendarBook
from yinuo.calendars.queries import current_book, path_ids
from yinuo.calendars.rules import WorkCalendar
from yinuo.calendars.spans import Span
from yinuo.promises.models import Promise, PromiseEvent
from yinuo.promises.rules.moments import Reckoned, reckon
from yinuo.promises.rules.plan import next_wake, plan, write_points

TIMES = (
    "starts_at", "span_seconds", "due_at", "wakes_at", "explanation", "provisional", "plan", "plan_no", "warned",
    "calendar_version", "paused_at", "remaining_seconds", "amount", "clock", "standard",
)  # fmt: skip


def calendar_of(promise: Promise, book: CalendarBook) -> WorkCalendar:
    return book.calendar(path_ids(promise.unit.path) if promise.unit else ())


def announced(ids: Iterable[int]) -> dict[int, frozenset[tuple[str, int]]]:
    """What has been announced of each promise. One statement."""
    found: dict[int, set[tuple[str, int]]] = {number: set() for number in ids}
    for number, kind, rung in PromiseEvent.unscoped.filter(promise_id__in=found).values_list(
        "promise_id", "kind", "rung"
    ):
        found[number].add((kind, rung))
    return {number: frozenset(keys) for number, keys in found.items()}


def kinds(said: Iterable[tuple[str, int]]) -> set[str]:
    return {kind for kind, _rung in said}


def retime(
    promise: Promise, due: Reckoned, book: CalendarBook, *, warn_anew: bool,
    said: frozenset[tuple[str, int]] | None = None,
) -> None:  # fmt: skip
    """Take over a due time and plan the announcements towards it. Breach and rungs are never announced twice."""
    said = announced([promise.pk])[promise.pk] if said is None else said
    promise.due_at, promise.explanation = due.due_at, due.explanation
    promise.provisional, promise.calendar_version = due.provisional, book.version
    promise.plan_no += int(warn_anew)
    promise.warned = promise.warned and not warn_anew
    points = plan(promise.spec, promise.starts_at, promise.due_at, due.calendar, promise.plan_no, promise.at_stake)
    promise.plan = write_points(points)
    promise.wakes_at = next_wake(points, said) if promise.state in ("open", "broken") else None


def count_on(promise: Promise, at: datetime) -> None:
    """After a pause: what was left counts from now, and is due accordingly."""
    promise.starts_at, promise.span_seconds = at, promise.remaining_seconds
    promise.paused_at = promise.remaining_seconds = None
    promise.state = Promise.States.OPEN
    book, said = current_book(), announced([promise.pk])[promise.pk]
    left = promise.span or Span(promise.clock_kind, timedelta())
    due = reckon(calendar_of(promise, book), at, left, promise.opening({*kinds(said), "resumed"}))
    retime(promise, due, book, warn_anew=False, said=said)
