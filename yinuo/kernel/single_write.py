"""Many rows of many tables in one statement, with the audit and the notices of the work that made them.

For the hot paths only. The rows carry their keys already, and the statement is its own transaction.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db import connection, models
from django.db.models.expressions import DatabaseDefault
from psycopg.types.json import Jsonb

from yinuo.kernel.events import CHANNEL, said_once
from yinuo.kernel.work import Work


def vector_text(tokens: Sequence[str]) -> str:
    """A tsvector in its text form, every token quoted."""
    return " ".join("'" + t.replace("\\", "\\\\").replace("'", "''") + "'" for t in sorted({t for t in tokens if t}))


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _as_row(row: models.Model) -> dict[str, Any]:
    """Column → value; what the database fills in itself is left out."""
    found: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if isinstance(value, DatabaseDefault) or (field.primary_key and value is None):
            continue
        found[str(field.column)] = _plain(value)
    return found


def write_at_once(rows: Sequence[models.Model], work: Work, at: datetime) -> None:
    """Store the rows and what the work recorded and announced. The caller holds the permit to write."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for row in [*rows, *work.entries]:
        tables.setdefault(row._meta.db_table, []).append(_as_row(row))
    notice = [{"events": said_once(work.events), "at": at.isoformat()}]
    shape = tuple((table, tuple(found[0])) for table, found in tables.items())
    with connection.cursor() as cursor:
        given: list[Any] = [*(Jsonb(found) for found in tables.values()), Jsonb(notice), CHANNEL]
        cursor.execute(_sql(shape), given)


@lru_cache(maxsize=64)
def _sql(shape: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    parts = []
    for n, (table, columns) in enumerate(shape):
        names = ", ".join(f'"{c}"' for c in columns)
        parts.append(
            f"w{n} AS (INSERT INTO {table} ({names}) SELECT {names} FROM jsonb_populate_recordset(NULL::{table}, %s))"  # noqa: S608
        )
    told = (
        "told AS (INSERT INTO kernel_notice (events, at) SELECT events, at "
        "FROM jsonb_to_recordset(%s) AS r(events jsonb, at timestamptz) RETURNING id)"
    )
    return f"WITH {', '.join([*parts, told])} SELECT pg_notify(%s, '') FROM told"  # noqa: S608
