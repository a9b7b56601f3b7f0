"""Pausing promises while we wait for the customer. What is left of the time is stored and counts on afterwards."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from yinuo.calendars.queries import current_book
from yinuo.calendars.wording import moment_text, span_text
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Refused
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_line
from yinuo.promises.commands.announcing import announce
from yinuo.promises.commands.locking import check_move, locked, locked_promise
from yinuo.promises.commands.telling import note, topics_of, wake_clock
from yinuo.promises.commands.timing import TIMES, calendar_of, count_on
from yinuo.promises.models import Promise
from yinuo.promises.rules.moments import remaining
from yinuo.promises.states import State


@command("promise.pause", needs="promise.handle")
def pause_promise(
    *, promise_id: int, reason: str, expected_version: int | None = None, by: Actor, at: datetime
) -> Promise:
    promise = locked_promise(promise_id, expected_version)
    why = clean_line(reason, 200)
    if not why:
        raise Invalid(_("请说明在等客户的什么"), fields={"reason": _("请说明在等客户的什么")})
    if not promise.spec.pauses:
        raise Refused(_("这项服务标准不因等待客户而暂停"))
    announce([promise], by=by, at=at)
    check_move(promise, "pause")
    _pause(promise, why, by, at)
    return promise


@command("promise.resume", needs="promise.handle")
def resume_promise(*, promise_id: int, expected_version: int | None = None, by: Actor, at: datetime) -> Promise:
    promise = locked_promise(promise_id, expected_version)
    check_move(promise, "resume")
    _resume(promise, by, at)
    wake_clock([promise], at)
    return promise


def pause_promises(*, matter_id: int, reason: str, waits_for: str = "", by: Actor, at: datetime) -> list[Promise]:
    """Pause all of a matter's open promises whose standard allows it, or says so for what we wait for (`waits_for`,
    one of `WAITS`); returns them.
    """
    rows = Promise.unscoped.filter(matter_id=matter_id, state=State.OPEN).select_related("standard")
    ids = [p.pk for p in rows if (waits_for in p.spec.pauses_for if waits_for else p.spec.pauses)]
    return _pause_all(promise_ids=ids, reason=reason, by=by, at=at) if ids else []


def resume_promises(*, matter_id: int, with_the_case: bool = False, by: Actor, at: datetime) -> list[Promise]:
    """Let a matter's paused promises count on; returns them. `with_the_case`: only those that stop by themselves while
    the case waits; one that somebody stops by hand (an appointment) waits for something beside it.
    """
    rows = Promise.unscoped.filter(matter_id=matter_id, state=State.PAUSED).select_related("standard")
    ids = [p.pk for p in rows if p.spec.pauses_for or not with_the_case]
    return _resume_all(promise_ids=ids, by=by, at=at) if ids else []


@command("promise.pause_all", internal=True)
def _pause_all(*, promise_ids: Sequence[int], reason: str, by: Actor, at: datetime) -> list[Promise]:
    promises = locked(Q(pk__in=promise_ids, state=State.OPEN))
    announce(promises, by=by, at=at)
    paused = [p for p in promises if p.state == State.OPEN]
    for promise in paused:
        _pause(promise, reason, by, at)
    record("promises.promise", {"paused": [p.pk for p in paused]})
    return paused


@command("promise.resume_all", internal=True)
def _resume_all(*, promise_ids: Sequence[int], by: Actor, at: datetime) -> list[Promise]:
    promises = locked(Q(pk__in=promise_ids, state=State.PAUSED))
    for promise in promises:
        _resume(promise, by, at)
    wake_clock(promises, at)
    record("promises.promise", {"resumed": [p.pk for p in promises]})
    return promises


def _pause(promise: Promise, reason: str, by: Actor, at: datetime) -> None:
    left = remaining(calendar_of(promise, current_book()), at, promise.due_at, promise.clock_kind)
    promise.state, promise.paused_at, promise.wakes_at = Promise.States.PAUSED, at, None
    promise.remaining_seconds = int(left.length.total_seconds())
    values = {"title": promise.title, "left": span_text(left), "why": reason}
    promise.explanation = _("等待客户：%(why)s，计时暂停；还剩 %(left)s，客户答复后继续计算") % values
    text = _("承诺“%(title)s”暂停，等待客户：%(why)s；剩余 %(left)s") % values
    _save(promise)
    _tell(promise, "paused", text, by, at)


def _resume(promise: Promise, by: Actor, at: datetime) -> None:
    count_on(promise, at)
    _save(promise)
    values = {"title": promise.title, "due": moment_text(promise.due_at)}
    _tell(promise, "resumed", _("承诺“%(title)s”恢复计时，应于 %(due)s 前完成") % values, by, at)


def _save(promise: Promise) -> None:
    promise.version += 1
    promise.save(update_fields=[*TIMES, "state", "version"])


def _tell(promise: Promise, kind: str, text: str, by: Actor, at: datetime) -> None:
    note(promise, kind, text, by=by, at=at)
    record(promise, {"due_at": promise.due_at.isoformat()}, matter_id=promise.matter_id)
    emit(f"promise.{kind}", topics=topics_of(promise), promise_id=promise.pk, matter_id=promise.matter_id)
