"""The worker's way in: `yinuo worker`. Stops cleanly, outlives a database restart."""

import asyncio
import logging
import os

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


def _work_until_stopped() -> None:
    pause = 1.0
    while True:
        loop = asyncio.new_event_loop()
        started = loop.time()
        try:
            loop.run_until_complete(_work())
            return
        except Exception as wrong:
            if not lost_database(wrong):
                raise
            pause = 1.0 if loop.time() - started > 60 else min(pause * 2, LONGEST_PAUSE)
            log.warning("database lost (%s), trying again in %.0f s", type(wrong).__name__, pause)
            if _stopped_while_waiting(loop, pause):
                return
        finally:
            loop.close()


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


def _stopped_while_waiting(loop: asyncio.AbstractEventLoop, seconds: float) -> bool:
    """Wait, but answer a stop signal at once."""
    import signal

    asked = asyncio.Event()

    async def wait() -> bool:
        for wanted in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(wanted, asked.set)
        try:
            await asyncio.wait_for(asked.wait(), seconds)
            return True
        except TimeoutError:
            return False

    return loop.run_until_complete(wait())


if __name__ == "__main__":
    main()
