"""When customers are asked how it went. Wired in `reactions.py`."""

from datetime import datetime

from yinuo.channels.portal.surveying import carry_invitation
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.events import Event
from yinuo.kernel.work import Reaction
from yinuo.surveys.commands import ask_for_event

SURVEYS = Actor.system("surveys")


def after(trigger: str) -> Reaction:
    """Plans for this happening ask the customer of its matter."""

    def react(event: Event, at: datetime) -> None:
        with acting_as(SURVEYS):
            ask_for_event(trigger=trigger, matter_id=event.data["matter_id"], at=at)

    react.__name__ = f"after_{trigger}"
    return react


def complaint_closed(event: Event, at: datetime) -> None:
    if event.data["to"] == "closed":
        after("complaint.closed")(event, at)


def carry(event: Event, at: datetime) -> None:
    """What is due now goes out in the same transaction."""
    with acting_as(SURVEYS):
        carry_invitation(invitation_id=event.data["invitation_id"], at=at)
