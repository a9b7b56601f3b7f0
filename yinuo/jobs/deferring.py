"""How a task is declared and how a reaction defers it. A job joins the transaction of the command that caused it."""

import functools
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from procrastinate import BaseRetryStrategy, RetryDecision, exceptions
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.work import Event, Reaction

Task = Callable[..., Any]
MINUTE, HOUR = 60, 3600


class Backoff(BaseRetryStrategy):
    """Try again after each of `waits` seconds, then give up; the job stays in the table as failed."""

    def __init__(self, *waits: int) -> None:
        self.waits = waits

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if job.attempts >= len(self.waits):
            return None
        return RetryDecision(retry_in={"seconds": self.waits[job.attempts]})


#: Something of ours was busy (a lock, a restart): soon, then give up.
BRIEF = Backoff(5, 30, 2 * MINUTE, 10 * MINUTE)
#: Somebody else's machine may be down over a weekend.
PATIENT = Backoff(5, MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR, 24 * HOUR, 24 * HOUR)


def job(name: str, *, queue: str = "default", retry: BaseRetryStrategy | None = BRIEF) -> Callable[[Task], Any]:
    """Declare a task. Its body is thin: it calls commands and queries as the system actor named after the task."""

    def wrap(body: Task) -> Any:
        @functools.wraps(body)
        def run(**given: Any) -> Any:
            with acting_as(Actor.system(name)):
                return body(**given)

        return app.task(name=name, queue=queue, retry=retry or False)(run)

    return wrap


def periodic(cron: str) -> Callable[[Any], Any]:
    """Run a job at the times `cron` names. The task takes `timestamp`, the second it was due."""
    return app.periodic(cron=cron)


def defer(
    name: str, /, *, lock: str | None = None, unique: str | None = None, at: datetime | None = None, **given: Any
) -> None:
    """Queue a job in the running transaction. Jobs of one `lock` run one after another, in order; a second job of the
    same `unique` key is left out while the first still waits.
    """
    deferrer = app.configure_task(name, lock=lock, queueing_lock=unique, schedule_at=at)
    if unique is None:
        deferrer.defer(**given)
        return
    try:
        with transaction.atomic():  # a refused insert must not spoil the command's own transaction
            deferrer.defer(**given)
    except exceptions.AlreadyEnqueued:
        return


def defer_many(name: str, key: str, numbers: Sequence[int], *, unique: str) -> None:
    """As `defer` for each of the numbers under `key`, in one statement. Nobody may know the numbers yet: a job of the
    same `unique` key spoils the transaction.
    """
    if numbers:
        jobs = [
            app.configure_task(name, queueing_lock=unique.format(**{key: number})).make_new_job(**{key: number})
            for number in numbers
        ]
        app.job_manager.batch_defer_jobs(jobs=jobs)


def deferred(name: str, /, *keys: str, lock: str | None = None, unique: str | None = None) -> Reaction:
    """A reaction that queues job `name` with the event's data under `keys`; `lock` and `unique` may name them in
    braces: `deferred("email.send", "interaction_id", lock="email:{interaction_id}")`.
    """

    def reaction(event: Event, at: datetime) -> None:
        given = {key: event.data[key] for key in keys}
        locked = lock.format(**event.data) if lock else None
        defer(name, lock=locked, unique=unique.format(**event.data) if unique else None, **given)

    reaction.__name__ = f"deferred_{name}"
    return reaction


def due_at(timestamp: int) -> datetime:
    """When a periodic job was due, as a moment."""
    return datetime.fromtimestamp(timestamp, tz=clock.CST)
