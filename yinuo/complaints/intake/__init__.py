"""The hot path of registration: the very rows `commands.register` and its reactions write, in one read and one write.

Only the plain case goes this way: a complaint that comes by itself, from a customer who is new or recognised and not of
grade A. Anything else returns None and the caller takes the command. `tests/test_intake.py` holds the two against each
other row by row, so a change to the command or a reaction that is not made here fails there.

several     those that come at the same moment, from several threads, in one read and one write
accepting   the input is stored for good and has its number: one statement
group       many accepted intakes registered in one transaction
draining    whatever waits, group after group; what fails is refused and holds nobody up
"""

from datetime import datetime
from typing import Any

from yinuo.complaints.intake.plain import EVENTS as EVENTS
from yinuo.complaints.intake.plain import is_plain, plain_intake
from yinuo.complaints.intake.several import register_in_company
from yinuo.complaints.models import Complaint
from yinuo.kernel.actor import Actor
from yinuo.kernel.once import Claim
from yinuo.kernel.work import current_work


def register_at_once(
    *, channel: str, content: str, by: Actor, at: datetime, claim: Claim | None = None, **given: Any
) -> Complaint | None:
    """The registered complaint, or None when the case is not plain. A `claim` that was taken: `AlreadyDone`."""
    if current_work() or not is_plain(given, by):
        return None
    return register_in_company(plain_intake(channel, content, given, by, at, claim=claim))
