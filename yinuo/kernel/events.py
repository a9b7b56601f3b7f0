"""What happened, announced inside a command. Reactions are registered in one place: `jobs/reactions.py`."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from yinuo.kernel.bell import bell
from yinuo.kernel.work import Event as Event
from yinuo.kernel.work import Reaction, current_work

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
    """Store what open pages should hear, one row, and wake the gateway once it is committed."""
    pairs = said_once(events)
    if not pairs:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_notice (events, at) VALUES (%s::jsonb, %s)",
            [json.dumps(pairs), at],
        )
    transaction.on_commit(bell.ring)


def said_once(events: Iterable[Event]) -> list[tuple[str, str]]:
    """The (name, topic) pairs of a unit of work, each once."""
    return list(dict.fromkeys((event.name, topic) for event in events for topic in event.topics))
