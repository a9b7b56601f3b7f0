"""What follows from what: one line per reaction, run in the transaction of the command that caused it.

A reaction climbs (a promise broke, so the complaint escalates) or defers a job (a reply was queued, so send it).
"""

from datetime import datetime

from yinuo.channels.email.commands.outbound import prepare_outbound
from yinuo.jobs.deferring import deferred
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.events import Event, on


def register() -> None:
    """Called once when the apps are ready; every reaction of the product is a line here."""
    on("mail.stored", deferred("mail.understand", "raw_id", unique="mail.understand:{raw_id}"))
    on("interaction.queued", _prepare_mail)
    on("mail.queued", deferred("mail.send", "outbound_id", unique="mail.send:{outbound_id}"))


def _prepare_mail(event: Event, at: datetime) -> None:
    """A queued reply gets its row for sending in its own transaction; only e-mail is queued so far."""
    with acting_as(Actor.system("mail")):
        prepare_outbound(interaction_id=event.data["interaction_id"], at=at)
