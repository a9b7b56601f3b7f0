"""The worker's way in: `yinuo worker`. Stops cleanly, outlives a database restart."""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable, Coroutine
from types import FrameType
from typing import Any

import django

log = logging.getLogger("yinuo.worker")
LONGEST_PAUSE = 30.0
GRACE_SECONDS = 15.0


def main() -> None:
    """Work until SIGTERM or SIGINT; a running job gets `GRACE_SECONDS` to finish, else it starts again later."""
    django.setup()
    from yinuo.channels.email import receiver
    from yinuo.jobs import intakes, mails, periodic

    periodic.install()
    beside = [receiver.start_in_background(), intakes.RUNG.start_in_background()]
    beside += [mails.RUNG.start_in_background() for _hand in range(mails.HANDS)]
    try:
        _work_until_stopped()
    finally:
        for _thread, stop in beside:
            stop.set()
        for thread, _stop in beside:
            thread.join(GRACE_SECONDS)


class Stopping:
    """A stop that was asked for stays asked for, also when the database goes at the same moment: a whole installation
    that is killed takes both. The first signal ends the work with its grace, a second one ends the process.
    """

    def __init__(self) -> None:
        self.event = threading.Event()
        self._end: Callable[[], object] = lambda: None
        self._before = {number: signal.signal(number, self._asked) for number in (signal.SIGTERM, signal.SIGINT)}

    def _asked(self, _number: int, _frame: FrameType | None) -> None:
        self.forget()
        self.event.set()
        self._end()

    def forget(self) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def run(self, loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, None]) -> None:
        task = loop.create_task(work)
        self._end = lambda: loop.call_soon_threadsafe(task.cancel)
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            if not self.event.is_set():
                raise
        finally:
            self._end = lambda: None


def _work_until_stopped() -> None:
    pause, stopping = 1.0, Stopping()
    try:
        while not stopping.event.is_set():
            loop = asyncio.new_event_loop()
            started = loop.time()
            try:
                stopping.run(loop, _work())
                return
            except Exception as wrong:
                if not lost_database(wrong):
                    raise
                pause = 1.0 if loop.time() - started > 60 else min(pause * 2, LONGEST_PAUSE)
                log.warning("database lost (%s), trying again in %.0f s", type(wrong).__name__, pause)
                stopping.event.wait(pause)
            finally:
                loop.close()
    finally:
        stopping.forget()


async def _work() -> None:
    from procrastinate.contrib.django import app

    from yinuo.jobs.connector import connector

    with app.replace_connector(connector()) as working:
        async with working.open_async():
            await working.run_worker_async(
                name=f"worker-{os.getpid()}",
                concurrency=int(os.environ.get("YINUO_WORKER_CONCURRENCY", "4")),
                delete_jobs="successful",
                shutdown_graceful_timeout=GRACE_SECONDS,
                install_signal_handlers=False,
            )


def lost_database(wrong: BaseException) -> bool:
    """Whether this error, or one behind it, says that the connection is gone."""
    import psycopg
    import psycopg_pool
    from procrastinate.exceptions import ConnectorException

    seen: BaseException | None = wrong
    while seen is not None:
        if isinstance(seen, (psycopg.OperationalError, psycopg_pool.PoolTimeout, ConnectorException)):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


if __name__ == "__main__":
    main()
