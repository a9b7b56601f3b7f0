"""The hot path writes what the command writes: every table is held against it, row by row."""

import json
from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.db import connection, transaction

from yinuo.complaints.commands import register
from yinuo.complaints.intake import register_at_once
from yinuo.complaints.models import Complaint
from yinuo.customers.commands import create_customer
from yinuo.customers.models import Customer
from yinuo.identity.commands import create_api_key, create_staff, create_unit, seed_roles
from yinuo.identity.grants import GRANT_CODES
from yinuo.identity.queries import actor_for_key
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.errors import Denied, Invalid
from yinuo.promises.commands.standards import load_pack
from yinuo.promises.models import Promise

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 30, 10, 20, tzinfo=UTC)
PLAIN = {
    "channel": "api",
    "content": "发动机加注后漏油，it's \\odd\\ 怀疑质量问题",
    "name": "陈晓燕",
    "phone": "13812345678",
}
FULL = PLAIN | {
    "email": "chen@example.cn", "product": "柴机油", "batch": "B1", "produced_on": "2026-05-01", "used_on": "2026-06-01", "demand": "退货",
    "demand_amount": "1280.5", "severity": "serious", "kind": "product", "title": "漏油", "temperament": "angry", "received_at": datetime(2026, 9, 30, 9, 0, tzinfo=UTC),
}  # fmt: skip


@pytest.fixture
def actor():
    with acting_as(Actor.system("test")):
        seed_roles()
        head = create_unit(name="总部", code="hq", kind="company", parent_id=None)
        desk = create_unit(name="投诉组", code="desk", kind="desk", parent_id=head.pk)
        staff = create_staff(username="li", name="李四", password="abcd2234x", unit_id=desk.pk, role_codes=["agent"])
        secret = create_api_key(name="ERP", staff_id=staff.pk, grants=GRANT_CODES)["secret"]
        for pack in ("common", "lubricant", "bank"):
            load_pack(name=pack)
    return actor_for_key(secret, at=clock.now())[0]


# What the database stamps by itself, at each statement or transaction.
STAMPED = {"kernel_auditentry": ["at"], "kernel_notice": ["xact"], "customers_channelidentity": ["created_at"]}


def tables() -> list[str]:
    return sorted(m._meta.db_table for m in apps.get_models() if m.__module__.startswith("yinuo."))


def dump() -> dict[str, list[str]]:
    found = {}
    with connection.cursor() as cursor:
        for table in [*tables(), "procrastinate_jobs"]:
            cursor.execute(f"SELECT to_jsonb(t) - %s::text[] FROM {table} t ORDER BY 1", [STAMPED.get(table, [])])
            found[table] = [
                json.dumps(r if isinstance(r, dict) else json.loads(r), sort_keys=True, ensure_ascii=False)
                for (r,) in cursor.fetchall()
            ]
    return found


def restart_sequences(start: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(schemaname) || '.' || quote_ident(sequencename) FROM pg_sequences WHERE schemaname = 'public'"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"ALTER SEQUENCE {name} RESTART WITH {start}")


def written(way, actor, given, start) -> tuple[dict[str, set[str]], object]:
    before = dump()
    restart_sequences(start)
    with acting_as(actor), clock.frozen(NOW):
        row = way(by=actor, at=NOW, **given)
        after = dump()
    return {t: set(after[t]) - set(before[t]) for t in after}, row


def compare(actor, given) -> Complaint:
    start = 5000 + 1000 * Complaint.unscoped.count()  # the same ids both times
    with transaction.atomic():
        slow, _row = written(register, actor, given, start)
        transaction.set_rollback(True)
    fast, row = written(register_at_once, actor, given, start)
    assert row is not None
    for table in slow:
        assert fast[table] == slow[table], table
    assert sum(map(len, slow.values())) > 15
    return row


@pytest.mark.parametrize(
    "given",
    [
        PLAIN,
        FULL,
        {**PLAIN, "phone": ""},
        {**PLAIN, "name": ""},
        {**PLAIN, "customer_kind": "organisation"},
        {**PLAIN, "kind": "service", "subkind": "attitude"},
    ],
)
def test_a_new_customer(actor, given):
    row = compare(actor, given)
    assert row.matter.owner.name == "李四"


@pytest.mark.parametrize(("kind", "promises"), [("product", 4), ("service", 3), ("", 4)])
def test_a_standard_for_one_kind_of_complaint_holds_here_too(actor, kind, promises):
    row = compare(actor, {**PLAIN, "kind": kind})
    assert Promise.unscoped.filter(matter=row.pk).count() == promises


def test_a_recognised_customer_and_a_returning_stranger(actor):
    with acting_as(Actor.system("test")):
        create_customer(kind="person", name="陈先生", identities=[("phone", "13812345678")], verified_how="agent")
    assert compare(actor, PLAIN).matter.customer.name == "陈先生"
    compare(actor, {**PLAIN, "phone": "13900000000"})
    assert compare(actor, {**PLAIN, "phone": "13900000000"}).matter.customer.name == "陈晓燕"


def test_two_statements(actor, django_assert_num_queries):
    with acting_as(actor):
        register_at_once(by=actor, at=NOW, **PLAIN)
        for _n in range(2):
            with django_assert_num_queries(2):
                assert register_at_once(by=actor, at=NOW, **PLAIN)


@pytest.mark.parametrize(
    "more",
    [{"upload_key": "12345678"}, {"wants_leader": True}, {"customer_id": 1}, {"owner_id": 1}, {"verified_how": "api"}],
)
def test_what_is_not_plain_is_left_to_the_command(actor, more):
    with acting_as(actor):
        assert register_at_once(by=actor, at=NOW, **PLAIN, **more) is None
    assert not Complaint.unscoped.exists()


def test_an_important_customer_is_left_to_the_command(actor):
    with acting_as(Actor.system("test")):
        made = create_customer(
            kind="person", name="陈先生", identities=[("phone", "13812345678")], verified_how="agent"
        )
    with permit_writes("test"):
        Customer.unscoped.filter(pk=made.pk).update(grade="A")
    with acting_as(actor):
        assert register_at_once(by=actor, at=NOW, **PLAIN) is None


def test_a_new_standard_counts_at_once(actor):
    first = compare(actor, PLAIN)
    with acting_as(Actor.system("test")):
        load_pack(name="post")
    assert compare(actor, {**PLAIN, "phone": "13911112222"}).pk != first.pk


def test_it_refuses_what_the_command_refuses(actor):
    for wrong in ({"content": " "}, {"phone": "12"}, {"severity": "x"}, {"produced_on": "2099-01-01"}, {"nonsense": 1}):
        seen = []
        for way in (register, register_at_once):
            with acting_as(actor), pytest.raises(Invalid) as problem:
                way(by=actor, at=NOW, **{**PLAIN, **wrong})
            seen.append((problem.value.message, problem.value.fields))
        assert seen[0] == seen[1]
    nobody = Actor("api", actor.id, "x", frozenset(), unit_id=actor.unit_id)
    with acting_as(nobody), pytest.raises(Denied):
        register_at_once(by=nobody, at=NOW, **PLAIN)
