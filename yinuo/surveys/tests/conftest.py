"""A desk with customers that were served, and the shipped questionnaires."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from tests.worlds import world
from yinuo.customers.commands import create_customer
from yinuo.identity.commands import create_staff, create_unit, edit_unit, seed_roles
from yinuo.identity.queries import actor_for
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.work import working
from yinuo.matters.commands import open_matter
from yinuo.promises.commands import load_pack
from yinuo.surveys.commands import seed_questionnaires
from yinuo.surveys.models import Questionnaire

#: A Monday noon in China.
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
SYSTEM = Actor.system("test")


@world
def made_shop():
    with clock.frozen(NOW), acting_as(SYSTEM):
        seed_roles()
        load_pack(name="common")
        seed_questionnaires()
        hq = create_unit(name="总部", code="hq", kind="company", parent_id=None)
        desk = create_unit(name="受理组", code="desk", kind="desk", parent_id=hq.pk)
        other = create_unit(name="别处", code="other", kind="desk", parent_id=hq.pk)
        staff = {
            name: create_staff(username=name, name=name, password="desk-7788-x", unit_id=unit.pk, role_codes=[role])
            for name, unit, role in (
                ("agent", desk, "agent"), ("chief", desk, "supervisor"), ("boss", hq, "leader"), ("far", other, "supervisor"),
            )
        }  # fmt: skip
        edit_unit(
            unit_id=desk.pk, name="受理组", head_id=staff["chief"].pk, parent_id=hq.pk, active=True, expected_version=1
        )
    forms = {q.shipped: q.pk for q in Questionnaire.unscoped.all()}
    actors = {name: actor_for(one) for name, one in staff.items()}
    return SimpleNamespace(desk=desk, other=other, staff=staff, forms=forms, **actors)


@pytest.fixture
def shop(made_shop):
    with clock.frozen(NOW):
        yield made_shop


def served(shop, n: int = 1, email: str = "", kind: str = "enquiry", unit=None):
    """A matter of a customer of its own, closed by nobody yet."""
    with acting_as(SYSTEM), permit_writes("test"), working() as work, work.frame("test"):
        identities = [("phone", f"1391234{n:04d}"), *([("email", email)] if email else [])]
        customer = create_customer(kind="person", name=f"客户{n:03d}", identities=identities, verified_how="agent")
        return open_matter(
            kind=kind, title=f"问保修期 {n}", customer=customer, state="open", owner_id=shop.staff["agent"].pk,
            unit_id=(unit or shop.desk).pk, by=SYSTEM, at=NOW,
        )  # fmt: skip
