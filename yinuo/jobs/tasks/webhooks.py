"""Sending webhooks: one job per delivery and try; the next try is planned by the command that records this one."""

from datetime import datetime, timedelta

from django.db.models import Q

from yinuo.channels.webhook.commands import queue_event, record_attempt
from yinuo.channels.webhook.models import Delivery
from yinuo.channels.webhook.queries import signing_secrets, subscribed
from yinuo.channels.webhook.rules import KEEP_DELIVERIES, WAITS, Outcome, told
from yinuo.channels.webhook.sending import post
from yinuo.channels.webhook.signing import headers
from yinuo.jobs.deferring import BRIEF, defer, job, periodic
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.errors import Refused
from yinuo.kernel.events import Event
from yinuo.kernel.guard import permit_writes
from yinuo.kernel.steady import unhurried

LOST_AFTER = timedelta(minutes=15)
MOST_AT_ONCE = 200
LONGEST = max(WAITS) + timedelta(hours=1)


@job("webhook.deliver", queue="webhooks", retry=BRIEF)
def deliver(delivery_id: int) -> None:
    """At least once: if the worker dies after the other side took it, it is sent again under the same id."""
    row = Delivery.unscoped.select_related("endpoint").filter(pk=delivery_id).first()
    now = clock.now()
    if row is None or row.state != Delivery.State.WAITING or not row.endpoint.active:
        return
    if row.next_at is not None and now + timedelta(minutes=1) < row.next_at <= now + LONGEST:
        return  # another job has tried just now; the next try is planned
    try:
        signed = headers(signing_secrets(row.endpoint, now), row.message_id, now, row.payload)
        outcome = post(row.endpoint.url, row.payload.encode(), signed)
    except Refused as wrong:  # the installation's key has changed
        outcome = Outcome(None, error=wrong.message)
    record_attempt(delivery_id=delivery_id, outcome=outcome)


@periodic("*/5 * * * *")
@job("webhook.sweep", queue="webhooks", retry=None)
def sweep(timestamp: int = 0) -> int:
    """Deliveries whose time is long past although their job should have run: it was lost, or the endpoint was off. And
    those planned further ahead than anything is: the clock was set back.
    """
    now = clock.now()
    astray = Q(next_at__lt=now - LOST_AFTER) | Q(next_at__gt=now + LONGEST)
    late = Delivery.unscoped.filter(astray, state=Delivery.State.WAITING, endpoint__active=True).order_by(
        "next_at", "pk"
    )
    ids = list(late.values_list("pk", flat=True)[:MOST_AT_ONCE])
    for pk in ids:
        defer("webhook.deliver", lock=f"webhook:{pk}", unique=f"webhook.sweep:{pk}", delivery_id=pk)
    return len(ids)


@periodic("40 3 * * *")
@job("webhook.prune", queue="webhooks", retry=None)
def prune(timestamp: int = 0) -> int:
    """The log is kept for thirty days."""
    with permit_writes("housekeeping"):
        return Delivery.unscoped.filter(created_at__lt=unhurried(clock.now()) - KEEP_DELIVERIES).delete()[0]


def tell_subscribers(event: Event, at: datetime) -> None:
    """Reaction to every offered event."""
    if event.name in subscribed():
        with acting_as(Actor.system("webhook")):
            queue_event(event=event.name, data=told(event.data), at=at)


def plan_delivery(event: Event, at: datetime) -> None:
    """Reaction to `webhook.queued`: the job joins the same transaction."""
    delivery_id, moment = int(event.data["delivery_id"]), datetime.fromisoformat(event.data["at"])
    later = moment if moment > at else None
    defer("webhook.deliver", lock=f"webhook:{delivery_id}", at=later, delivery_id=delivery_id)
