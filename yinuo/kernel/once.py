"""A once-key makes a repeated command do nothing: the second call learns what the first one returned."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, models

from yinuo.kernel.actor import Actor, current_actor
from yinuo.kernel.errors import AlreadyDone
from yinuo.kernel.text import storable


@dataclass(frozen=True, slots=True)
class Claim:
    """A key taken by the very statement that writes what it is for; `keeps` says what is kept of the row made."""

    command: str
    key: str
    keeps: Callable[[Any], Any]


def once_key(actor: Actor, key: str) -> str:
    """The key as it is kept: everybody has keys of their own."""
    return str(storable(f"{actor.kind}:{actor.id or actor.customer_id or ''}:{key}"[:200]))


def claim_once(command: str, key: str, actor: Actor, at: datetime) -> None:
    """Take the key, waiting for a twin that is still running; raises `AlreadyDone` if it was taken."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_once (command, key, at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING RETURNING id",
            [command, once_key(actor, key), at],
        )
        if cursor.fetchone():
            return
    raise AlreadyDone(kept_result(command, key, actor))


def kept_result(command: str, key: str, actor: Actor) -> Any:
    """What the command returned the first time."""
    return kept_under(command, once_key(actor, key))


def kept_under(command: str, key: str) -> Any:
    """The same by the key as it is kept; None if nobody took it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT result::text FROM kernel_once WHERE command = %s AND key = %s", [command, key])
        row = cursor.fetchone()
    return json.loads(row[0]) if row and row[0] else None


def keep_result(command: str, key: str, result: Any) -> None:
    kept = result.pk if isinstance(result, models.Model) else result
    if isinstance(kept, dict):
        kept = {name: value for name, value in kept.items() if name != "secret"}
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE kernel_once SET result = %s::jsonb WHERE command = %s AND key = %s",
            [json.dumps(kept, default=str), command, once_key(current_actor(), key)],
        )
