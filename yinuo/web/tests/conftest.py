"""A small company behind a browser-like client."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client

from tests.worlds import world
from yinuo.complaints.tests.conftest import build
from yinuo.conversations.commands import add_interaction, open_conversation
from yinuo.customers.commands import add_identity, create_customer
from yinuo.identity.commands import create_staff, create_unit, seed_roles
from yinuo.identity.queries import actor_for
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.command import permit_writes
from yinuo.matters.commands import add_entry, create_task, open_matter
from yinuo.promises.models import Promise

PASSWORD = "Chang-jiang-77"
SYSTEM = Actor.system("test")


@world
def company():
    with acting_as(SYSTEM):
        seed_roles()
        root = create_unit(name="总公司", code="root", kind="company", parent_id=None)
        desk = create_unit(name="受理组", code="desk", kind="desk", parent_id=root.pk)
        store = create_unit(name="仓储部", code="store", kind="department", parent_id=root.pk)
        staff = {
            name: create_staff(username=name, name=shown, password=PASSWORD, unit_id=unit.pk, role_codes=roles)
            for name, shown, unit, roles in (
                ("agent", "林晓雯", desk, ["agent"]),
                ("super", "陈思远", desk, ["supervisor"]),
                ("admin", "管理员", root, ["administrator", "auditor"]),
                ("stock", "黄海", store, ["warehouse"]),
                ("boss", "周建国", root, ["leader"]),
            )
        }
    return SimpleNamespace(root=root, desk=desk, store=store, staff=staff, actor=lambda name: actor_for(staff[name]))


@pytest.fixture
def sign_in(company):
    """sign_in("agent") → a client of that member of staff."""

    def make(name: str = "agent", **options) -> Client:
        client = Client(**options)
        client.force_login(company.staff[name])
        return client

    return make


@pytest.fixture
def agent(sign_in) -> Client:
    return sign_in("agent")


@world
def firm():
    """The company of the complaint tests, at the hour it really is."""
    return build()


@pytest.fixture
def client_of(firm):
    """client_of("wang") → a client of that member of the firm."""

    def make(who: str, **options) -> Client:
        client = Client(**options)
        client.force_login(firm.staff[who])
        return client

    return make


@pytest.fixture
def wang(client_of) -> Client:
    return client_of("wang")


def make_customer(name: str = "王小明", phone: str = "13812345678", **values):
    with acting_as(SYSTEM):
        return create_customer(
            kind=values.pop("kind", "person"), name=name, identities=[("phone", phone)], verified_how="agent", **values
        )


def make_case(company, number: int, *, kind: str = "enquiry"):
    """A customer with a conversation, a matter, a task and a promise due in two hours."""
    with acting_as(SYSTEM):
        customer = make_customer(f"客户{number:02d}", f"1390000{number:04d}")
        add_identity(customer_id=customer.pk, kind="email", value=f"c{number}@example.cn", verified_how="agent")
        conversation = open_conversation(
            channel="email",
            customer_id=customer.pk,
            subject=f"来信 {number}",
            unit_id=company.desk.pk,
            owner_id=company.staff["agent"].pk,
        )
        add_interaction(
            conversation=conversation, direction="in", text="请告诉我什么时候送到", author_name=customer.name
        )
        matter = open_matter(
            kind=kind,
            title=f"送货时间 {number}",
            customer=customer,
            state="open",
            conversation=conversation,
            owner_id=company.staff["agent"].pk,
            unit_id=company.desk.pk,
        )
        add_entry(matter=matter, kind="opened", text="登记")
        task = create_task(matter_id=matter.pk, title="查出库单", unit_id=company.store.pk)
        mine = create_task(matter_id=matter.pk, title="回电", assignee_id=company.staff["agent"].pk)
        now = clock.now()
        with permit_writes("test"):
            Promise.unscoped.create(
                matter=matter,
                customer=customer,
                obligation="reply",
                title="4 小时内答复",
                owner=company.staff["agent"],
                unit=company.desk,
                made_at=now,
                starts_at=now,
                due_at=now + timedelta(hours=2),
                explanation="登记后 4 小时",
                clock="calendar_hours",
                amount=4,
            )
    return SimpleNamespace(customer=customer, conversation=conversation, matter=matter, task=task, mine=mine)
