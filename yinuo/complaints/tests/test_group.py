"""Accepted first, registered in groups: the same rows as one after the other, nobody held up, nothing lost or doubled."""

import json
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.worlds import world
from yinuo.complaints.commands.accepted import register_accepted
from yinuo.complaints.intake import draining, group
from yinuo.complaints.intake.accepting import accept
from yinuo.complaints.intake.draining import drain
from yinuo.complaints.intake.group import register_group
from yinuo.complaints.models import AcceptedIntake, Complaint
from yinuo.complaints.tests import rows
from yinuo.complaints.tests.rows import FULL, NOW, PLAIN, dump, restart_sequences
from yinuo.customers.models import Customer
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.errors import AlreadyDone, Denied, Invalid
from yinuo.kernel.models import AuditEntry
from yinuo.promises.models import Promise

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=3)
SYSTEM = Actor.system("intake")
MANY = [
    PLAIN, FULL, {**PLAIN, "phone": "13900001111"}, {**PLAIN, "name": "王五"}, {**PLAIN, "content": "又漏油了"},
    {"channel": "api", "content": "不留姓名", "name": "", "email": "x@example.cn"}, {"channel": "api", "content": "什么都没留"},
]  # fmt: skip
actor = world(rows.actor)


def sent(actor, *bodies):
    """Accepted minute after minute."""
    return [accept(body, by=actor, at=NOW + timedelta(minutes=n)) for n, body in enumerate(bodies)]


def written(way):
    before = dump()
    restart_sequences(5000)
    with acting_as(SYSTEM), clock.frozen(LATER):
        way()
    after = dump()
    return {table: set(after[table]) - set(before[table]) for table in after}


def told(notices):
    return {tuple(pair) for row in notices for pair in json.loads(row)["events"]}


def one_by_one():
    for row in AcceptedIntake.unscoped.order_by("pk"):
        register_accepted(accepted_id=row.pk, at=row.received_at)


def state(receipt) -> AcceptedIntake:
    return AcceptedIntake.unscoped.get(pk=receipt["id"])


def test_a_group_writes_what_the_command_writes_one_after_the_other(actor):
    many = [*MANY, {**PLAIN, "phone": "13900002222", "received_at": NOW - timedelta(days=5)}]
    sent(actor, *many)
    with transaction.atomic():
        slow = written(one_by_one)
        transaction.set_rollback(True)
    fast = written(register_group)
    assert told(fast.pop("kernel_notice")) == told(slow.pop("kernel_notice"))
    for table in slow:
        assert fast[table] == slow[table], table
    assert len(fast["complaints_complaint"]) == len(many) and sum(map(len, slow.values())) > 100


def test_one_new_customer_of_two_intakes_of_a_group(actor):
    """Recognised by number and name, as a returning stranger is; another name is another person."""
    sent(actor, *MANY)
    drain()
    by_number = {c.matter.number: c.matter.customer_id for c in Complaint.unscoped.select_related("matter")}
    first, full, _other, wang, again, *_nameless = [by_number[number] for number in sorted(by_number)]
    assert first == full == again != wang
    assert Customer.unscoped.count() == 5


def test_the_number_is_the_one_promised_and_promises_count_from_when_it_was_received(actor):
    receipt = sent(actor, PLAIN)[0]
    with clock.frozen(LATER):
        drain()
    row = state(receipt)
    assert (row.state, row.matter.number, row.handled_at) == ("registered", receipt["number"], LATER)
    assert row.matter.opened_at == row.matter.complaint.received_at == NOW
    starts = set(Promise.unscoped.filter(matter=row.matter).values_list("starts_at", flat=True))
    assert starts and LATER not in starts and max(starts) <= NOW + timedelta(days=1)
    who = AuditEntry.unscoped.filter(command__in=["complaint.register", "intake.register"])
    assert {entry.actor_name for entry in who} == {"李四 · ERP"} and len(who) == 2


