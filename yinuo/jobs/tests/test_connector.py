"""What a job or a thread of the worker queues belongs to its transaction, as in the web."""

import asyncio
import threading

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from yinuo.jobs.connector import WorkerConnector
from yinuo.jobs.deferring import defer
from yinuo.kernel.command import permit_writes

pytestmark = pytest.mark.django_db(transaction=True)


def queued() -> int:
    return ProcrastinateJob.objects.filter(task_name="email.understand").count()


def in_a_thread(work) -> None:
    """As the mail receiver does: a thread beside the worker's event loop."""
    wrong: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            wrong.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)
    assert not thread.is_alive() and not wrong, wrong


@pytest.fixture
def at_work(no_loop_of_a_browser):
    """While a worker is at work, its connector stands in the app's place."""
    settings = connection.settings_dict
    given = {"host": settings["HOST"], "port": settings["PORT"], "user": settings["USER"], "dbname": settings["NAME"]}
    if settings["PASSWORD"]:
        given["password"] = settings["PASSWORD"]

    def during(work) -> None:
        async def run() -> None:
            with app.replace_connector(WorkerConnector(kwargs=given)) as working:
                async with working.open_async():
                    await asyncio.gather(*(asyncio.to_thread(work, n) for n in range(4)))

        asyncio.run(run())

    yield during
    with permit_writes("test"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def test_a_rollback_takes_the_job_with_it_and_a_commit_brings_it(at_work) -> None:
    seen: list[tuple[str, int]] = []

    def work(n: int) -> None:
        def committed() -> None:
            with transaction.atomic():
                defer("email.understand", raw_id=n)
            seen.append(("committed", n))

        def rolled_back() -> None:
            with pytest.raises(ZeroDivisionError), transaction.atomic():
                defer("email.understand", raw_id=100 + n)
                raise ZeroDivisionError

        in_a_thread(committed)
        in_a_thread(rolled_back)

    at_work(work)
    assert len(seen) == 4
    kept = ProcrastinateJob.objects.filter(task_name="email.understand")
    assert sorted(job.args["raw_id"] for job in kept) == [0, 1, 2, 3]


def test_nobody_takes_it_up_before_the_rows_it_is_about_are_there(at_work) -> None:
    counts: list[int] = []

    def work(n: int) -> None:
        if n:
            return

        def one() -> None:
            with transaction.atomic():
                defer("email.understand", raw_id=1)
                in_a_thread(lambda: counts.append(queued()))
            in_a_thread(lambda: counts.append(queued()))

        in_a_thread(one)

    at_work(work)
    assert counts == [0, 1]
