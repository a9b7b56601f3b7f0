"""A worker that is asked to stop stops, whatever happens to the database meanwhile."""

import asyncio
import os
import signal
import threading

import psycopg
import pytest

from yinuo.jobs import worker

pytestmark = pytest.mark.usefixtures("no_loop_of_a_browser")


@pytest.fixture
def asked():
    """Asks this process to stop a moment later."""
    soon = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM))
    soon.start()
    yield
    soon.cancel()
    soon.join()


@pytest.fixture
def tried(monkeypatch):
    """How often work was begun; it ends the way that is appended."""
    begun, ends = [], []

    async def work():
        begun.append(1)
        assert len(begun) < 3
        try:
            await asyncio.sleep(20)
        except asyncio.CancelledError:
            raise ends[0] from None

    monkeypatch.setattr(worker, "_work", work)
    return begun, ends


def test_it_ends_with_its_grace(asked, tried):
    begun, ends = tried
    ends.append(asyncio.CancelledError())
    worker._work_until_stopped()
    assert len(begun) == 1 and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_the_database_goes_at_the_same_moment(asked, tried):
    begun, ends = tried
    ends.append(psycopg.OperationalError("the connection is closed"))
    worker._work_until_stopped()
    assert len(begun) == 1


def test_it_is_asked_while_it_waits_for_the_database(asked, monkeypatch):
    async def work():
        raise psycopg.OperationalError("no connection")

    monkeypatch.setattr(worker, "_work", work)
    monkeypatch.setattr(worker, "LONGEST_PAUSE", 15.0)
    worker._work_until_stopped()


def test_another_fault_is_not_a_stop(monkeypatch):
    async def work():
        raise ValueError

    monkeypatch.setattr(worker, "_work", work)
    with pytest.raises(ValueError):
        worker._work_until_stopped()
