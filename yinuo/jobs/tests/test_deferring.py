"""A job belongs to the transaction that asked for it."""

import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from yinuo.jobs.deferring import BRIEF, defer, deferred, job
from yinuo.kernel.actor import Actor, acting_as, current_actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import COMMANDS, command
from yinuo.kernel.events import emit, on, reactions_to

SEEN: list[tuple[str, str]] = []


@job("test.greet", retry=None)
def greet(whom: str) -> None:
    SEEN.append((whom, current_actor().name))


@pytest.fixture
def greeting():
    """A command whose event defers a job, and which may fail after it."""

    @command("test.greeting", needs="test")
    def say(*, whom, fail=False, by, at):
        record("test")
        emit("test.greeted", whom=whom)
        if fail:
            raise RuntimeError("after the event")

    on("test.greeted", deferred("test.greet", "whom"))
    yield say
    COMMANDS.pop("test.greeting")
    reactions_to("test.greeted").clear()


def names() -> list[str]:
    return [j.args["whom"] for j in ProcrastinateJob.objects.filter(task_name="test.greet").order_by("id")]


@pytest.mark.django_db
def test_a_command_that_fails_leaves_no_job(greeting, monkeypatch):
    with acting_as(Actor.system("test")):
        greeting(whom="kept")
        with pytest.raises(RuntimeError):
            greeting(whom="lost", fail=True)
        # fails while writing the audit, that is after the job was queued
        monkeypatch.setattr("yinuo.kernel.audit.write_entries", lambda entries: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            greeting(whom="lost too")
    assert names() == ["kept"]


@pytest.mark.django_db
def test_a_unique_job_is_queued_once_and_spoils_nothing(django_assert_num_queries):
    defer("test.greet", unique="greet:1", whom="a")
    defer("test.greet", unique="greet:1", whom="b")
    defer("test.greet", unique="greet:2", whom="c")
    assert names() == ["a", "c"]
    with django_assert_num_queries(1):
        defer("test.greet", whom="d")


@pytest.mark.django_db(transaction=True)
def test_a_worker_runs_the_job_as_the_system():
    SEEN.clear()
    defer("test.greet", whom="王")
    with app.replace_connector(app.connector.get_worker_connector()) as working:
        working.run_worker(wait=False, install_signal_handlers=False, listen_notify=False, queues=["default"])
    assert SEEN == [("王", "test.greet")]


def test_backoff_gives_up_after_its_last_wait():
    class Job:
        attempts = 0

    waits = []
    for Job.attempts in range(5):
        decision = BRIEF.get_retry_decision(exception=ValueError(), job=Job)
        waits.append(decision and decision.retry_at)
    assert all(waits[:4])
    assert waits[4] is None
