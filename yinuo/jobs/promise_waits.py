"""While the next step is the customer's, the promises whose standard says so do not count. Wired in `reactions.py`."""

from datetime import datetime

from yinuo.complaints.rules.choices import SPOKEN_IN_PERSON
from yinuo.jobs.promise_reactions import as_promises
from yinuo.kernel.actor import Actor
from yinuo.kernel.work import Event
from yinuo.promises import commands
from yinuo.promises.rules.happenings import WAITS


def _wait(event: Event, what: str, at: datetime, by: Actor) -> None:
    """The next step is the customer's: promises whose standard says so stop counting until they answer."""
    commands.pause_promises(matter_id=event.data["matter_id"], waits_for=what, reason=str(WAITS[what]), by=by, at=at)


@as_promises
def waits_for_confirmation(event: Event, at: datetime, by: Actor) -> None:
    if event.data["via"] not in SPOKEN_IN_PERSON:  # read aloud, it is answered on the spot
        _wait(event, "restatement", at, by)


@as_promises
def waits_for_agreement(event: Event, at: datetime, by: Actor) -> None:
    _wait(event, "agreement", at, by)


@as_promises
def waits_for_information(event: Event, at: datetime, by: Actor) -> None:
    if event.data.get("asks"):
        _wait(event, "information", at, by)


@as_promises
def customer_answered(event: Event, at: datetime, by: Actor) -> None:
    commands.resume_promises(matter_id=event.data["matter_id"], by=by, at=at)
