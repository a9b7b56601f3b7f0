"""Two transactions met: the one the database undid is done once more, where doing it twice cannot show."""

from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO

import psycopg
import pytest
from django.db import OperationalError

from yinuo.identity.models import Unit
from yinuo.kernel import command as commands
from yinuo.kernel.command import again_after_collision, plain
from yinuo.kernel.outage import collided, database_away


def met(kind: type[psycopg.Error] = psycopg.errors.DeadlockDetected) -> OperationalError:
    wrong = OperationalError(kind.__name__)
    wrong.__cause__ = kind(kind.__name__)
    return wrong


class Tried:
    """Something that fails so many times and then answers."""

    def __init__(self, *fails: Exception) -> None:
        self.fails, self.times = list(fails), 0

    def __call__(self) -> str:
        self.times += 1
        if self.fails:
            raise self.fails.pop(0)
        return "done"


@pytest.mark.parametrize("kind", [psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure])
def test_a_collision_is_not_an_outage(kind) -> None:
    assert collided(met(kind)) and not database_away(met(kind))
    for other in (psycopg.errors.AdminShutdown, psycopg.errors.LockNotAvailable):
        assert database_away(met(other)) and not collided(met(other))
    assert database_away(OperationalError("server closed the connection unexpectedly"))


@pytest.fixture
def alone(monkeypatch):
    """As outside a test, where no transaction stands around a command."""

    class Outside:
        in_atomic_block = False

    monkeypatch.setattr(commands, "connection", Outside())


def test_it_is_done_once_more_and_no_more(alone) -> None:
    once = Tried(met())
    assert again_after_collision(once, {"customer_id": 1}) == "done" and once.times == 2
    twice = Tried(met(), met())
    with pytest.raises(OperationalError):
        again_after_collision(twice, {})
    assert twice.times == 2


def test_it_is_not_done_again_where_that_could_show(alone) -> None:
    for given, wrong in (({"unit": Unit(name="x")}, met()), ({}, met(psycopg.errors.AdminShutdown))):
        tried = Tried(wrong)
        with pytest.raises(OperationalError):
            again_after_collision(tried, given)
        assert tried.times == 1


@pytest.mark.django_db
def test_a_transaction_of_somebody_else_is_not_tried_again() -> None:
    tried = Tried(met())
    with pytest.raises(OperationalError):
        again_after_collision(tried, {})
    assert tried.times == 1


def test_what_a_first_try_may_have_used_up_is_not_plain() -> None:
    good = {"a": [1, "x", (None, True)], "at": datetime(2026, 1, 1, tzinfo=UTC), "amount": Decimal(1), "raw": b"x"}
    assert plain(good)
    for used in (BytesIO(b"x"), iter([1]), Unit(name="x"), {"deep": [Unit(name="x")]}):
        assert not plain(used)
