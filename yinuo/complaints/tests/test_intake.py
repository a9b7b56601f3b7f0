"""The hot path writes what the command writes: every table is held against it, row by row."""

from datetime import timedelta

import pytest
from django.db import transaction

from tests.worlds import world
from yinuo.complaints.commands import register
from yinuo.complaints.intake import register_at_once
from yinuo.complaints.models import Complaint
from yinuo.complaints.tests import rows
from yinuo.complaints.tests.rows import FULL, NOW, PLAIN, dump, restart_sequences
from yinuo.customers.commands import create_customer
from yinuo.customers.models import Customer
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.errors import Denied, Invalid
from yinuo.promises.commands.standards import load_pack
from yinuo.promises.models import Promise

pytestmark = pytest.mark.django_db
actor = world(rows.actor)


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


def test_promises_count_from_when_the_complaint_was_received(actor):
    before = NOW - timedelta(days=5)
    row = compare(actor, {**PLAIN, "received_at": before})
    assert set(Promise.unscoped.filter(matter=row.pk).values_list("starts_at", flat=True)) == {before}


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
