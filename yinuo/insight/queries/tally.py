"""Counting many things in one statement, each row looked at as seldom as can be."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Count,
    DateTimeField,
    DecimalField,
    FloatField,
    Func,
    IntegerField,
    QuerySet,
    Sum,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Extract

from yinuo.insight.queries.dimensions import DIMENSIONS
from yinuo.insight.queries.frame import Frame
from yinuo.insight.queries.slices import BASES, SLICES, Cut
from yinuo.insight.rules.period import Period, apart

#: A median is taken over the newest so many.
MOST_PAIRS = 20_000
#: So many things are counted in one look at the rows.
MOST_TOGETHER = 7
#: What is added up, beside the slices that are counted.
SUMS = {"compensation": ("paid", "complaint__agreed_total")}
#: Counts and sums stand in the same columns.
NUMBER = DecimalField(max_digits=20, decimal_places=2)
Part = QuerySet[Any]
Tally = dict[str, Counter[str]]


def count(asked: Iterable[tuple[str, Cut, str]], *parts: Part) -> Tally:
    """Name → key → number of rows: of each cut, told apart by a dimension ("" for none). One statement, with the parts
    that `apart_by` and `over` made.
    """
    alone = [_part(cut.rows(), name, _key(cut.slice.of, by), [Count("pk")]) for name, cut, by in asked]
    every = [*alone, *parts]
    found: Tally = defaultdict(Counter)
    for names, key, *numbers in every[0].union(*every[1:], all=True):
        for name, n in zip(names.split(), numbers, strict=False):
            found[name][key] = n if name in SUMS else int(n)
    return found


def apart_by(by: str, names: Iterable[str], frame: Frame) -> list[Part]:
    """Name:dimension → key → number, of slices over a frame."""
    return [
        _part(BASES[base].rows(frame), " ".join(f"{name}:{by}" for name in told), _key(BASES[base].of, by), _all(told))
        for base, told in _bases(names)
    ]


def over(names: Iterable[str], frames: Iterable[Frame]) -> list[Part]:
    """Name → first day → number, of slices and sums over the pieces into which the frames cut time: see `within`.

    What is counted once per period (`Exists`) cannot be added up: it is not for this.
    """
    given, known = list(frames), list(names)
    edges = sorted({edge for frame in given for edge in (frame.since, frame.until)})
    return [
        _part(BASES[base].rows(given[0].over(part)), " ".join(told), _piece(BASES[base].moment(), edges), _all(told))
        for base, told in _bases(known)
        for part in apart(frame.period for frame in given)
    ]


def within(pieces: Mapping[str, Any], period: Period) -> Any:
    """What was counted by `over`, in one of its periods."""
    first, last = period.first.isoformat(), period.last.isoformat()
    return sum(n for day, n in pieces.items() if first <= day <= last)


def _bases(names: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """The names by their base, as many as go together."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in names:
        found[SLICES[_counted(name)].base].append(name)
    for base, told in found.items():
        yield from ((base, told[n : n + MOST_TOGETHER]) for n in range(0, len(told), MOST_TOGETHER))


def _counted(name: str) -> str:
    return SUMS[name][0] if name in SUMS else name


def _all(names: Iterable[str]) -> list[Any]:
    return [
        Sum(SUMS[name][1], filter=SLICES[SUMS[name][0]].when, default=Decimal(0)) if name in SUMS
        else Count("pk", filter=SLICES[name].when) for name in names
    ]  # fmt: skip


def _key(of: str, by: str) -> Any:
    return DIMENSIONS[of][by]() if by else Value("", output_field=TextField())


def _piece(moment: Any, edges: list[datetime]) -> Any:
    """The first day of the piece a moment lies in."""
    starts = Value(edges, ArrayField(DateTimeField()))
    days = Value([edge.date().isoformat() for edge in edges], ArrayField(TextField()))
    place = Func(moment, starts, function="width_bucket", output_field=IntegerField())
    return Func(days, place, template="(%(expressions)s]", arg_joiner=")[", output_field=TextField())


def _part(rows: QuerySet[Any], names: str, key: Any, numbers: list[Any]) -> Part:
    """Names, key, and as many numbers as there are names; the rest is filled up, for parts to be alike."""
    padded = [*numbers, *[Value(0)] * (MOST_TOGETHER - len(numbers))]
    filled = {f"t_{n}": Cast(number, NUMBER) for n, number in enumerate(padded)}
    told = rows.order_by().annotate(t_names=Value(names, TextField()), t_key=key).values("t_names", "t_key")
    made: Part = told.annotate(**filled).values_list("t_names", "t_key", *filled)
    return made


def spans(asked: Iterable[tuple[str, Cut, str, str]]) -> dict[str, list[tuple[float, float]]]:
    """Name → from when to when (seconds since 1970), for the newest rows of each cut between two of its moments. One
    statement.
    """
    parts = [
        cut.rows().order_by(f"-{end}", "-pk").annotate(t_name=Value(name), t_from=_epoch(start), t_to=_epoch(end))
        .values_list("t_name", "t_from", "t_to")[:MOST_PAIRS]
        for name, cut, start, end in asked
    ]  # fmt: skip
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    first, *rest = parts
    for name, start, end in first.union(*rest, all=True):
        found[name].append((start, end))
    return found


def _epoch(moment: str) -> Any:
    return Cast(Extract(moment, "epoch"), FloatField())
