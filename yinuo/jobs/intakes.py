"""Registering accepted intakes: a thread of the worker that is rung after each acceptance and looks by itself as well.

Any number of workers may do so side by side: each takes rows nobody else is at. A lost ring costs `LOOKS_EVERY`
seconds; should the thread itself be gone, the sweep of `tasks/intakes.py` registers what waits.
"""

import logging
import threading

from django.db import connections

from yinuo.channels.webhook.queries import subscribed
from yinuo.complaints.intake import EVENTS, draining
from yinuo.complaints.intake.accepting import CHANNEL
from yinuo.jobs.nudges import Nudges
from yinuo.jobs.worker import lost_database

log = logging.getLogger("yinuo.intake")
LOOKS_EVERY = 10.0
LONGEST_PAUSE = 30.0  # between attempts while the database is away


def drain() -> int:
    """Whatever waits; a webhook somebody asked for is a row of the command, so then each goes by the command."""
    return draining.drain(plain=not EVENTS & subscribed())


def run(stop: threading.Event) -> None:
    """Until told to stop; outlives whatever goes wrong."""
    pause = 1.0
    while not stop.is_set():
        try:
            with Nudges(CHANNEL) as nudges:
                while not stop.is_set():
                    drain()
                    pause = 1.0
                    nudges.wait(LOOKS_EVERY, stop)
        except Exception as wrong:
            if not lost_database(wrong):
                log.exception("accepted intakes could not be registered")
            log.warning("accepted intakes wait (%s), trying again in %.0f s", type(wrong).__name__, pause)
            stop.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        finally:
            connections.close_all()


def start_in_background() -> tuple[threading.Thread, threading.Event]:
    """The thread, and the event that ends it."""
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(stop,), name="intakes", daemon=True)
    thread.start()
    return thread, stop