def test_promises_count_from_when_the_sender_says_it_was_received(actor):
    before = NOW - timedelta(days=5)
    receipt = sent(actor, {**PLAIN, "received_at": before})[0]
    with clock.frozen(LATER):
        drain()
    row = state(receipt)
    assert row.matter.opened_at == NOW
    assert set(Promise.unscoped.filter(matter=row.matter).values_list("starts_at", flat=True)) == {before}


def test_statements_do_not_grow_with_the_group(actor):
    counts = []
    for most in (2, 7):
        sent(actor, *MANY[:most])
        with clock.frozen(NOW), CaptureQueriesContext(connection) as caught:
            seen, left = register_group()
        assert len(seen) == most and not left
        counts.append(len(caught))
    assert counts[1] <= counts[0] and counts[1] == 6  # claim, hold, read, write; begin and end


def test_what_fails_is_refused_and_holds_nobody_up(actor):
    good, gone, last = sent(actor, PLAIN, {**PLAIN, "customer_id": 987654}, {**PLAIN, "phone": "13911112222"})
    assert drain() == 3
    assert [state(r).state for r in (good, gone, last)] == ["registered", "refused", "registered"]
    assert state(gone).problem["code"] == "missing" and "客户" in state(gone).problem["detail"]
    assert AuditEntry.unscoped.filter(command="intake.refuse", subject_id=gone["id"]).count() == 1


def test_what_is_not_plain_goes_by_the_command_under_its_number(actor):
    owner = sent(actor, {**PLAIN, "owner_id": actor.staff_id, "wants_leader": True})[0]
    drain()
    assert state(owner).matter.number == owner["number"]
    with acting_as(SYSTEM):
        assert state(owner).matter.complaint.leaderreceptions.count() == 1


def test_a_group_that_fails_is_taken_one_at_a_time(actor, monkeypatch):
    receipts = sent(actor, *MANY[:3])
    monkeypatch.setattr(group, "write_at_once", lambda *_given: 1 / 0)
    drain()
    assert {state(r).state for r in receipts} == {"registered"}


def test_our_own_failure_is_refused_too_and_a_lost_database_leaves_all_of_it(actor, monkeypatch):
    from django.db import OperationalError

    receipts = sent(actor, {**PLAIN, "customer_kind": "organisation"}, PLAIN)
    with monkeypatch.context() as patch:
        patch.setattr(group, "read_known", lambda *_a, **_k: (_ for _ in ()).throw(OperationalError("gone")))
        with pytest.raises(OperationalError):
            drain()
    assert {state(r).state for r in receipts} == {"waiting"}
    monkeypatch.setattr(draining, "register_accepted", lambda **_given: 1 / 0)
    drain(plain=False)
    assert {(state(r).state, state(r).problem["code"]) for r in receipts} == {("refused", "internal")}


def test_what_the_input_alone_can_tell_is_said_at_once(actor):
    for wrong in ({"phone": "12"}, {"content": " "}, {"produced_on": "2099-01-01"}, {"received_at": LATER}):
        with pytest.raises(Invalid):
            accept(PLAIN | wrong, by=actor, at=NOW)
    nobody = Actor("api", actor.id, "x", frozenset(), unit_id=actor.unit_id, key_id=actor.key_id)
    with pytest.raises(Denied):
        accept(PLAIN, by=nobody, at=NOW)
    assert not AcceptedIntake.unscoped.exists()


def test_one_statement_with_and_without_a_key(actor, django_assert_num_queries):
    with django_assert_num_queries(1):
        accept(PLAIN, by=actor, at=NOW)
    with django_assert_num_queries(1):
        first = accept(PLAIN, by=actor, at=NOW, command="api", key="k1", print_="p")
    with pytest.raises(AlreadyDone) as before:
        accept(PLAIN, by=actor, at=NOW, command="api", key="k1", print_="p")
    assert before.value.result == {"print": "p", "receipt": first}
    assert AcceptedIntake.unscoped.count() == 2
