"""Sending text messages: one job per attempt; the next is planned by the command that records this one."""

from datetime import datetime

from yinuo.channels.sms import flows
from yinuo.channels.sms.commands import queue
from yinuo.jobs.deferring import BRIEF, defer, job
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.events import Event


@job("sms.send", queue="mail", retry=BRIEF)
def send(sms_id: int) -> str:
    return flows.send_queued(sms_id)


def prepare(event: Event, at: datetime) -> None:
    """Reaction to `portal.code_by_sms`: the row for sending joins the same transaction."""
    with acting_as(Actor.system("sms")):
        queue(interaction_id=event.data["interaction_id"], code=event.data["code"], at=at)


def plan(event: Event, at: datetime) -> None:
    """Reaction to `sms.queued`: the job joins the same transaction."""
    sms_id, moment = int(event.data["sms_id"]), datetime.fromisoformat(event.data["at"])
    defer("sms.send", lock=f"sms:{sms_id}", at=moment if moment > at else None, sms_id=sms_id)
