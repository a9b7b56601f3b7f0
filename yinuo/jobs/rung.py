"""A thread of the worker that is rung when something waits, does all of it, and looks by itself as well.

Any number of workers may do so side by side: each takes rows nobody else is at. A lost ring costs `LOOKS_EVERY`
seconds; should the thread itself be gone, a sweep finds what waits.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connections

from yinuo.jobs.nudges import Nudges
from yinuo.jobs.worker import lost_database

LOOKS_EVERY = 10.0
LONGEST_PAUSE = 30.0  # between attempts while the database is away


@dataclass(frozen=True)
class Rung:
    """What is called `name`, rung on `channel`, and done by `drain`: whatever waits; how many there were."""

    name: str
    channel: str
    drain: Callable[[], int]

    def run(self, stop: threading.Event) -> None:
        """Until told to stop; outlives whatever goes wrong."""
        log, pause = logging.getLogger(f"yinuo.{self.name}"), 1.0
        while not stop.is_set():
            try:
                with Nudges(self.channel) as nudges:
                    while not stop.is_set():
                        self.drain()
                        pause = 1.0
                        nudges.wait(LOOKS_EVERY, stop)
            except Exception as wrong:
                if not lost_database(wrong):
                    log.exception("%s: what waits could not be done", self.name)
                log.warning("%s waits (%s), trying again in %.0f s", self.name, type(wrong).__name__, pause)
                stop.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            finally:
                connections.close_all()

    def start_in_background(self) -> tuple[threading.Thread, threading.Event]:
        """The thread, and the event that ends it."""
        stop = threading.Event()
        thread = threading.Thread(target=self.run, args=(stop,), name=self.name, daemon=True)
        thread.start()
        return thread, stop
