"""Moving open promises when a calendar or a standard changes, and saying so on each."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from yinuo.calendars.book import CalendarBook
from yinuo.calendars.queries import current_book
from yinuo.calendars.wording import moment_text
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.events import emit
from yinuo.promises.commands.announcing import announce
from yinuo.promises.commands.locking import locked
from yinuo.promises.commands.telling import note, topics_of, wake_clock
from yinuo.promises.commands.timing import TIMES, retime
from yinuo.promises.models import Promise, Standard
from yinuo.promises.queries.moves import Move, calendar_moves, under_standard
from yinuo.promises.states import State


@command("promise.replan_calendar", internal=True)
def replan_for_calendar(*, by: Actor, at: datetime) -> list[int]:
    """Re-plan every open promise whose due time differs on the calendar now in force; returns their ids."""
    book = current_book()
    _settle(Q(span_seconds__isnull=False) & ~Q(clock="calendar_hours"), by, at)
    moved = [_apply(move, None, _("工作日历调整"), book, by, at) for move in list(calendar_moves(book, at))]
    record("promises.promise", {"calendar": book.version, "moved": len(moved)})
    return moved


@command("promise.replan_standard", internal=True)
def replan_for_standard(*, standard: Standard, by: Actor, at: datetime) -> list[int]:
    """Put the open promises of a standard under its new version; returns the ids of those that moved."""
    book = current_book()
    _settle(Q(standard__key=standard.key), by, at)
    moves = list(under_standard(standard.key, standard.spec, at))
    reason = _("服务标准修改为第 %d 版") % standard.version
    moved = [_apply(move, standard, reason, book, by, at) for move in moves]
    record(standard, {"moved": len(moved)})
    return moved


def _settle(condition: Q, by: Actor, at: datetime) -> None:
    """Lock what may move and bring it up to date first: what is broken by now does not move any more."""
    announce(locked(condition & Q(state=State.OPEN)), by=by, at=at)


def _apply(move: Move, standard: Standard | None, reason: str, book: CalendarBook, by: Actor, at: datetime) -> int:
    promise = move.promise
    if standard is not None:
        promise.standard = standard
    if move.stays:
        Promise.unscoped.filter(pk=promise.pk).update(calendar_version=book.version)
        _say(promise, reason, promise.due_at, by, at, stays=True)
        return promise.pk
    old = promise.due_at
    if promise.clock != move.span.kind.value:
        promise.clock, promise.starts_at = move.span.kind.value, promise.made_at
    promise.span_seconds, promise.amount = int(move.span.length.total_seconds()), move.amount
    retime(promise, move.due, book, warn_anew=move.due.due_at != old)
    promise.version += 1
    promise.save(update_fields=[*TIMES, "version"])
    if promise.due_at != old:
        _say(promise, reason, old, by, at, stays=False)
    wake_clock([promise], at)
    return promise.pk


def _say(promise: Promise, reason: str, old: datetime, by: Actor, at: datetime, *, stays: bool) -> None:
    values = {"title": promise.title, "why": reason, "old": moment_text(old), "new": moment_text(promise.due_at)}
    pattern = (
        _("%(why)s后承诺“%(title)s”的新时限已过，仍按已告知的 %(old)s 履行")
        if stays
        else _("因%(why)s，承诺“%(title)s”的时限由 %(old)s 改为 %(new)s")
    )
    note(promise, "replanned", pattern % values, by=by, at=at)
    record(promise, {"from": old.isoformat(), "to": promise.due_at.isoformat()}, matter_id=promise.matter_id)
    emit("promise.replanned", topics=topics_of(promise), promise_id=promise.pk, matter_id=promise.matter_id)
