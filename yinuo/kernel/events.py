"""What happened, announced inside a command. Reactions are registered in one place: `jobs/reactions.py`."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from yinuo.kernel.work import Event as Event
from yinuo.kernel.work import Reaction, current_work

CHANNEL = "yinuo_live"
_REACTIONS: dict[str, list[Reaction]] = defaultdict(list)


def emit(name: str, *, topics: Iterable[str] = (), **data: Any) -> None:
    """Announce `name` from inside a command. Topics ("matter:7", "staff:3", "unit:2") reach open pages; `data`
    must be JSON and reaches reactions only.
    """
    work = current_work()
    if work is None:
        raise RuntimeError(f"emit({name!r}) outside a command")
    work.events.append(Event(name, tuple(dict.fromkeys(topics)), data))


def on(name: str, reaction: Reaction) -> None:
    if reaction not in _REACTIONS[name]:
        _REACTIONS[name].append(reaction)


def reactions_to(name: str) -> list[Reaction]:
    return _REACTIONS.get(name, [])


def write_notices(events: list[Event], at: datetime) -> None:
    """Store what open pages should hear and wake the gateway: one statement, ids only on the wire."""
    rows = [(e.name, topic) for e in events for topic in e.topics]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH told AS (INSERT INTO kernel_notice (name, topic, at) "
            "SELECT name, topic, %s FROM jsonb_to_recordset(%s::jsonb) AS r(name text, topic text) RETURNING id) "
            "SELECT pg_notify(%s, min(id) || '-' || max(id)) FROM told",
            [at, json.dumps([{"name": n, "topic": t} for n, t in rows]), CHANNEL],
        )
