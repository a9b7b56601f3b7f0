"""Fence 2, the database side: domain tables are written only inside a command."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from yinuo.kernel.errors import WriteOutsideCommand

# Tables other libraries keep for themselves; a command does not need to stand behind a session or a job.
FOREIGN = ("django_", "auth_", "procrastinate_", "axes_", "pg_temp")
# What may hide or resemble a write: comments, quoted text, row locks, the tail of an upsert, a trigger's events.
_NOISE = re.compile(
    r"/\*.*?\*/|--[^\n]*|'(?:[^']|'')*'|\bfor\s+(?:no\s+key\s+)?update\b|\bdo\s+update\s+set\b|\bcopy\s*\("
    r"|\b(?:before|after|or|on)\s+(?:update|delete|truncate|insert)\b",
    re.I | re.S,
)
_WRITE = re.compile(
    r"\b(?:insert\s+into|update|delete\s+from|merge\s+into|truncate(?:\s+table)?|copy)\s+(?:only\s+)?"
    r"(?:\"?public\"?\.)?\"?([a-z_0-9]+)",
    re.I,
)
_permit: ContextVar[str | None] = ContextVar("write_permit", default=None)


@contextmanager
def permit_writes(reason: str) -> Iterator[None]:
    """Let writes through: used by the command decorator, migrations and the bulk loader (allow-listed by a test)."""
    token = _permit.set(reason)
    try:
        yield
    finally:
        _permit.reset(token)


def written_tables(sql: str) -> list[str]:
    """The tables a statement writes; empty for a read."""
    if sql.lstrip()[:6].upper() == "SELECT" and ";" not in sql:
        return []
    return [table.lower() for table in _WRITE.findall(_NOISE.sub(" ", sql))]


def refuse_stray_writes(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    if _permit.get() is None:
        stray = [t for t in written_tables(str(sql)) if not t.startswith(FOREIGN)]
        if stray:
            raise WriteOutsideCommand(f"write to {', '.join(stray)} outside a command")
    return execute(sql, params, many, context)


def install(connection: Any, **_: Any) -> None:
    """Put the guard before every statement of a new connection, and keep it to one processor.

    Starting parallel workers or a compiler costs more than any statement of a page takes. The statements of the pages
    (`kernel/planned`) all stay prepared, for some kinds of actors at once.
    """
    connection.connection.prepared_max = 250
    connection.connection.execute("SET max_parallel_workers_per_gather = 0; SET jit = off")
    if refuse_stray_writes not in connection.execute_wrappers:
        connection.execute_wrappers.append(refuse_stray_writes)
