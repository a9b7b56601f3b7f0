"""A desk with a handler, a manager, a next level and a leader, one complaint by post, and a clock held still."""

from collections.abc import Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from tests.worlds import world
from yinuo.approvals.commands import decide_approval
from yinuo.approvals.models import Approval
from yinuo.conversations.commands import open_conversation
from yinuo.customers.commands import create_customer
from yinuo.identity.commands import create_staff, create_unit, edit_unit, seed_roles
from yinuo.identity.queries import actor_for
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.clock import CST, frozen
from yinuo.kernel.command import permit_writes
from yinuo.kernel.work import working
from yinuo.matters.commands import open_matter
from yinuo.promises.commands import load_pack, make_promises
from yinuo.promises.models import Promise

START = datetime(2026, 3, 2, 10, 0, tzinfo=CST)  # a Monday in a month without holidays


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CST)


@world
def made_desk() -> SimpleNamespace:
    system = Actor.system("test")
    with frozen(START), acting_as(system):
        return build_desk(system)


@pytest.fixture
def desk(made_desk: SimpleNamespace) -> Iterator[SimpleNamespace]:
    with frozen(START), acting_as(made_desk.system):
        yield made_desk


def build_desk(system: Actor) -> SimpleNamespace:
    seed_roles()
    hq = create_unit(name="总部", code="hq", kind="company", parent_id=None)
    unit = create_unit(name="投诉组", code="desk", kind="desk", parent_id=hq.pk)
    store = create_unit(name="仓库", code="store", kind="department", parent_id=hq.pk)
    people = {}
    for name, where, role, boss in [
        ("leader", hq, "leader", None), ("chief", hq, "supervisor", "leader"), ("manager", unit, "supervisor", "chief"),
        ("handler", unit, "agent", "manager"), ("other", unit, "agent", "manager"), ("keeper", store, "warehouse", "chief"),
    ]:  # fmt: skip
        people[name] = create_staff(
            username=name, name=name, password="promise-7788", unit_id=where.pk, role_codes=[role],
            manager_id=people[boss].pk if boss else None,
        )  # fmt: skip
    edit_unit(
        unit_id=store.pk, name="仓库", head_id=people["keeper"].pk, parent_id=hq.pk, active=True, expected_version=1
    )
    customer = create_customer(
        kind="person", name="王小明", identities=[("phone", "13812345678")], verified_how="agent"
    )
    found = SimpleNamespace(
        system=system, hq=hq, unit=unit, store=store, customer=customer, staff=people,
        **{name: actor_for(staff) for name, staff in people.items()},
    )  # fmt: skip
    found.matter = open_complaint(found)
    return found


def open_complaint(desk: SimpleNamespace, *, channel: str = "portal", owner: str = "handler") -> Any:
    from yinuo.kernel.clock import now

    with permit_writes("test"), working() as work, work.frame("test"):
        thread = open_conversation(
            channel=channel,
            customer_id=desk.customer.pk,
            subject="机油渗漏",
            unit_id=desk.unit.pk,
            by=desk.system,
            at=now(),
        )
        return open_matter(
            kind="complaint", title="机油渗漏", customer=desk.customer, state="received", conversation=thread,
            unit_id=desk.unit.pk, owner_id=desk.staff[owner].pk, by=desk.system, at=now(),
        )  # fmt: skip


def inside(desk: SimpleNamespace, function: Any, **given: Any) -> Any:
    """Call a part of the commands as if from inside one, reactions and audit included."""
    from yinuo.kernel.clock import now
    from yinuo.kernel.work import Work

    at = given.pop("at", None) or now()
    with acting_as(given.pop("by", desk.system)) as actor, permit_writes("test"), working() as work:
        assert isinstance(work, Work)
        with work.frame("test"):
            result = function(**given, by=actor, at=at)
        work.react(at)
        work.flush(at)
    return result


def settlement(desk: SimpleNamespace) -> Promise:
    if not Promise.unscoped.exists():
        load_pack(name="bank")
        inside(desk, make_promises, trigger="complaint.received", matter_id=desk.matter.pk)
    return Promise.unscoped.get(obligation="settlement")


def decide(desk: SimpleNamespace, decision: str = "approved", **given: Any) -> Approval:
    approval = Approval.unscoped.get(state="pending")
    with acting_as(given.pop("by", desk.manager)):
        return decide_approval(
            approval_id=approval.pk, decision=decision, comment="情况属实", expected_version=approval.version, **given
        )
