"""Stand-ins: values that occur nowhere else, so that their places in a compiled statement can be found."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from yinuo.kernel.actor import Actor

#: What may vary from one run of a statement to the next, and the type it is bound as.
CAST = {int: "bigint", str: "text", datetime: "timestamptz", date: "date"}
#: The number that stands in for the first; one at least this far from nought may be a stand-in.
FIRST_NUMBER = 4_000_000_000_000_000_000
_YEAR, _MARK = 9000, "\ue0f1"
# No midnight, no full hour, another day in China than in UTC: nothing computed falls on it.
_MOMENT = datetime(_YEAR, 1, 1, 20, 17, 41, 123457, UTC)
_APART = timedelta(days=1, microseconds=7919)
#: How a number, a day or a moment that stands in looks when it was made text of.
_WRITTEN = re.compile(r"40{6}\d{12}|9[05]0\d-\d\d-\d\d")


_MADE: dict[type, Callable[[int], Any]] = {
    int: lambda n: FIRST_NUMBER + n * 1_000_003,
    str: lambda n: f"{_MARK}{n}{_MARK}",
    datetime: lambda n: _MOMENT + n * _APART,
    date: lambda n: date(_YEAR + 500, 1, 1) + timedelta(days=n),
}


class Unplannable(TypeError):
    """The function computes with a stand-in, or its rows need more than one statement."""


class StandIns:
    """Values that occur nowhere else, one after the other."""

    def __init__(self) -> None:
        self.places: dict[Any, int] = {}

    def of(self, value: Any) -> Any:
        return self.known(_MADE[type(value)](len(self.places)))

    def known(self, made: Any) -> Any:
        """Stands for the next value."""
        self.places[made] = len(self.places)
        return made

    def place(self, param: Any) -> int | None:
        """Which value it stands for; None for one that is what it says."""
        known = type(param) in CAST and self.places.get(param)
        if type(known) is int:
            return known
        if _computed(param):
            raise Unplannable(f"a value was computed from one that varies: {param!r}")
        return None


def _computed(param: Any) -> bool:
    if isinstance(param, (list, tuple)):
        return any(map(_computed, param)) or any(isinstance(p, (date, str, int)) and _odd(p) for p in param)
    return _odd(param)


def _odd(param: Any) -> bool:
    """Near a stand-in: nothing true is."""
    if isinstance(param, date):
        return param.year >= _YEAR - 500
    if isinstance(param, str):
        return _MARK in param or _WRITTEN.search(param) is not None
    return isinstance(param, int) and abs(param) >= FIRST_NUMBER


def kind_of(actor: Actor | None) -> Any:
    """What of an actor decides the text of a statement, beside their numbers."""
    if actor is None:
        return None
    if actor.unit_id in actor.unit_ids:
        unit = str(sorted(actor.unit_ids).index(actor.unit_id or 0))
    else:
        unit = "none" if actor.unit_id is None else "beside"
    return (
        actor.kind, actor.id is None, actor.grants, actor.matter_scope, actor.customer_scope, len(actor.unit_ids), unit,
        len(actor.matter_ids), actor.customer_id is None, actor.key_id is None,
    )  # fmt: skip


def numbers_of(actor: Actor | None) -> list[int]:
    """An actor's numbers, in a fixed order."""
    if actor is None:
        return []
    single = [n for n in (actor.id, actor.customer_id, actor.key_id) if n is not None]
    own = [] if actor.unit_id is None or actor.unit_id in actor.unit_ids else [actor.unit_id]
    return [*single, *own, *sorted(actor.unit_ids), *sorted(actor.matter_ids)]


def stand_in(actor: Actor, made: Iterator[int]) -> Actor:
    """The same kind of actor with stand-ins for all numbers, taken in the order of `numbers_of`."""
    mine = None if actor.id is None else next(made)
    customer = None if actor.customer_id is None else next(made)
    key = None if actor.key_id is None else next(made)
    outside = None if actor.unit_id is None or actor.unit_id in actor.unit_ids else next(made)
    units = {unit: next(made) for unit in sorted(actor.unit_ids)}
    matters = frozenset(next(made) for _ in sorted(actor.matter_ids))
    unit = outside if outside is not None else units.get(actor.unit_id or 0)
    return replace(
        actor, id=mine, customer_id=customer, key_id=key, name="", ip="", request_id="", unit_id=unit,
        unit_ids=frozenset(units.values()), matter_ids=matters,
    )  # fmt: skip
