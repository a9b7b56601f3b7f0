"""Promises follow their matter: to a new owner, into another case, or out of the world when nothing is owed."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from yinuo.identity.models import Staff
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.events import emit
from yinuo.matters.models import Matter
from yinuo.promises.commands.announcing import announce
from yinuo.promises.commands.changing import release
from yinuo.promises.commands.costing import propose_compensations
from yinuo.promises.commands.locking import bump, locked
from yinuo.promises.commands.telling import note, topics_of
from yinuo.promises.models import Promise
from yinuo.promises.states import State


def along_with(*, matter_id: int | None = None, task_id: int | None = None, conversation_id: int | None = None) -> Q:
    """What is owed by whoever has the matter (not its tasks, checks and appointments), the task, or the thread."""
    if task_id:
        return Q(task_id=task_id, outstanding=True)
    if conversation_id:
        return Q(conversation_id=conversation_id, matter=None, outstanding=True)
    return Q(matter_id=matter_id, task=None, about="", outstanding=True)


def move_promises(
    *, matter_id: int | None = None, task_id: int | None = None, conversation_id: int | None = None,
    owner_id: int | None, apart: Collection[int] = (), by: Actor, at: datetime,
) -> list[Promise]:  # fmt: skip
    """Hand the outstanding promises of a matter, a task or a thread to the new owner, but for those in `apart`."""
    about = along_with(matter_id=matter_id, task_id=task_id, conversation_id=conversation_id)
    about &= ~Q(pk__in=apart) if apart else Q()
    mine = about & (~Q(owner_id=owner_id) if owner_id else Q(owner__isnull=False))
    waiting = Promise.unscoped.filter(mine).exists()
    return _move(about=about, owner_id=owner_id, by=by, at=at) if waiting else []


@command("promise.move", internal=True)
def _move(*, about: Q, owner_id: int | None, by: Actor, at: datetime) -> list[Promise]:
    owner = Staff.objects.filter(pk=owner_id).first() if owner_id else None
    promises = locked(about)
    announce(promises, by=by, at=at)
    for promise in promises:
        give(promise, owner, by=by, at=at)
    return promises


def give(promise: Promise, owner: Staff | None, *, by: Actor, at: datetime) -> None:
    """A locked promise has a new owner."""
    previous, promise.owner = promise.owner_id, owner
    bump(promise, "owner")
    values = {"title": promise.title, "name": owner.name if owner else _("无人")}
    note(promise, "moved", _("承诺“%(title)s”改由 %(name)s 履行") % values, by=by, at=at)
    record(promise, {"from": previous, "to": promise.owner_id}, matter_id=promise.matter_id)
    emit("promise.moved", topics=topics_of(promise, previous), promise_id=promise.pk, matter_id=promise.matter_id)


def carry_promises(
    *, matter_id: int, into_id: int, task_ids: Collection[int] = (), obligations: Collection[str] = (), by: Actor,
    at: datetime,
) -> list[Promise]:  # fmt: skip
    """Two cases became one: what was owed for `task_ids`, and what is owed as one of `obligations`, is owed in the case
    that goes on.
    """
    about = Q(matter_id=matter_id, outstanding=True)
    about &= Q(task_id__in=task_ids) | Q(task=None, obligation__in=obligations)
    waiting = Promise.unscoped.filter(about).exists()
    return _carry(matter_id=matter_id, into_id=into_id, about=about, by=by, at=at) if waiting else []


@command("promise.carry", internal=True)
def _carry(*, matter_id: int, into_id: int, about: Q, by: Actor, at: datetime) -> list[Promise]:
    promises = locked(about)
    announce(promises, by=by, at=at)
    into = Matter.unscoped.select_related("owner").get(pk=into_id)
    for promise in promises:
        number = promise.matter.number if promise.matter else ""
        promise.matter, promise.version = into, promise.version + 1
        promise.save(update_fields=["matter", "version"])
        values = {"title": promise.title, "from": number}
        note(promise, "moved", _("承诺“%(title)s”从 %(from)s 转来，继续履行") % values, by=by, at=at)
        record(promise, {"from_matter": matter_id, "to_matter": into_id}, matter_id=into_id)
        emit("promise.moved", topics=topics_of(promise), promise_id=promise.pk, matter_id=into_id)
    return promises


def release_promises(
    *, matter_id: int | None = None, task_id: int | None = None, conversation_id: int | None = None,
    only: Collection[str] = (), but: Collection[str] = (), row: str = "", reason: str, by: Actor, at: datetime,
) -> list[Promise]:  # fmt: skip
    """Nothing is owed any more (withdrawn, merged, the task canceled): open promises end, broken ones stay broken.
    `only` names the obligations concerned; without it, all; `but` those that stay; `row` the row they are about.
    """
    about = Q(task_id=task_id) if task_id else Q(matter_id=matter_id)
    if conversation_id:
        about = Q(conversation_id=conversation_id, matter=None)
    about &= (Q(obligation__in=only) if only else Q()) & ~Q(obligation__in=but) & (Q(about=row) if row else Q())
    ids = list(Promise.unscoped.filter(about, outstanding=True).values_list("pk", flat=True))
    return _release(promise_ids=ids, reason=reason, by=by, at=at) if ids else []


@command("promise.release", internal=True)
def _release(*, promise_ids: Sequence[int], reason: str, by: Actor, at: datetime) -> list[Promise]:
    promises = locked(Q(pk__in=promise_ids, outstanding=True))
    announce(promises, by=by, at=at)
    ended = _("承诺“%(title)s”已违约，事项结束：%(why)s")
    broken = [promise for promise in promises if promise.state == State.BROKEN]
    propose_compensations(promises=broken, until=at, by=by, at=at)  # what being late has cost by now stays owed
    for promise in promises:
        if promise.state == State.BROKEN:
            promise.outstanding, promise.wakes_at = False, None
            promise.version += 1
            promise.save(update_fields=["outstanding", "wakes_at", "version"])
            note(promise, "ended", ended % {"title": promise.title, "why": reason}, by=by, at=at)
        else:
            release(promise, _("承诺“%(title)s”不再需要履行：%(why)s"), reason, by, at)
    record("promises.promise", {"released": [p.pk for p in promises], "reason": reason})
    return promises
