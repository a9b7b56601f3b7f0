"""Saying what happened: on the matter's timeline, among the promise's events, to open pages, to the clock."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Max

from yinuo.identity.models import Staff
from yinuo.kernel.actor import Actor
from yinuo.kernel.many import insert_many
from yinuo.kernel.single_write import new_row
from yinuo.matters.commands import add_entries
from yinuo.promises.models import Promise, PromiseEvent

CLOCK_CHANNEL = "yinuo_clock"
CLOCK_LOOKS_EVERY = timedelta(seconds=30)


def topics_of(promise: Promise, *staff_ids: int | None) -> list[str]:
    people = dict.fromkeys([promise.owner_id, *staff_ids])
    return [
        "promises",
        *([f"matter:{promise.matter_id}"] if promise.matter_id else []),
        *(f"staff:{person}" for person in people if person),
        *([f"unit:{promise.unit_id}"] if promise.unit_id else []),
    ]


def tell_timelines(lines: Sequence[tuple[Promise, str, str]], *, by: Actor, at: datetime) -> None:
    """Lines (promise, kind, text) for the matters concerned; promises without a matter keep their events only."""
    rows = [
        {"matter": p.matter, "kind": kind, "text": text, "data": {"promise_id": p.pk}}
        for p, kind, text in lines
        if p.matter
    ]
    if rows:
        add_entries(rows=rows, by=by, at=at)


def note(promise: Promise, kind: str, text: str, *, told: Staff | None = None, by: Actor, at: datetime) -> None:
    """Something a person or a rule did to the promise; such kinds may repeat. `told` is notified of it."""
    note_all(kind, [(promise, text)], told=told, by=by, at=at)


def note_all(
    kind: str, lines: Sequence[tuple[Promise, str]], *, told: Staff | None = None, by: Actor, at: datetime
) -> None:
    """The same happening of many promises, each with its own words, in a fixed number of statements."""
    if not lines:
        return
    before = PromiseEvent.unscoped.filter(promise__in=[p.pk for p, _text in lines], kind=kind)
    last = dict(before.values_list("promise_id").annotate(rung=Max("rung")))
    insert_many([
        new_row(
            PromiseEvent, promise=promise, kind=kind, rung=last[promise.pk] + 1 if promise.pk in last else 0,
            planned_at=at, at=at, by_name="" if by.kind == "system" else by.name[:80], text=text[:500], told=told,
        )
        for promise, text in lines
    ])  # fmt: skip
    tell_timelines([(promise, f"promise_{kind}", text) for promise, text in lines], by=by, at=at)


def wake_clock(promises: Iterable[Promise], at: datetime) -> None:
    """Nudge the clock when something comes due before it would look again by itself."""
    soon = at + CLOCK_LOOKS_EVERY
    if any(p.wakes_at and p.wakes_at < soon for p in promises):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, '')", [CLOCK_CHANNEL])
