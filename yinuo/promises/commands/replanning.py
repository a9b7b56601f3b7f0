"""Moving open promises when a calendar or a standard changes, and saying so on each."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from yinuo.calendars.book import CalendarBook
from yinuo.calendars.queries import current_book
from yinuo.calendars.spans import Span
from yinuo.calendars.wording import moment_text, span_text
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.events import emit
from yinuo.promises.commands.announcing import announce
from yinuo.promises.commands.extending import lapse_overtaken
from yinuo.promises.commands.locking import lock_about, locked
from yinuo.promises.commands.telling import note_all, topics_of, wake_clock
from yinuo.promises.commands.timing import TIMES, announced, retime
from yinuo.promises.models import Promise, Standard
from yinuo.promises.queries.moves import Move, calendar_moves, under_standard
from yinuo.promises.states import State

PORTION = 200
RUNNING = (State.OPEN, State.PAUSED)


@command("promise.replan_calendar", internal=True)
def replan_for_calendar(*, by: Actor, at: datetime) -> list[int]:
    """Re-plan every open promise whose due time differs on the calendar now in force; returns their ids."""
    book = current_book()
    moves = list(calendar_moves(book, at))
    _settle(Q(span_seconds__isnull=False) & ~Q(clock="calendar_hours"), moves, by, at)
    moved = _apply_all(moves, None, _("工作日历调整"), book, by, at)
    record("promises.promise", {"calendar": book.version, "moved": len(moved)})
    return moved


@command("promise.replan_standard", internal=True)
def replan_for_standard(*, standard: Standard, by: Actor, at: datetime) -> list[int]:
    """Put the open and paused promises of a standard under its new version; returns their ids."""
    moves = list(under_standard(standard.key, standard.spec, at))
    _settle(Q(standard__key=standard.key), moves, by, at)
    reason = _("服务标准修改为第 %d 版") % standard.version
    moved = _apply_all(moves, standard, reason, current_book(), by, at)
    lapse_overtaken(standard.key, by, at)
    record(standard, {"moved": len(moved)})
    return moved


def _settle(condition: Q, moves: Sequence[Move], by: Actor, at: datetime) -> None:
    """First bring up to date what is due: what is broken by now does not move any more. Everything that will be
    written on is held at once, in the order of locks; the portions then find it held.
    """
    due = condition & Q(state=State.OPEN, wakes_at__lte=at)
    about = Promise.unscoped.filter(due).values_list("matter_id", "conversation_id")
    lock_about([*about, *((m.promise.matter_id, m.promise.conversation_id) for m in moves)])
    announce(locked(due), by=by, at=at)


def _apply_all(
    moves: Sequence[Move], standard: Standard | None, reason: str, book: CalendarBook, by: Actor, at: datetime
) -> list[int]:
    """In portions, each in a fixed number of statements. A promise somebody changed meanwhile is left to them."""
    moved = []
    for portion in _portions(moves):
        fresh = {p.pk: p for p in locked(Q(pk__in=[m.promise.pk for m in portion], state__in=RUNNING))}
        said = announced(fresh)
        lines = []
        for move in portion:
            promise = fresh.get(move.promise.pk)
            if promise and promise.version == move.promise.version:
                lines += _apply(replace(move, promise=promise), standard, reason, book, said[promise.pk])
                moved.append(promise.pk)
        Promise.unscoped.bulk_update([fresh[pk] for pk in moved if pk in fresh], [*TIMES, "version"])
        note_all("replanned", lines, by=by, at=at)
        _tell([promise for promise, _text in lines])
        wake_clock(fresh.values(), at)
    return moved


def _apply(
    move: Move, standard: Standard | None, reason: str, book: CalendarBook, said: frozenset[tuple[str, int]]
) -> list[tuple[Promise, str]]:
    """Give the promise its new times; returns the line to say about it, if its due time is concerned."""
    promise, old = move.promise, move.promise.due_at
    promise.standard = standard or promise.standard
    promise.calendar_version = book.version
    promise.version += 1
    values = {"title": promise.title, "why": reason, "old": moment_text(old), "new": moment_text(move.new_due_at)}
    if move.left is not None:
        return _apply_paused(move, move.left, reason)
    if move.stays:
        return [(promise, _("%(why)s后承诺“%(title)s”的新时限已过，仍按已告知的 %(old)s 履行") % values)]
    if promise.clock != move.span.kind.value:
        promise.clock, promise.starts_at = move.span.kind.value, move.start
    promise.span_seconds, promise.amount = int(move.span.length.total_seconds()), move.amount
    retime(promise, move.due, book, warn_anew=move.due.due_at != old, said=said)
    if promise.due_at == old:
        return []
    return [(promise, _("因%(why)s，承诺“%(title)s”的时限由 %(old)s 改为 %(new)s") % values)]


def _apply_paused(move: Move, left: Span, reason: str) -> list[tuple[Promise, str]]:
    """What is left changes; when it is due is reckoned once the customer has answered."""
    promise, had = move.promise, move.promise.left
    values = {"title": promise.title, "why": reason, "left": span_text(left), "had": span_text(had) if had else ""}
    if move.stays:
        return [(promise, _("%(why)s后承诺“%(title)s”的新时限已过，暂停中，仍按还剩 %(had)s 计算") % values)]
    if promise.clock != left.kind.value:
        promise.clock, promise.starts_at = left.kind.value, move.start
    promise.span_seconds, promise.amount = int(move.span.length.total_seconds()), move.amount
    promise.remaining_seconds = int(left.length.total_seconds())
    if left == had:
        return []
    promise.explanation = _("等待客户，计时暂停；%(why)s后还剩 %(left)s，客户答复后继续计算") % values
    return [(promise, _("因%(why)s，暂停中的承诺“%(title)s”由还剩 %(had)s 改为还剩 %(left)s") % values)]


def _tell(promises: Sequence[Promise]) -> None:
    for promise in promises:
        record(promise, {"due_at": promise.due_at.isoformat()}, matter_id=promise.matter_id)
        emit("promise.replanned", topics=topics_of(promise), promise_id=promise.pk, matter_id=promise.matter_id)


def _portions(moves: Sequence[Move]) -> Iterator[Sequence[Move]]:
    for start in range(0, len(moves), PORTION):
        yield moves[start : start + PORTION]
