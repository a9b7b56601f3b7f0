"""Many rows of many tables in one statement, with the audit and the notices of the work that made them.

For the hot paths only. The rows carry their keys already.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple, TypeVar

from django.db import models, transaction
from django.db.models.base import ModelState
from psycopg.types.json import Jsonb

from yinuo.kernel.bell import bell
from yinuo.kernel.events import said_once
from yinuo.kernel.many import as_row
from yinuo.kernel.models import AuditEntry
from yinuo.kernel.prepared import prepared
from yinuo.kernel.work import Work

M = TypeVar("M", bound=models.Model)


def vector_text(tokens: Sequence[str]) -> str:
    """A tsvector in its text form, every token quoted."""
    return " ".join("'" + t.replace("\\", "\\\\").replace("'", "''") + "'" for t in sorted({t for t in tokens if t}))


def new_row(model: type[M], **values: Any) -> M:
    """As `model(**values)`, at a third of the price: nothing is checked and no signal is sent."""
    row, fresh = model.__new__(model), _fresh(model)
    row._state = ModelState()
    kept = row.__dict__
    kept |= fresh.values
    for name in fresh.changing:
        kept[name] = kept[name].copy()
    for name, value in values.items():
        related = fresh.related.get(name)
        if related is None:
            kept[fresh.key if name == "pk" else name] = value
        else:
            kept[related] = value.pk if value is not None else None
            row._state.fields_cache[name] = value
    return row


class _Fresh(NamedTuple):
    """A row nobody has touched: its values, those that a row has for itself, and foreign keys by their name."""

    values: dict[str, Any]
    changing: tuple[str, ...]
    related: dict[str, str]
    key: str


@cache
def _fresh(model: type[models.Model]) -> _Fresh:
    values = {name: value for name, value in model().__dict__.items() if name != "_state"}
    fields = model._meta.concrete_fields
    if odd := [f.name for f in fields if f.has_default() and callable(f.default) and f.default not in (list, dict)]:
        raise TypeError(f"{model.__name__}: every row has a {odd[0]} of its own")
    related = {f.name: f.attname for f in fields if f.name != f.attname}
    return _Fresh(
        values, tuple(n for n, v in values.items() if isinstance(v, (list, dict))), related, model._meta.pk.attname
    )


def write_at_once(rows: Sequence[models.Model], work: Work, at: datetime, also: Sequence[tuple[str, Any]] = ()) -> None:
    """Store the rows and what the work recorded and announced, and run what is written `also`: statements with one
    JSON parameter each. The caller holds the permit to write.
    """
    tables: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        tables.setdefault(row._meta.db_table, []).append(as_row(row))
    tables[AuditEntry._meta.db_table] = [entry.columns() for entry in work.entries]
    notice = [{"events": said_once(work.events), "at": at.isoformat()}]
    shape = tuple((table, tuple(found[0])) for table, found in tables.items())
    given: list[Any] = [Jsonb(found) for found in (*tables.values(), *(rows for _sql, rows in also), notice)]
    with prepared(_sql(shape, tuple(sql for sql, _rows in also)), given):
        transaction.on_commit(bell.ring)


@lru_cache(maxsize=64)
def _sql(shape: tuple[tuple[str, tuple[str, ...]], ...], also: tuple[str, ...]) -> str:
    parts = []
    for n, (table, columns) in enumerate(shape):
        names = ", ".join(f'"{c}"' for c in columns)
        parts.append(
            f"w{n} AS (INSERT INTO {table} ({names}) SELECT {names} FROM jsonb_populate_recordset(NULL::{table}, %s))"  # noqa: S608
        )
    parts += [f"a{n} AS ({sql})" for n, sql in enumerate(also)]
    told = (
        "INSERT INTO kernel_notice (events, at) SELECT events, at "
        "FROM jsonb_to_recordset(%s) AS r(events jsonb, at timestamptz)"
    )
    return f"WITH {', '.join(parts)} {told}"
