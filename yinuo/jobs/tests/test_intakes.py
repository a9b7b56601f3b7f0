"""Accepted intakes and the worker: rung at once, killed in the middle, cut off the database: each once, none lost."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from yinuo.complaints.intake import group
from yinuo.complaints.intake.accepting import accept
from yinuo.complaints.models import AcceptedIntake, Complaint
from yinuo.complaints.tests import rows
from yinuo.customers.models import Customer
from yinuo.jobs import intakes, rung
from yinuo.jobs.tasks.intakes import prune, sweep
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor
from yinuo.kernel.beside import beside
from yinuo.kernel.models import AuditEntry

ROOT = Path(__file__).resolve().parents[3]
#: A worker that dies when the group has been written and before it is committed.
DIES = """
import os, signal, django; django.setup()
from yinuo.complaints.intake import group
from yinuo.jobs.intakes import drain
write = group.write_at_once
def dying(*given):
    write(*given)
    os.kill(os.getpid(), signal.SIGKILL)
group.write_at_once = dying
drain()
"""


def sent(actor: Actor, first: int, many: int, at=None) -> list[str]:
    """Numbers of intakes of so many different people."""
    bodies = [{**rows.PLAIN, "name": f"客户{n}", "phone": f"1380000{n:04d}"} for n in range(first, first + many)]
    return [accept(body, by=actor, at=at or clock.now())["number"] for body in bodies]


def until(done, seconds: float) -> None:
    last = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < last, "not in time"
        time.sleep(0.05)


def registered() -> int:
    return AcceptedIntake.unscoped.filter(state="registered").count()


def address() -> str:
    given = connection.settings_dict
    return (
        f"postgresql://{given['USER']}:{given['PASSWORD']}@/{given['NAME']}?host={given['HOST']}&port={given['PORT']}"
    )


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_and_a_lost_database_lose_and_double_nothing(monkeypatch) -> None:
    actor = rows.actor()
    numbers = sent(actor, 0, 3)
    environment = {**os.environ, "DATABASE_URL": address(), "DJANGO_SETTINGS_MODULE": "yinuo.settings"}
    killed = subprocess.run([sys.executable, "-c", DIES], env=environment, cwd=ROOT, timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert registered() == Complaint.unscoped.count() == 0

    write, cut = group.write_at_once, threading.Event()

    def cut_off(*given) -> None:
        """The database goes once when a group has been written."""
        write(*given)
        if not cut.is_set():
            cut.set()
            with psycopg.connect(**beside(), autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
            connection.cursor().execute("SELECT 1")

    monkeypatch.setattr(group, "write_at_once", cut_off)
    monkeypatch.setattr(rung, "LOOKS_EVERY", 60.0)  # so that only the ring can be what wakes it below
    stop = threading.Event()
    worker = threading.Thread(target=intakes.RUNG.run, args=(stop,))
    worker.start()
    try:
        until(lambda: registered() == 3, 20)
        assert cut.is_set()
        numbers += sent(actor, 3, 2)
        until(lambda: registered() == 5, 10)
    finally:
        stop.set()
        worker.join(20)
    made = Complaint.unscoped.select_related("matter").order_by("pk")
    assert [row.matter.number for row in made] == sorted(numbers)
    assert Customer.unscoped.count() == AuditEntry.unscoped.filter(command="complaint.register").count() == 5


@pytest.mark.django_db(transaction=True)
def test_two_groups_at_the_same_moment_make_one_new_customer_once(monkeypatch) -> None:
    """The second looks who is known only after the first is committed."""
    actor = rows.actor()
    for _n in range(2):
        accept(rows.PLAIN, by=actor, at=clock.now())
    write, first, go = group.write_at_once, threading.Event(), threading.Event()

    def slow(*given) -> None:
        write(*given)
        if not first.is_set():
            first.set()
            go.wait(20)

    def one_group() -> None:
        group.register_group(most=1)
        connection.close()

    monkeypatch.setattr(group, "write_at_once", slow)
    workers = [threading.Thread(target=one_group) for _n in range(2)]
    workers[0].start()
    assert first.wait(20)
    workers[1].start()
    until(_waiting_for_a_lock, 10)
    go.set()
    for worker in workers:
        worker.join(20)
    assert (registered(), Customer.unscoped.count()) == (2, 1)


def _waiting_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db
def test_the_sweep_finds_what_nobody_was_rung_for_and_leaves_the_fresh_to_the_worker() -> None:
    actor = rows.actor()
    sent(actor, 0, 1)
    assert sweep() == 0 and registered() == 0
    sent(actor, 1, 1, clock.now() - timedelta(minutes=2))
    assert sweep() == 2 and registered() == 2


@pytest.mark.django_db
def test_receipts_go_after_three_months_and_what_was_refused_stays() -> None:
    actor, long_ago = rows.actor(), clock.now() - timedelta(days=91)
    sent(actor, 0, 1, long_ago)
    accept({**rows.PLAIN, "customer_id": 987654}, by=actor, at=long_ago)
    sent(actor, 2, 1)
    assert intakes.drain() == 3
    assert prune() == 1
    assert sorted(AcceptedIntake.unscoped.values_list("state", flat=True)) == ["refused", "registered"]
