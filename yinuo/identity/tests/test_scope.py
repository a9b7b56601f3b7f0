"""What each reach sees, on real rows: own, team with everything below, all; and nothing without an actor."""

import pytest

from yinuo.customers.commands import create_customer
from yinuo.customers.models import Customer
from yinuo.identity.models import Role
from yinuo.identity.tests.conftest import SYSTEM, acting
from yinuo.kernel.actor import Scope, acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.errors import NoActor
from yinuo.matters.commands import open_matter
from yinuo.matters.models import Matter


@pytest.fixture
def cases(company):
    """One case each: owned by the agent, in the desk's unit, in the east branch, in the west branch."""
    found = {}
    with acting_as(SYSTEM):
        customer = create_customer(kind="person", name="王小明", identities=[])
        for name, owner, unit in (
            ("mine", company.agent, company.west), ("desk", None, company.desk), ("east", None, company.east),
            ("west", None, company.west),
        ):  # fmt: skip
            made = open_matter(
                kind="enquiry",
                title=name,
                customer=customer,
                state="open",
                owner_id=owner and owner.pk,
                unit_id=unit.pk,
            )
            found[name] = made.pk
    return found


def reach(code: str, scope: Scope) -> None:
    with permit_writes("test"):
        Role.objects.filter(code=code).update(matter_scope=scope, customer_scope=scope)


def seen(staff) -> set[str]:
    with acting_as(acting(staff)):
        return set(Matter.objects.values_list("title", flat=True))


def test_own_is_what_one_owns(company, cases) -> None:
    reach("agent", Scope.OWN)
    assert seen(company.agent) == {"mine"}
    assert seen(company.stock) == set()  # own, and owns nothing: not even what lies in the same unit


def test_team_is_ones_own_and_the_subtree(company, cases) -> None:
    assert seen(company.agent) == {"mine", "desk"}
    assert seen(company.super) == {"desk", "east"}


def test_all_is_all(company, cases) -> None:
    assert seen(company.boss) == {"mine", "desk", "east", "west"}


def test_a_moved_unit_is_seen_by_the_new_branch(company, cases) -> None:
    from yinuo.identity.tests.test_org import move

    move(company.desk, company.west)
    assert seen(company.super) == {"east"}


def test_nobody_sees_nothing_and_no_actor_is_an_error(company, cases) -> None:
    from yinuo.identity.tests.test_accounts import edit

    edit(company.agent, role_codes=[])
    assert seen(company.agent) == {"mine"}
    for model in (Matter, Customer):
        with pytest.raises(NoActor):
            list(model.objects.all())
