"""The promise clock: `yinuo clock`. Announces what comes due, sleeps until the next moment or a nudge.

It looks at one column (`wakes_at`), never through a window of time, so after being down for a week it announces
everything that came due, once and in order, and each announcement says that it is late. Any number of clocks may
run side by side. The database's time counts, so the clocks of two machines need not agree.
"""

import logging
import signal
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from datetime import datetime, timedelta
from types import FrameType
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from yinuo.promises.queries.due import Lane

log = logging.getLogger("yinuo.clock")
LONGEST_SLEEP = 30.0  # a lost nudge, or a clock set back, costs no more than this
HANDS = 2  # at work when more than a batch is due: one works while the other waits for the database
BUSY_PAUSE = 1.0  # what is due is being worked on by somebody else
LONGEST_PAUSE = 30.0  # between attempts while the database is away


def main() -> None:
    """Run until SIGTERM or SIGINT; outlives restarts of the database."""
    django.setup()
    stop = threading.Event()

    def asked(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for wanted in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wanted, asked)
    run(stop)


def run(stop: threading.Event) -> None:
    from yinuo.jobs.nudges import Nudges
    from yinuo.promises.commands.telling import CLOCK_CHANNEL

    pause = 1.0
    while not stop.is_set():
        try:
            with Nudges(CLOCK_CHANNEL) as nudges:
                pause = 1.0
                while not stop.is_set():
                    nudges.wait(step(), stop)
        except Exception as wrong:
            from yinuo.jobs.worker import lost_database

            if not _is_database_error(wrong) and not lost_database(wrong):
                raise
            log.warning("database lost (%s), trying again in %.0f s", type(wrong).__name__, pause)
            stop.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        finally:
            _forget_connection()


def step() -> float:
    """Announce everything that is due; returns how many seconds to sleep."""
    from yinuo.kernel.actor import Actor, acting_as
    from yinuo.promises.queries.due import next_wake_at

    with acting_as(Actor.system("clock")):
        began = database_now()
        stuck = announce_all()
        upcoming = next_wake_at(skip=stuck)
        if upcoming is None:
            return LONGEST_SLEEP
        if upcoming <= began:
            return BUSY_PAUSE
        ahead = (upcoming - database_now()) / timedelta(seconds=1)
        return min(max(ahead, 0.0), LONGEST_SLEEP)


def announce_all() -> set[int]:
    """Batch after batch, and by several hands when there is more than one. A promise that cannot be announced is
    reported and tried again with the next look; it never holds up the others. Returns those.
    """
    from yinuo.promises.commands.announcing import BATCH
    from yinuo.promises.queries.due import ALL

    stuck: set[int] = set()
    while moved := _batch(ALL, stuck):
        if moved >= BATCH:
            _together(stuck)
    return stuck


def _together(stuck: set[int]) -> None:
    """While one hand waits for the database another works. Each has matters of its own, so none waits for another."""
    with ThreadPoolExecutor(HANDS - 1, "clock") as pool:
        others = [pool.submit(copy_context().run, _helper, (n, HANDS), set(stuck)) for n in range(1, HANDS)]
        try:
            _lane((0, HANDS), stuck)
        finally:
            wait(others)
    for other in others:
        stuck |= other.result()


def _helper(lane: "Lane", stuck: set[int]) -> set[int]:
    """One of the other hands, with a connection of its own."""
    try:
        _lane(lane, stuck)
        return stuck
    finally:
        _forget_connection()


def _lane(lane: "Lane", stuck: set[int]) -> None:
    while _batch(lane, stuck):
        pass


def _batch(lane: "Lane", stuck: set[int]) -> int:
    """Announce up to a batch; returns how many promises moved, and adds to `stuck` what could not be announced."""
    from yinuo.kernel.measuring import ANNOUNCED
    from yinuo.promises.commands import announce_due
    from yinuo.promises.commands.announcing import BATCH
    from yinuo.promises.queries.due import due

    at = database_now()
    try:
        moved = announce_due(limit=BATCH, skip=frozenset(stuck), lane=lane, at=at)
    except Exception as wrong:
        if _is_database_error(wrong):
            raise
        ids = list(due(at, stuck, lane).values_list("pk", flat=True)[:BATCH])
        failed = _one_by_one(ids, at)
        stuck |= failed
        return len(ids)
    ANNOUNCED.inc(moved)
    return moved


def _one_by_one(ids: list[int], at: datetime) -> set[int]:
    from yinuo.kernel.measuring import ANNOUNCED
    from yinuo.promises.commands import announce_due

    stuck: set[int] = set()
    for number in ids:
        try:
            ANNOUNCED.inc(announce_due(only=number, at=at))
        except Exception as wrong:
            if _is_database_error(wrong):
                raise
            log.exception("promise %s could not be announced", number)
            stuck.add(number)
    return stuck


def database_now() -> datetime:
    """What time it is, by the one clock everybody shares."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
        return moment


def _is_database_error(wrong: Exception) -> bool:
    from django.db import InterfaceError, OperationalError

    return isinstance(wrong, (OperationalError, InterfaceError))


def _forget_connection() -> None:
    from django.db import connections

    connections.close_all()


if __name__ == "__main__":
    main()
