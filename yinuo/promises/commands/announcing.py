"""The clock's step: what is due is announced, each announcement once, and late ones say that they are late."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q

from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import nothing_done, record
from yinuo.kernel.command import command
from yinuo.kernel.events import emit
from yinuo.kernel.many import insert_many, update_many
from yinuo.kernel.single_write import new_row
from yinuo.matters.commands import add_collaborators
from yinuo.matters.models import Matter
from yinuo.promises.commands.costing import propose_compensations
from yinuo.promises.commands.ladder import Ladder
from yinuo.promises.commands.locking import lock_matters, locked
from yinuo.promises.commands.telling import tell_timelines, topics_of
from yinuo.promises.commands.timing import announced
from yinuo.promises.models import Promise, PromiseEvent
from yinuo.promises.queries.due import ALL, Lane, due
from yinuo.promises.rules.plan import Announcement, Point, is_late, tick
from yinuo.promises.rules.standard import BreachKind
from yinuo.promises.states import State
from yinuo.promises.wording import announcement_text

#: Large enough that what each batch costs by itself hardly counts; its matters are locked for a fifth of a second.
BATCH = 200
#: What an announcement names. Of a batch most share standard, owner and unit: each is read, and understood, once.
ABOUT: Any = (
    "standard", Prefetch("matter", Matter.unscoped.only("kind", "owner", "unit")), "owner", "unit",
)  # fmt: skip


@command("promise.announce_due", internal=True)
def announce_due(
    *, limit: int = BATCH, skip: Collection[int] = (), lane: Lane = ALL, only: int | None = None,
    by: Actor, at: datetime,
) -> int:  # fmt: skip
    """Announce whatever has come due by `at`, for at most `limit` promises; returns how many promises moved.

    Promises somebody else is working on are left for the next step, so two clocks never do the same one. `skip`
    names promises that could not be announced just now and must not hold up the others; `lane` leaves what other hands
    of this clock do; `only` names a single promise.
    """
    found = due(at, skip, lane) if only is None else due(at).filter(pk=only)
    picked = list(found.values_list("pk", "matter_id")[:limit])
    free = lock_matters({m for _pk, m in picked if m}, skip_locked=True)
    ids = [pk for pk, matter_id in picked if matter_id is None or matter_id in free]
    rows = Promise.unscoped.filter(pk__in=ids, wakes_at__lte=at).prefetch_related(*ABOUT).order_by("wakes_at", "pk")
    promises = list(rows.select_for_update(no_key=True, skip_locked=True))
    moved = announce(promises, by=by, at=at)
    if moved:
        record("promises.clock", {"promises": moved})
    else:
        nothing_done()
    return moved


@command("promise.bring_up_to_date", internal=True)
def bring_up_to_date(*, matter_id: int, by: Actor, at: datetime) -> int:
    """What has come due on a matter is announced now, before something is decided that depends on it."""
    moved = announce(locked(Q(matter_id=matter_id, wakes_at__lte=at)), by=by, at=at)
    if moved:
        record("promises.clock", {"promises": moved}, matter_id=matter_id)
    else:
        nothing_done()
    return moved


def announce(promises: Sequence[Promise], *, by: Actor, at: datetime) -> int:
    """Bring locked promises up to `at`. Every other promise command does this first, so the clock being down
    never lets a broken promise pass for a kept one.
    """
    awake = [p for p in promises if p.wakes_at and p.wakes_at <= at]
    if not awake:
        return 0
    said = announced([p.pk for p in awake])
    ladder = Ladder()
    events: list[PromiseEvent] = []
    lines: list[tuple[Promise, str, str]] = []
    for promise in awake:
        verdict = tick(promise.watched(said[promise.pk]), at)
        if verdict.state is State.BROKEN and promise.state != State.BROKEN:
            promise.broken_owner = promise.owner
        promise.state, promise.wakes_at = Promise.States(verdict.state.value), verdict.wakes_at
        promise.warned |= any(point.kind is Announcement.WARNED for point in verdict.announce)
        for point in verdict.announce:
            event = _event(promise, point, ladder, at)
            events.append(event)
            lines.append((promise, f"promise_{point.kind.value}", event.text))
    insert_many(events)
    update_many(awake, ["state", "wakes_at", "warned", "broken_owner"])
    tell_timelines(lines, by=by, at=at)
    _involve(events, by, at)
    for event in events:
        _emit(event)
    _propose_costs(awake, events, by, at)
    return len(awake)


def _event(promise: Promise, point: Point, ladder: Ladder, at: datetime) -> PromiseEvent:
    told = ladder.whom(point.to, promise) if point.to else promise.owner
    late = is_late(point, at)
    return new_row(
        PromiseEvent, promise=promise, kind=point.kind.value, rung=point.rung, planned_at=point.at, at=at, late=late,
        told_as=point.to, told=told, text=announcement_text(promise, point, told.name if told else "", late)[:500],
    )  # fmt: skip


def _involve(events: Sequence[PromiseEvent], by: Actor, at: datetime) -> None:
    """Whoever is told of a breach above the handler can see the matter and work on it."""
    above = [e for e in events if e.told and e.told_as not in ("", "handler") and e.promise.matter]
    pairs = [(e.promise.matter, e.told) for e in above]
    if pairs:
        add_collaborators(pairs=pairs, by=by, at=at)


def _emit(event: PromiseEvent) -> None:
    promise = event.promise
    emit(
        f"promise.{event.kind}", topics=topics_of(promise, event.told_id), promise_id=promise.pk,
        matter_id=promise.matter_id, task_id=promise.task_id, rung=event.rung, to=event.told_as,
        told_id=event.told_id, late=event.late, obligation=promise.obligation, title=promise.title,
    )  # fmt: skip


def _propose_costs(promises: Sequence[Promise], events: Sequence[PromiseEvent], by: Actor, at: datetime) -> None:
    """An apology is owed at once; money only when its sum is known."""
    happened = {(e.promise_id, e.kind) for e in events}
    owing = [
        p for p in promises
        if (p.pk, Announcement.COST_FIXED) in happened
        or ((p.pk, Announcement.BROKEN) in happened and p.spec.breach.kind in (BreachKind.APOLOGY, BreachKind.FREE))
    ]  # fmt: skip
    propose_compensations(promises=owing, until=at, by=by, at=at)
