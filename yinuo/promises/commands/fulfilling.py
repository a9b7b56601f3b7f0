"""Keeping and renewing promises, by hand or by what happens."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from yinuo.calendars.queries import current_book
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Refused
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_line
from yinuo.promises.commands.announcing import announce
from yinuo.promises.commands.costing import propose_compensations
from yinuo.promises.commands.locking import check_move, locked, locked_promise
from yinuo.promises.commands.making import Subject, from_standard, write_promises
from yinuo.promises.commands.spacing import check_spacing
from yinuo.promises.commands.telling import note, topics_of
from yinuo.promises.commands.timing import TIMES, count_on
from yinuo.promises.models import Promise, Standard
from yinuo.promises.rules.renewal import Effect, effect_of, next_round_starts
from yinuo.promises.states import State


@command("promise.keep", needs="promise.handle")
def keep_promise(
    *, promise_id: int, text: str, expected_version: int | None = None, by: Actor, at: datetime
) -> Promise:
    """Note that a promise has been fulfilled, and how. One that broke stays broken; it is fulfilled late."""
    promise = locked_promise(promise_id, expected_version)
    said = clean_line(text, 300)
    if not said:
        raise Invalid(_("请写明如何履行的"), fields={"text": _("请写明如何履行的")})
    announce([promise], by=by, at=at)
    _check_fulfillable(promise)
    check_spacing(promise, at)
    _fulfil(promise, Effect.KEEPS, said, by, at)
    return promise


@command("promise.renew", needs="promise.handle")
def renew_promise(
    *, promise_id: int, text: str, expected_version: int | None = None, by: Actor, at: datetime
) -> Promise:
    """End this round of a renewing promise and start the next from now; returns the next round."""
    promise = locked_promise(promise_id, expected_version)
    said = clean_line(text, 300)
    if not said:
        raise Invalid(_("请写明本次答复的内容"), fields={"text": _("请写明本次答复的内容")})
    if not promise.spec.renews:
        raise Refused(_("这项承诺不循环，请直接登记履行"))
    announce([promise], by=by, at=at)
    _check_fulfillable(promise)
    return _fulfil(promise, Effect.RENEWS, said, by, at) or promise


def meet_promises(
    *, happening: str, matter_id: int | None = None, task_id: int | None = None, conversation_id: int | None = None,
    customer_id: int | None = None, row: str = "", text: str = "", by: Actor, at: datetime,
) -> list[Promise]:  # fmt: skip
    """`happening` ("reply", "task.done", "complaint.closed", …) keeps or renews what waits for it; returns those. With
    `row`, only what is about that row of the matter.
    """
    about = Q()
    for name, value in (("matter_id", matter_id), ("task_id", task_id), ("conversation_id", conversation_id)):
        about |= Q(**{name: value}) if value else Q()
    if not about:
        about = Q(customer_id=customer_id, matter=None, conversation=None) if customer_id else Q(pk__in=[])
    about &= Q(about=row) if row else Q()
    waiting = Promise.unscoped.filter(about, outstanding=True).select_related("standard")
    ids = [p.pk for p in waiting if effect_of(happening, p.spec) is not Effect.NOTHING]
    return _meet(promise_ids=ids, happening=happening, text=text, by=by, at=at) if ids else []


@command("promise.meet", internal=True)
def _meet(
    *, promise_ids: Sequence[int], happening: str, text: str, held: bool = False, by: Actor, at: datetime
) -> list[Promise]:
    promises = locked(Q(pk__in=promise_ids, outstanding=True), held=held)
    announce(promises, by=by, at=at)
    for promise in promises:
        _fulfil(promise, effect_of(happening, promise.spec), text, by, at)
    record("promises.promise", {"happening": happening, "promises": [p.pk for p in promises]})
    return promises


def meet_held(*, promise_ids: Sequence[int], happening: str, by: Actor, at: datetime) -> list[Promise]:
    """As `meet_promises`, for who holds what these are about and has seen that they wait for it."""
    met: list[Promise] = _meet(promise_ids=promise_ids, happening=happening, text="", held=True, by=by, at=at)
    return met


def _check_fulfillable(promise: Promise) -> None:
    check_move(promise, "keep_late" if promise.state == State.BROKEN else "keep")


def _fulfil(promise: Promise, effect: Effect, text: str, by: Actor, at: datetime) -> Promise | None:
    """The promise is up to date with the clock. Returns the next round, if there is one."""
    late = promise.state == State.BROKEN
    if promise.state == State.PAUSED:
        count_on(promise, at)
    if not late:
        promise.state = Promise.States.RENEWED if effect is Effect.RENEWS else Promise.States.KEPT
    promise.kept_at, promise.outstanding, promise.wakes_at = at, False, None
    promise.version += 1
    promise.save(update_fields=[*TIMES, "state", "kept_at", "outstanding", "version"])
    _tell_fulfilled(promise, effect, late, text, by, at)
    if late:
        propose_compensations(promises=[promise], until=at, by=by, at=at)
    return _next_round(promise, by, at) if effect is Effect.RENEWS else None


def _tell_fulfilled(promise: Promise, effect: Effect, late: bool, text: str, by: Actor, at: datetime) -> None:
    kind = "renewed" if effect is Effect.RENEWS else "kept"
    pattern = _("承诺“%(title)s”已补做（逾期）") if late else _("承诺“%(title)s”已按时履行")
    line = pattern % {"title": promise.title} + (f"：{text}" if text else "")
    note(promise, kind, line, by=by, at=at)
    record(promise, {"late": late, "as": kind}, matter_id=promise.matter_id)
    emit(
        f"promise.{kind}", topics=topics_of(promise), promise_id=promise.pk, matter_id=promise.matter_id,
        obligation=promise.obligation, late=late,
    )  # fmt: skip


def _next_round(promise: Promise, by: Actor, at: datetime) -> Promise:
    """The next round follows the version of the standard in force, or the old one if it was taken out of force."""
    standard = promise.standard
    if standard is None:
        raise Refused(_("这项承诺不循环"))
    standard = Standard.objects.filter(key=standard.key, in_force=True).first() or standard
    subject = Subject(
        promise.matter, promise.task, promise.conversation, promise.customer_id, promise.owner_id, promise.unit,
        about=promise.about,
    )  # fmt: skip
    start = next_round_starts(at)
    following = from_standard(standard, subject, start, current_book(), by=by, at=at, previous=promise)
    return write_promises([following], by=by, at=at)[0]
