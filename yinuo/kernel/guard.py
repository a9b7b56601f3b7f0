"""Fence 2, the database side: domain tables are written only inside a command."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from yinuo.kernel.errors import WriteOutsideCommand

# Tables other libraries keep for themselves; a command does not need to stand behind a session or a job.
FOREIGN = ("django_", "auth_", "procrastinate_", "axes_", "pg_temp")
_WRITE = re.compile(
    r"^\s*(?:--[^\n]*\n\s*)*(?:insert\s+into|update(?:\s+only)?|delete\s+from(?:\s+only)?|merge\s+into|truncate(?:\s+table)?|copy)\s+"
    r"[\"']?(?:public[\"']?\.[\"']?)?([a-z_0-9]+)",
    re.I,
)
_WRITE_IN_WITH = re.compile(
    r"\b(?:insert\s+into|update(?:\s+only)?|delete\s+from|merge\s+into)\s+[\"']?([a-z_0-9]+)[\"']?(?!\s*(?:skip|of|nowait))", re.I
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
    found = _WRITE.match(sql)
    if found:
        return [found.group(1).lower()]
    if sql.lstrip()[:5].lower().startswith("with") or sql.lstrip().startswith("("):
        return [t.lower() for t in _WRITE_IN_WITH.findall(sql)]
    return []


def refuse_stray_writes(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    if _permit.get() is None:
        stray = [t for t in written_tables(str(sql)) if not t.startswith(FOREIGN)]
        if stray:
            raise WriteOutsideCommand(f"write to {', '.join(stray)} outside a command")
    return execute(sql, params, many, context)


def install(connection: Any, **_: Any) -> None:
    if refuse_stray_writes not in connection.execute_wrappers:
        connection.execute_wrappers.append(refuse_stray_writes)
