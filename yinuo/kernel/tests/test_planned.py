"""Planned queries answer as the ORM does, for whoever asks and whenever; nothing of one asker stays for the next."""

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q, QuerySet
from django.test.utils import CaptureQueriesContext

from yinuo.identity.models import Staff, Unit
from yinuo.kernel import clock, planned
from yinuo.kernel.actor import Actor, Scope, acting_as, current_actor
from yinuo.kernel.guard import permit_writes
from yinuo.kernel.planned.stand_ins import FIRST_NUMBER, Unplannable, numbers_of, stand_in

pytestmark = pytest.mark.django_db
T = datetime(2026, 2, 28, 16, tzinfo=UTC)


@pytest.fixture
def units() -> list[Unit]:
    with permit_writes("test"):
        return [Unit.objects.create(name=name, code=f"u{n}") for n, name in enumerate(["甲%s", "乙%%", "丙'", "甲%s"])]


@planned.planned("name")
def named(least: int, *, name: str | None) -> QuerySet[Any]:
    rows = Unit.objects.filter(pk__gte=least).order_by("pk")
    return rows.filter(name=name) if name is not None else rows


@planned.planned()
def mine() -> QuerySet[Any]:
    actor = current_actor()
    whose = Q(pk__in=sorted(actor.unit_ids)) | Q(pk=actor.unit_id or 0) | Q(pk=actor.staff_key)
    return Unit.objects.filter(whose).order_by("pk").values_list("name", flat=True)


@planned.planned_count("pk")
def below(*, pk: int) -> QuerySet[Any]:
    return Unit.objects.filter(pk__lt=pk)


@planned.planned()
def joined_lately() -> QuerySet[Any]:
    return Staff.objects.filter(last_login__lte=clock.now()).values("pk")


@planned.planned()
def joined_this_week() -> QuerySet[Any]:
    return Staff.objects.filter(last_login__gte=clock.now() - timedelta(days=7))


@planned.planned("called")
def called(*, called: int | date | datetime) -> QuerySet[Any]:
    return Unit.objects.filter(name=str(called))


def actor(number: int, *, units: frozenset[int] = frozenset(), unit: int | None = None) -> Actor:
    return Actor("staff", number, "", frozenset({"x"}), Scope.TEAM, Scope.TEAM, unit, units)


def test_rows_are_those_of_the_orm_and_text_is_text(units: list[Unit]) -> None:
    for name in ("甲%s", "乙%%", "丙'", "' OR 1=1 --", None):
        assert named(units[0].pk, name=name) == [u for u in units if name in (None, u.name)]
    assert named(units[3].pk, name="甲%s") == [units[3]]
    assert below(pk=units[2].pk) - below(pk=units[0].pk) == 2


def test_each_asker_sees_their_own(units: list[Unit]) -> None:
    a, b, c, d = (u.pk for u in units)
    for who, seen in (
        (actor(10**9, units=frozenset({a, b}), unit=a), ["甲%s", "乙%%"]),
        (actor(10**9 + 1, units=frozenset({c, d}), unit=c), ["丙'", "甲%s"]),
        (actor(10**9 + 1, units=frozenset({c, d}), unit=d), ["丙'", "甲%s"]),
        (actor(10**9, units=frozenset({d}), unit=b), ["乙%%", "甲%s"]),
        (actor(c), ["丙'"]),
        (actor(10**9), []),
    ):
        with acting_as(who):
            assert mine() == seen


def test_a_number_the_database_does_not_have_finds_nothing() -> None:
    assert below(pk=-(10**30)) == 0


def test_the_moment_is_that_of_each_call(units: list[Unit]) -> None:
    with permit_writes("test"):
        Staff.objects.create(unit=units[0], username="late", name="迟", last_login=T)
    for at, seen in ((T - timedelta(seconds=1), 0), (T, 1), (T - timedelta(days=9), 0)):
        with clock.frozen(at):
            assert len(joined_lately()) == seen


def test_what_is_computed_from_a_stand_in_is_told_and_else_runs_as_it_stands(
    units: list[Unit], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Unplannable, match="computed"):
        joined_this_week()
    monkeypatch.setattr(planned, "VERIFY", False)
    with permit_writes("test"), clock.frozen(T):
        row = Staff.objects.create(unit=units[0], username="new", name="新", last_login=T - timedelta(days=6))
        assert joined_this_week() == [row]


@pytest.mark.parametrize("value", [5, T.date(), T])
def test_a_stand_in_made_text_of_is_told_as_well(value: int | date | datetime, units: list[Unit]) -> None:
    with pytest.raises(Unplannable, match="computed"):
        called(called=value)


@pytest.mark.parametrize("number", [2**63 - 1, 2**63, -(2**63), FIRST_NUMBER])
def test_a_number_that_could_be_a_stand_in_runs_as_it_stands(number: int, units: list[Unit]) -> None:
    fresh = planned.planned_count("pk")(lambda *, pk: Unit.objects.filter(pk__lt=pk))
    assert fresh(pk=number) == (len(Unit.objects.all()) if number > 0 else 0)


def test_what_comes_from_outside_the_call_is_noticed(units: list[Unit]) -> None:
    for n, unit in enumerate(units[:2]):

        @planned.planned()
        def outside(key: str) -> QuerySet[Any]:
            return Unit.objects.filter(pk=seen.pk)  # noqa: B023

        if n == 0:
            first, seen = outside, unit
            with acting_as(actor(1)):
                assert first("k") == [unit]
        seen = unit
    with acting_as(actor(2)), pytest.raises(AssertionError, match="differs"):
        first("k")


def test_a_planned_query_is_one_statement_and_asks_nothing_while_it_is_built(units: list[Unit]) -> None:
    with CaptureQueriesContext(connection) as seen:
        named(0, name="甲%s")
    assert len(seen) == 1

    @planned.planned()
    def curious() -> QuerySet[Any]:
        return Unit.objects.filter(pk__in=list(Unit.objects.values_list("pk", flat=True)))

    with pytest.raises(Unplannable, match="asks the database"):
        curious()


def test_the_oldest_plans_make_room(units: list[Unit], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planned, "MOST", 3)
    monkeypatch.setattr(planned, "_plans", {})
    for least in range(9):
        assert named(least, name="甲%s") == [units[0], units[3]]
    assert len(planned._plans) == 3


def test_no_number_of_an_actor_stays_in_their_stand_in() -> None:
    """A new number of an actor must have a stand-in as well, or it would stay in the statement for everybody."""
    units, matters = frozenset({12, 13}), frozenset({14})
    whole = Actor("api", 11, "n", frozenset({"x"}), Scope.TEAM, Scope.TEAM, 12, units, matters, 15, "1.2.3.4", "r", 16)
    numbers = numbers_of(whole)
    assert sorted(numbers) == [11, 12, 13, 14, 15, 16]
    fake = stand_in(whole, iter([n + 1000 for n in numbers]))
    kept = {f.name for f in fields(Actor) if getattr(fake, f.name) == getattr(whole, f.name)}
    assert kept == {"kind", "grants", "matter_scope", "customer_scope"}
    assert sorted(numbers_of(fake)) == [n + 1000 for n in sorted(numbers)]
