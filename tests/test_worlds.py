"""A world is made once for its neighbours, is not spoilt by any of them, and is gone before everybody else."""

import pytest

from tests.worlds import held, world
from yinuo.identity.commands import create_unit
from yinuo.identity.models import Unit
from yinuo.kernel.actor import Actor, acting_as

MADE: list[int] = []


@world
def small() -> dict[str, list[int]]:
    """One unit."""
    with acting_as(Actor.system("test")):
        MADE.append(create_unit(name="一", code="one", kind="desk", parent_id=None).pk)
    return {"units": [MADE[-1]]}


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_neighbours_find_it_as_it_was_made(small: dict[str, list[int]], turn: int) -> None:
    assert list(Unit.objects.values_list("pk", flat=True)) == small["units"] == [MADE[-1]]
    with acting_as(Actor.system("test")):
        create_unit(name="二", code="two", kind="desk", parent_id=None)
    small["units"].clear()
    assert len(MADE) <= 2, "once for all of them; once more when the first of the process had no database yet"


@pytest.mark.django_db
def test_whoever_asks_for_none_finds_none() -> None:
    assert held.make is None and not Unit.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_whoever_commits_finds_none() -> None:
    assert held.make is None and not Unit.objects.exists()
