"""The clock: everything due is announced once, in order, however it was interrupted, and late ones say so."""

import threading
from collections import Counter
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction

from yinuo.jobs import clock as process
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.clock import frozen
from yinuo.kernel.command import permit_writes
from yinuo.matters.models import Collaborator, TimelineEntry
from yinuo.promises.commands import announce_due, announcing, load_pack, make_personal_promise, make_promises
from yinuo.promises.models import Compensation, Promise, PromiseEvent
from yinuo.promises.queries.due import due
from yinuo.promises.tests.conftest import START, build_desk, inside, local, open_complaint

LADDER = [("handler", "handler"), ("manager", "manager"), ("next_level", "chief"), ("leader", "leader")]


def spoken() -> list[tuple[int, str, int]]:
    kinds = ["warned", "broken", "escalated", "cost_fixed"]
    return list(PromiseEvent.unscoped.filter(kind__in=kinds).order_by("pk").values_list("promise_id", "kind", "rung"))


def promises(desk: SimpleNamespace) -> None:
    for pack in ("common", "bank", "lubricant"):
        load_pack(name=pack)
    inside(desk, make_promises, trigger="complaint.received", matter_id=desk.matter.pk)
    with acting_as(desk.handler):
        make_personal_promise(title="回电", due_at=START + timedelta(hours=30), customer_id=desk.customer.pk)


def test_a_week_down_announces_the_same_as_a_clock_that_never_slept(desk: SimpleNamespace) -> None:
    promises(desk)
    end = START + timedelta(days=25)
    undo = transaction.savepoint()
    at = START
    while at <= end:
        with frozen(at):
            announce_due()
        at += timedelta(hours=1)
    often = spoken()
    assert not PromiseEvent.unscoped.filter(kind="broken", late=False, at__gt=START + timedelta(days=24)).exists()
    transaction.savepoint_rollback(undo)

    with frozen(end):
        while announce_due():
            pass
        assert announce_due() == 0
    once = spoken()
    assert sorted(once) == sorted(often)
    assert max(Counter(once).values()) == 1
    late = PromiseEvent.unscoped.filter(kind="broken").first()
    assert late is not None and late.late and "因系统停顿补发" in late.text
    for promise in Promise.unscoped.all():
        mine = [e.planned_at for e in promise.events.filter(kind__in=["warned", "broken", "escalated"]).order_by("pk")]
        assert mine == sorted(mine)


def test_each_rung_tells_the_next_person_once(desk: SimpleNamespace) -> None:
    load_pack(name="common")
    promise = inside(desk, make_promises, trigger="complaint.received", matter_id=desk.matter.pk)[0]
    told = []
    for day in ("03-05 18:01", "03-06 18:01", "03-09 18:01", "03-10 18:01", "03-20 10:00"):
        with frozen(local(f"2026-{day}")):
            announce_due()
        rungs = promise.events.filter(kind="escalated").order_by("rung")
        told = [(e.told_as, e.told.username) for e in rungs]
        if day == "03-06 18:01":
            assert told == LADDER[:2]
            assert set(Collaborator.unscoped.values_list("staff__username", flat=True)) == {"manager"}
    assert told == LADDER
    assert TimelineEntry.unscoped.filter(matter=desk.matter, kind="promise_escalated").count() == 4
    assert Compensation.unscoped.get(promise=promise).kind == "apology"


@pytest.mark.parametrize("cases", [2, 12])
def test_a_batch_takes_the_same_statements_however_many_it_holds(
    desk: SimpleNamespace, cases: int, django_assert_num_queries: Any
) -> None:
    load_pack(name="common")
    for _n in range(cases):
        inside(desk, make_promises, trigger="complaint.received", matter_id=open_complaint(desk).pk)
    with frozen(local("2026-03-20 10:00")), django_assert_num_queries(29):
        assert announce_due() == cases
    helped = Collaborator.unscoped.values_list("matter_id", "staff__username")
    assert len(set(helped)) == len(helped) == cases * 3


def test_without_an_owner_the_units_head_hears_of_it_and_an_empty_rung_falls_upwards(desk: SimpleNamespace) -> None:
    load_pack(name="common")
    from yinuo.kernel.command import permit_writes

    with permit_writes("test"):
        desk.matter.owner = None
        desk.matter.save()
    inside(desk, make_promises, trigger="complaint.received", matter_id=desk.matter.pk)
    with frozen(local("2026-03-20 10:00")):
        announce_due()
    told = PromiseEvent.unscoped.filter(kind="escalated").values_list("told__username", flat=True)
    assert set(told) == {"leader"}


def test_a_promise_that_cannot_be_announced_holds_up_nobody(
    desk: SimpleNamespace, monkeypatch: Any, caplog: Any
) -> None:
    from yinuo.kernel.command import permit_writes

    promises(desk)
    bad = Promise.unscoped.order_by("wakes_at").first()
    assert bad is not None
    with permit_writes("test"):
        Promise.unscoped.filter(pk=bad.pk).update(plan=[["nonsense", 0, "2026-01-01T00:00:00+08:00", ""]])
    monkeypatch.setattr(process, "database_now", lambda: START + timedelta(days=30))
    assert process.announce_all() == {bad.pk}
    assert not Promise.unscoped.filter(wakes_at__lte=START + timedelta(days=30)).exclude(pk=bad.pk).exists()
    assert "could not be announced" in caplog.text


def test_the_clock_set_back_announces_nothing_twice(desk: SimpleNamespace) -> None:
    promises(desk)
    for at in (START + timedelta(days=4), START, START + timedelta(days=2), START + timedelta(days=4)):
        with frozen(at):
            while announce_due():
                pass
    assert max(Counter(spoken()).values()) == 1


