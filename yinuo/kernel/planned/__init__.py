"""Queries of the busiest pages: built and compiled by the ORM once per shape, then only filled in and run.

`planned` turns a function that builds a `QuerySet` into one that returns its rows. The function is called with
stand-ins in place of what differs from one time to the next: the values it names, the moment (`clock.now()`), its day
in China, and the actor's own numbers. Where a stand-in appears among the parameters of the compiled statement, the true
value is bound when it runs; everything else (grants, scopes, filters, limits) is part of the shape and decides which
statement it is. So what a person sees is still decided by `visible_q` alone, and a statement never holds another
person's numbers.

A function that computes with a stand-in (`now + a week`) cannot be planned: it says so in tests (`VERIFY`, which also
compares every statement with the one the ORM makes for the real actor) and elsewhere simply runs unplanned.
`docs/decisions/planned-queries.md` says why.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from threading import Lock
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as, current_actor_or_none
from yinuo.kernel.planned.compiled import Plan, compiled, literal, pieces
from yinuo.kernel.planned.stand_ins import CAST, FIRST_NUMBER, StandIns, Unplannable, kind_of, numbers_of, stand_in
from yinuo.kernel.prepared import prepared

Build = Callable[..., QuerySet[Any]]

#: Compare each statement with the ORM's own and raise instead of running unplanned. On in tests.
VERIFY = False
#: So many shapes are kept; one more throws the oldest away.
MOST = 500


def planned(*varying: str, strict: bool = True) -> Callable[[Build], Callable[..., list[Any]]]:
    """Rows of the query the function builds; `varying` names its keyword arguments that differ from time to time.

    Those may be numbers, text and moments; any other argument must be hashable and makes a shape of its own. The
    function must take the actor from `current_actor()` and the moment from `clock.now()`, and ask the database nothing.
    Unless `strict`, a shape that cannot be planned is nothing to complain of.
    """

    def wrap(build: Build) -> Callable[..., list[Any]]:
        @wraps(build)
        def run(*shape: Any, **named: Any) -> list[Any]:
            asked = _Asked.of(build, shape, named, varying)
            plan = asked.plan(strict)
            if plan is None:
                return list(asked.rows())
            return plan.rows(_found(plan.statement, plan, asked.values)) if plan.pieces else []

        return run

    return wrap


def planned_count(*varying: str, strict: bool = True) -> Callable[[Build], Callable[..., int]]:
    """As `planned`, but how many rows there are."""

    def wrap(build: Build) -> Callable[..., int]:
        @wraps(build)
        def run(*shape: Any, **named: Any) -> int:
            asked = _Asked.of(build, shape, named, varying)
            plan = asked.plan(strict)
            if plan is None:
                return asked.rows().count()
            if not plan.pieces:
                return 0
            # the text is the compiler's own
            return int(_found(f"SELECT COUNT(*) FROM ({plan.statement}) counted", plan, asked.values)[0][0])  # noqa: S608

        return run

    return wrap


def planned_in(frame: str, *varying: str) -> Callable[[Build], Callable[..., list[Any] | None]]:
    """The rows of a statement of one's own in which the query stands at `{}`: so that even there `visible_q` alone says
    what may be seen. What the frame itself is given comes after the query. None if it cannot be run so.
    """
    before, after = frame.split("{}")

    def wrap(build: Build) -> Callable[..., list[Any] | None]:
        @wraps(build)
        def run(*given: Any, **named: Any) -> list[Any] | None:
            asked = _Asked.of(build, (), named, varying)
            plan = asked.plan(strict=True)
            if plan is None:
                return None
            return _found(before + plan.statement + after, plan, asked.values, given) if plan.pieces else []

        return run

    return wrap


@dataclass(frozen=True, slots=True)
class _Asked:
    """One call: the function, its shape and the values of the moment."""

    build: Build
    shape: tuple[Any, ...]
    named: dict[str, Any]
    bound: dict[str, Any]
    actor: Actor | None
    values: list[Any]

    @classmethod
    def of(cls, build: Build, shape: tuple[Any, ...], named: dict[str, Any], varying: tuple[str, ...]) -> "_Asked":
        bound = {name: named.pop(name) for name in varying if type(named.get(name)) in CAST}
        actor = current_actor_or_none()
        return cls(build, shape, named, bound, actor, [*moments(clock.now()), *numbers_of(actor), *bound.values()])

    def rows(self) -> QuerySet[Any]:
        return self.build(*self.shape, **self.named, **self.bound)

    def plan(self, strict: bool) -> Plan | None:
        """How to run it; None when it must run as the ORM would."""
        if any(type(v) is int and abs(v) >= FIRST_NUMBER for v in self.values):
            return None
        kinds = tuple((name, type(value)) for name, value in self.bound.items())
        key = (self.build, self.shape, tuple(self.named.items()), kinds, kind_of(self.actor))
        plan = _plans.get(key) or _keep(key, _make(self, strict))
        if plan is _UNPLANNED:
            return None
        if VERIFY and (once := (id(plan), *numbers_of(self.actor))) not in _compared:
            _compared.add(once)
            _compare(plan, self)
        return plan


def moments(now: datetime) -> list[Any]:
    """What every function may ask for: the moment and the day in China."""
    return [now, now.astimezone(clock.CST).date()]


def _found(statement: str, plan: Plan, values: list[Any], more: Sequence[Any] = ()) -> list[Any]:
    with prepared(statement, [*(values[n] for n in plan.order), *more]) as cursor:
        return list(cursor.fetchall())


_UNPLANNED = Plan(None, "", (), list)
_plans: dict[Any, Plan] = {}
_keeping = Lock()
#: Which plans were compared for which actors.
_compared: set[tuple[int, ...]] = set()


def _keep(key: Any, plan: Plan) -> Plan:
    with _keeping:
        while len(_plans) >= MOST:
            _plans.pop(next(iter(_plans)))
        _plans[key] = plan
    return plan


def _make(asked: _Asked, strict: bool) -> Plan:
    stand_ins = StandIns()
    now = stand_ins.of(asked.values[0])
    stand_ins.known(moments(now)[1])
    numbers = iter([stand_ins.of(n) for n in numbers_of(asked.actor)])
    actor = asked.actor and stand_in(asked.actor, numbers)
    given = {name: stand_ins.of(value) for name, value in asked.bound.items()}
    try:
        with acting_as(actor), clock.frozen(now), connection.execute_wrapper(_refuse):
            return compiled(replace(asked, bound=given).rows(), stand_ins)
    except Unplannable:
        if VERIFY and strict:
            raise
        return _UNPLANNED


def _refuse(*_: Any) -> Any:
    raise Unplannable("a planned query asks the database while it is built")


def _compare(plan: Plan, asked: _Asked) -> None:
    with clock.frozen(asked.values[0]):
        rows = asked.rows()
    try:
        text, params = rows.query.get_compiler(connection=connection).as_sql()
        usual = "".join(str(p) for p in pieces(text, params, StandIns()))
    except EmptyResultSet:
        usual = ""
    ours = "".join(p if isinstance(p, str) else literal(asked.values[p]) for p in plan.pieces or ())
    if ours != usual:
        raise AssertionError(f"a planned statement differs from the ORM's own:\n{ours}\n{usual}")
