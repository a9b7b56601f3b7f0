"""Registering accepted intakes: the worker is rung after each acceptance (`rung.py`).

Should the thread be gone, the sweep of `tasks/intakes.py` registers what waits.
"""

from yinuo.channels.webhook.queries import subscribed
from yinuo.complaints.intake import EVENTS, draining
from yinuo.complaints.intake.accepting import CHANNEL
from yinuo.jobs.rung import Rung


def drain() -> int:
    """Whatever waits; a webhook somebody asked for is a row of the command, so then each goes by the command."""
    return draining.drain(plain=not EVENTS & subscribed())


RUNG = Rung("intake", CHANNEL, drain)
