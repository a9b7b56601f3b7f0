"""Compiled statements: text with places for what varies, and how their rows become what the ORM would have made."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    ValuesIterable,
    ValuesListIterable,
    get_related_populators,
)
from psycopg import sql

from yinuo.kernel.planned.stand_ins import CAST, StandIns, Unplannable

Rows = Callable[[Sequence[Sequence[Any]]], list[Any]]

_PLACES = re.compile(r"%%|%s")


@dataclass(frozen=True, slots=True)
class Plan:
    """`pieces` alternate between text and the place of a value; None: no row can match."""

    pieces: tuple[str | int, ...] | None
    statement: str
    order: tuple[int, ...]
    rows: Rows


def compiled(rows: QuerySet[Any], stand_ins: StandIns) -> Plan:
    if rows._prefetch_related_lookups:  # type: ignore[attr-defined]
        raise Unplannable("prefetching takes statements of its own")
    compiler = rows.query.get_compiler(connection=connection)
    try:
        text, params = compiler.as_sql()
    except EmptyResultSet:
        return Plan(None, "", (), list)
    parts = tuple(pieces(text, params, stand_ins))
    kinds = {place: CAST[type(made)] for made, place in stand_ins.places.items()}
    statement = "".join(p.replace("%", "%%") if isinstance(p, str) else f"%s::{kinds[p]}" for p in parts)
    return Plan(parts, statement, tuple(p for p in parts if isinstance(p, int)), _reader(rows, compiler))


def pieces(text: str, params: Sequence[Any], stand_ins: StandIns) -> Iterator[str | int]:
    """Text with the parameters that never vary written out, and between it the places of those that do."""
    values, at, written = iter(params), 0, ""
    for found in _PLACES.finditer(text):
        written += text[at : found.start()]
        at = found.end()
        if found[0] == "%%":
            written += "%"
            continue
        value = next(values)
        place = stand_ins.place(value)
        if place is None:
            written += literal(value)
        else:
            yield written
            yield place
            written = ""
    yield written + text[at:]


def literal(value: Any) -> str:
    connection.ensure_connection()
    return sql.Literal(value).as_string(connection.connection)


def _reader(rows: QuerySet[Any], compiler: Any) -> Rows:
    """Makes of rows of the database what the `QuerySet` would have made of them."""
    fields = [s[0] for s in compiler.select[: compiler.col_count]]
    converters = [(n, c, e) for n, (c, e) in compiler.get_converters(fields).items()]
    shown = compiler.col_count if compiler.has_extra_select else None
    one = _maker(rows, compiler)

    def read(found: Sequence[Sequence[Any]]) -> list[Any]:
        return [one(row) for row in _converted(found, converters, shown)]

    return read


def _converted(found: Sequence[Sequence[Any]], converters: list[Any], shown: int | None) -> Iterator[Sequence[Any]]:
    for given in found:
        row = list(given[:shown])
        for n, convert, expression in converters:
            value = row[n]
            for step in convert:
                value = step(value, expression, connection)
            row[n] = value
        yield row


def _maker(rows: QuerySet[Any], compiler: Any) -> Callable[[Sequence[Any]], Any]:
    kind = rows._iterable_class
    if kind is ModelIterable:
        return _model_maker(rows.db, compiler)
    if kind is ValuesIterable:
        query: Any = rows.query
        names = list(query.selected or [*query.extra_select, *query.values_select, *query.annotation_select])
        return lambda row: dict(zip(names, row, strict=False))
    if kind is ValuesListIterable:
        return tuple
    if kind is FlatValuesListIterable:
        return lambda row: row[0]
    raise Unplannable(f"rows of another kind: {kind.__name__}")


def _model_maker(db: str, compiler: Any) -> Callable[[Sequence[Any]], Any]:
    """As `django.db.models.query.ModelIterable`, with what does not depend on the row worked out before."""
    info, select = compiler.klass_info, compiler.select
    model, places = info["model"], info["select_fields"]
    start, end = places[0], places[-1] + 1
    names = [s[0].target.attname for s in select[start:end]]
    populators = get_related_populators(info, select, db)  # type: ignore[call-arg]
    annotations = list(compiler.annotation_col_map.items())

    def one(row: Sequence[Any]) -> Any:
        made = model.from_db(db, names, row[start:end])
        for populator in populators:
            populator.populate(row, made)
        for name, place in annotations:
            setattr(made, name, row[place])
        return made

    return one
