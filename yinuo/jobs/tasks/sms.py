"""Sending text messages: one job per attempt; the next is planned by the command that records this one."""

from datetime import datetime

from procrastinate.contrib.django.models import ProcrastinateJob

from yinuo.channels.sms import flows
from yinuo.channels.sms.commands import queue
from yinuo.jobs.deferring import BRIEF, defer, job, periodic
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.events import Event


@job("sms.send", queue="mail", retry=BRIEF)
def send(sms_id: int) -> str:
    return flows.send_queued(sms_id)


@periodic("* * * * *")
@job("sms.sweep", queue="mail", retry=None)
def sweep(timestamp: int = 0) -> dict[str, int]:
    """Messages whose job was lost get a new one; those the gateway took are asked about."""
    found = flows.late()
    jobs = ProcrastinateJob.objects.filter(task_name="sms.send", status__in=("todo", "doing"), args__sms_id__in=found)
    lost = flows.give_up_stale(set(found) - {job.args["sms_id"] for job in jobs})
    for sms_id in lost:
        defer("sms.send", lock=f"sms:{sms_id}", unique=f"sms.again:{sms_id}", sms_id=sms_id)
    return {"again": len(lost), "reported": flows.ask_for_reports()}


def prepare(event: Event, at: datetime) -> None:
    """Reaction to `portal.code_by_sms`: the row for sending joins the same transaction."""
    with acting_as(Actor.system("sms")):
        queue(interaction_id=event.data["interaction_id"], code=event.data["code"], at=at)


def plan(event: Event, at: datetime) -> None:
    """Reaction to `sms.queued`: the job joins the same transaction."""
    sms_id, moment = int(event.data["sms_id"]), datetime.fromisoformat(event.data["at"])
    defer("sms.send", lock=f"sms:{sms_id}", at=moment if moment > at else None, sms_id=sms_id)
