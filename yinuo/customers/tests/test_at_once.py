"""Two who prove the same address at the same moment: one gets it, the other is told so, nothing breaks."""

import threading
from collections import Counter
from datetime import datetime

import pytest
from django.db import connection

from yinuo.customers.commands import add_identity, create_customer, verify_identity
from yinuo.customers.models import ChannelIdentity, Customer
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import YinuoError
from yinuo.kernel.models import AuditEntry

SYSTEM = Actor.system("test")
ADDRESS = "chen@example.cn"


def at_once(*calls):
    gate, out = threading.Barrier(len(calls)), []

    def run(call):
        try:
            with acting_as(SYSTEM):
                gate.wait(10)
                call()
                out.append("done")
        except YinuoError as refusal:
            out.append(refusal.code)
        except Exception as problem:
            out.append(repr(problem))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return Counter(out)


@pytest.fixture
def two(transactional_db):
    with acting_as(SYSTEM):
        return [create_customer(kind="person", name=name) for name in ("陈一", "陈二")]


def verified():
    return ChannelIdentity.unscoped.filter(value=ADDRESS, verified_at__isnull=False).count()


def test_staff_adding_a_checked_address_to_two_customers(two):
    for round_no in range(4):
        address = f"{round_no}-{ADDRESS}"
        add = lambda one: lambda: add_identity(customer_id=one.pk, kind="email", value=address, verified_how="agent")  # noqa: B023, E731
        assert at_once(*[(add(one)) for one in two]) == {"done": 1, "refused": 1}
        assert ChannelIdentity.unscoped.filter(value=address, verified_at__isnull=False).count() == 1


def test_two_visitors_proving_the_same_address(two):
    with acting_as(SYSTEM):
        rows = [add_identity(customer_id=one.pk, kind="email", value=ADDRESS) for one in two]
    prove = lambda row: lambda: verify_identity(identity_id=row.pk, how="portal_code")  # noqa: E731
    assert at_once(*[prove(row) for row in rows]) == {"done": 2}
    assert verified() == 1


def test_two_new_customers_with_the_same_checked_address(two):
    def make(name):
        reached = [("email", ADDRESS), ("phone", "13812345678")]
        return lambda: create_customer(kind="person", name=name, identities=reached, verified_how="agent")

    assert at_once(make("甲"), make("乙"), make("丙")) == {"done": 3}
    assert verified() == 1
    assert ChannelIdentity.unscoped.filter(value=ADDRESS).count() == 3


def test_a_slow_one_is_told_after_the_database_refused(two, monkeypatch):
    """The gap between looking and writing, held open: both have looked before either writes."""
    from yinuo.customers.commands import profiles

    gate, look = threading.Barrier(2), profiles.verified_elsewhere

    def lingering(pairs):
        found = look(pairs)
        if not found and not gate.broken:
            try:
                gate.wait(2)
            except threading.BrokenBarrierError:
                return found
        return found

    monkeypatch.setattr(profiles, "verified_elsewhere", lingering)

    def make(name):
        reached = [("email", ADDRESS)]
        return lambda: create_customer(kind="person", name=name, identities=reached, verified_how="agent")

    assert at_once(make("甲"), make("乙")) == {"done": 2}
    assert verified() == 1


def test_of_two_in_a_ring_the_one_undone_is_done_once_more(two):
    """A real deadlock: each holds the row the other wants."""
    gate, tries = threading.Barrier(2), []

    @command("test.ring", needs="test")
    def both(*, first: int, then: int, by: Actor, at: datetime) -> None:
        tries.append(first)
        for number, pk in enumerate((first, then)):
            row = Customer.unscoped.select_for_update(no_key=True).get(pk=pk)
            if number == 0 and len(tries) <= 2:
                gate.wait(5)
            record(row)

    a, b = (one.pk for one in two)
    assert at_once(lambda: both(first=a, then=b), lambda: both(first=b, then=a)) == {"done": 2}
    assert len(tries) == 3 and AuditEntry.unscoped.filter(command="test.ring").count() == 4