def test_the_step_sleeps_until_the_next_moment(desk: SimpleNamespace, monkeypatch: Any) -> None:
    with acting_as(desk.handler):
        make_personal_promise(title="回电", due_at=START + timedelta(seconds=12), customer_id=desk.customer.pk)
    monkeypatch.setattr(process, "database_now", lambda: START)
    assert process.step() == pytest.approx(12, abs=0.01)
    monkeypatch.setattr(process, "database_now", lambda: START + timedelta(seconds=13))
    assert process.step() == process.LONGEST_SLEEP
    assert Promise.unscoped.get().state == "broken"


def test_what_comes_due_while_it_works_is_not_slept_over(desk: SimpleNamespace, monkeypatch: Any) -> None:
    with acting_as(desk.handler):
        make_personal_promise(title="回电", due_at=START + timedelta(seconds=1), customer_id=desk.customer.pk)
    moments = iter([START, START, START + timedelta(seconds=2)])
    monkeypatch.setattr(process, "database_now", lambda: next(moments))
    assert process.step() == 0
    monkeypatch.setattr(process, "database_now", lambda: START + timedelta(seconds=2))
    monkeypatch.setattr(process, "announce_all", set)
    assert process.step() == process.BUSY_PAUSE, "somebody else is at it"


@pytest.mark.parametrize("of", [2, 3])
def test_hands_share_what_is_due_and_a_matter_is_for_one_of_them(desk: SimpleNamespace, of: int) -> None:
    with acting_as(desk.handler):
        for matter in [desk.matter, open_complaint(desk), open_complaint(desk)] * 2:
            make_personal_promise(title="回电", due_at=START + timedelta(hours=1), matter_id=matter.pk)
        make_personal_promise(title="回电", due_at=START + timedelta(hours=1), customer_id=desk.customer.pk)
    at = START + timedelta(days=1)
    shares = [set(due(at, lane=(n, of)).values_list("pk", flat=True)) for n in range(of)]
    assert sum(map(len, shares)) == len(set().union(*shares)) == due(at).count() == 7
    hands: dict[int, set[int]] = {}
    for n, share in enumerate(shares):
        for matter_id in Promise.unscoped.filter(pk__in=share, matter__isnull=False).values_list(
            "matter_id", flat=True
        ):
            hands.setdefault(matter_id, set()).add(n)
    assert {len(each) for each in hands.values()} == {1}


@pytest.mark.django_db(transaction=True)
def test_many_due_are_announced_by_two_hands_each_once_and_what_cannot_be_stays(monkeypatch: Any, caplog: Any) -> None:
    """Real connections. One promise that cannot be announced in each lane; all others are, once."""
    system = Actor.system("test")
    with acting_as(system):
        desk = build_desk(system)
        matters = [open_complaint(desk) for _n in range(6)]
    with acting_as(desk.handler):
        for matter in matters * 3:
            make_personal_promise(title="回电", due_at=clock.now() + timedelta(hours=1), matter_id=matter.pk)
    bad = [Promise.unscoped.filter(matter=matter).latest("pk").pk for matter in matters[:2]]
    with permit_writes("test"):
        Promise.unscoped.filter(pk__in=bad).update(plan=[["nonsense", 0, "2026-01-01T00:00:00+08:00", ""]])
    monkeypatch.setattr(announcing, "BATCH", 2)
    moment, hands = clock.now() + timedelta(days=1), set()
    monkeypatch.setattr(process, "database_now", lambda: moment)
    original = process._batch
    monkeypatch.setattr(process, "_batch", lambda lane, stuck: hands.add(lane) or original(lane, stuck))
    with acting_as(Actor.system("clock")):
        assert process.announce_all() == set(bad)
    assert hands == {(0, 1), (0, 2), (1, 2)}
    assert set(due(moment).values_list("pk", flat=True)) == set(bad)
    once = Counter(number for number, kind, _rung in spoken() if kind == "broken")
    assert set(once.values()) == {1} and len(once) == 16


@pytest.mark.django_db(transaction=True)
def test_two_clocks_side_by_side_and_a_real_sleep() -> None:
    """Real connections, real time: two clock processes, promises due within the second, each announced once."""
    with acting_as(Actor.system("test")):
        desk = build_desk(Actor.system("test"))
        matters = [open_complaint(desk) for _n in range(4)]
    stop, ours = threading.Event(), _connected()
    clocks = [threading.Thread(target=process.run, args=(stop,)) for _n in range(2)]
    for thread in clocks:
        thread.start()
    try:
        soon = clock.now() + timedelta(seconds=6)
        with acting_as(desk.handler):
            for matter in matters * 3:
                make_personal_promise(title="回电", due_at=soon, matter_id=matter.pk)
        _until(lambda: Promise.unscoped.filter(state="broken").count() == 12)
        _break_connections(but=ours)
        with acting_as(desk.handler):
            make_personal_promise(
                title="再次回电", due_at=clock.now() + timedelta(seconds=2), customer_id=desk.customer.pk
            )
        _until(lambda: Promise.unscoped.filter(state="broken").count() == 13)
    finally:
        stop.set()
        for thread in clocks:
            thread.join(20)
    assert max(Counter(spoken()).values()) == 1
    assert not any(thread.is_alive() for thread in clocks)


def _until(done: Any, seconds: float = 20) -> None:
    end = threading.Event()
    for _n in range(int(seconds / 0.1)):
        if done():
            return
        end.wait(0.1)
    raise AssertionError("not within the time")


def _connected() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        return [pid for (pid,) in cursor.fetchall()]


def _break_connections(*, but: list[int]) -> None:
    """What a database restart does to the clocks; connections other tests keep open are left alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND NOT pid = ANY(%s)",
            [but],
        )
