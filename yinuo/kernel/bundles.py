"""Small rows of several kinds in one statement: the database shapes them as JSON, and they come back as models.

A `Shape` says which columns of a row are read, which rows it names (`beside`) and which rows name it (`below`). Each
`Part` is one column of another query: an array of rows in their order. They are asked for through whichever manager
their function takes, so what a person sees is decided where it always is.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import DEFAULT_DB_ALIAS
from django.db.models import DecimalField, F, JSONField, Model, QuerySet, TextField
from django.db.models.functions import Cast, JSONObject


@dataclass(frozen=True)
class Shape:
    """Rows of one model. `only`: these columns, and always the key; without it all of them. `annotated`: what the rows
    were annotated with.
    """

    model: type[Model]
    only: tuple[str, ...] = ()
    annotated: tuple[str, ...] = ()
    beside: Mapping[str, "Shape"] = field(default_factory=dict)
    below: Mapping[str, "Part"] = field(default_factory=dict)

    @cached_property
    def columns(self) -> list[Any]:
        wanted = {*self.only, *self.beside}
        every = self.model._meta.concrete_fields
        return [f for f in every if not self.only or f.primary_key or f.name in wanted]

    def expression(self, prefix: str = "") -> JSONObject:
        """The row as the database is to shape it; `prefix` is the path to it."""
        parts: dict[str, Any] = {f.attname: _column(f, prefix + f.attname) for f in self.columns}
        parts |= {name: F(name) for name in self.annotated}
        parts |= {name: shape.expression(f"{prefix}{name}__") for name, shape in self.beside.items()}
        return JSONObject(**parts, **{name: part.column() for name, part in self.below.items()})

    def row(self, found: Mapping[str, Any]) -> Any:
        """What the database has shaped, as a model again."""
        values = [_value(f, found[f.attname]) for f in self.columns]
        made = self.model.from_db(DEFAULT_DB_ALIAS, [f.attname for f in self.columns], values)
        for name in self.annotated:
            setattr(made, name, found[name])
        for name, shape in self.beside.items():
            link: Any = self.model._meta.get_field(name)
            link.set_cached_value(made, shape.row(found[name]) if found[link.attname] is not None else None)
        for name, part in self.below.items():
            setattr(made, name, part.read(found[name]))
        return made


@dataclass(frozen=True)
class Part:
    """Rows of one kind, which may name the row they hang on by `OuterRef`, in their order."""

    rows: Callable[[], QuerySet[Any]]
    shape: Shape

    def column(self) -> ArraySubquery:
        return ArraySubquery(self.rows().values(row=self.shape.expression()))

    def read(self, found: Iterable[Mapping[str, Any]]) -> list[Any]:
        return [self.shape.row(one) for one in found]


def columns(parts: Mapping[str, Part]) -> dict[str, ArraySubquery]:
    """What to annotate a query with, or to ask it for as `values`."""
    return {f"in_{name}": part.column() for name, part in parts.items()}


def read(parts: Mapping[str, Part], found: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What stood in those columns."""
    return {name: part.read(found[f"in_{name}"]) for name, part in parts.items()}


def _column(column: Any, path: str) -> Any:
    """A number with decimals would come back as a float."""
    return Cast(path, TextField()) if isinstance(column, DecimalField) else F(path)


def _value(column: Any, value: Any) -> Any:
    """As the ORM would have read it."""
    return value if value is None or isinstance(column, JSONField) else column.to_python(value)
