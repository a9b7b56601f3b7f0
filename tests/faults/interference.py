"""Harms that come from between the machines: the network to each stops, the time of day is set."""

import contextlib
import random
import time
from collections.abc import Callable
from datetime import timedelta

from tests.faults.network import WAYS
from tests.faults.stage import Stage

#: A step of NTP, a wrong zone, a machine that slept over the weekend, and each put right again.
STEPS = tuple(
    timedelta(**{unit: n}) for unit, n in (("seconds", 40), ("minutes", 7), ("hours", 1), ("hours", 8), ("days", 2))
)


def cut_sessions(stage: Stage, dice: random.Random) -> str:
    """The database ends every session, whatever it is doing."""
    with contextlib.suppress(Exception), stage.connect() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
    return "all database sessions ended"


def stop_network(stage: Stage, dice: random.Random) -> str:
    """To one of them, in one of the ways a network stops; what hung in it goes on afterwards or is lost."""
    return stopped(dice.choice(sorted(stage.network)), dice.choice(WAYS))(stage, dice)


def stopped(name: str, way: str) -> Callable[[Stage, random.Random], str]:
    def stop(stage: Stage, dice: random.Random) -> str:
        stage.network[name].stop(way)
        time.sleep(dice.uniform(2, 7))
        stage.network[name].heal(lost=dice.random() < 0.6)
        return f"network to {name}: {way}"

    return stop


def jump(stage: Stage, dice: random.Random) -> str:
    """Somewhere else, forward or back, or put right."""
    assert stage.clock is not None
    before = stage.clock.off
    off = timedelta() if before and dice.random() < 0.4 else dice.choice((1, 1, -1)) * dice.choice(STEPS)
    stage.clock.set(off)
    return "clock set forward" if off > before else "clock set back"
