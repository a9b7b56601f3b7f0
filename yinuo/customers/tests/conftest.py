"""A desk with an agent and a supervisor, on one afternoon."""

from types import SimpleNamespace

import pytest

from yinuo.customers.tests.merging import AT, SYSTEM
from yinuo.identity.commands import create_staff, create_unit, seed_roles
from yinuo.identity.queries import actor_for
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as


@pytest.fixture
def desk(db):
    with acting_as(SYSTEM):
        seed_roles()
        unit = create_unit(name="客服", code="desk", kind="desk", parent_id=None)
        staff = {
            role: create_staff(username=role, name=role, password="quiet-river-9", unit_id=unit.pk, role_codes=[role])
            for role in ("agent", "supervisor")
        }
    with clock.frozen(AT):
        yield SimpleNamespace(unit=unit, agent=actor_for(staff["agent"]), boss=actor_for(staff["supervisor"]))
