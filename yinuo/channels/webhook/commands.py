"""Writes about webhooks: who is told, what waits to be told, how each attempt went."""

import json
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yinuo.channels.webhook.models import Attempt, Delivery, Endpoint
from yinuo.channels.webhook.queries import forget_subscribed
from yinuo.channels.webhook.rules import DISABLE_AFTER, EVENTS, SIGNS_ALONG, TEST_EVENT, Outcome, next_try, wrong_url
from yinuo.channels.webhook.sealing import seal
from yinuo.channels.webhook.sending import allowed_hosts
from yinuo.channels.webhook.signing import new_secret
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused, Stale
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_line

MOST = 50


def _checked(name: str, url: str, events: Sequence[str]) -> tuple[str, str, list[str]]:
    heading, address = clean_line(name, 60), url.strip()
    wrong = {} if heading else {"name": _("请填写名称")}
    problem = wrong_url(address, allowed_hosts())
    if problem:
        wrong["url"] = problem
    unknown = sorted(set(events) - set(EVENTS))
    if unknown or not events:
        wrong["events"] = (
            _("没有这个事件：%(names)s") % {"names": ", ".join(unknown)} if unknown else _("请至少选择一个事件")
        )
    if wrong:
        raise Invalid(_("有几处需要更正"), fields=wrong)
    return heading, address, sorted(set(events))


def _locked(endpoint_id: int, expected_version: int | None = None) -> Endpoint:
    row = Endpoint.objects.filter(pk=endpoint_id).select_for_update(no_key=True, of=("self",)).first()
    if row is None:
        raise Missing(_("没有这个推送，或您无权查看"))
    if expected_version is not None and row.version != expected_version:
        raise Stale(_("这个推送刚被别人改过"), current=row)
    found: Endpoint = row
    return found


@command("webhook.create", needs="key.manage")
def create_endpoint(*, name: str, url: str, events: Sequence[str], by: Actor, at: datetime) -> dict[str, Any]:
    """Returns the row's id and the secret, which is shown once."""
    heading, address, wanted = _checked(name, url, events)
    if Endpoint.unscoped.count() >= MOST:
        raise Refused(_("推送太多，请先删除不用的"))
    secret = new_secret()
    row = Endpoint.unscoped.create(
        name=heading, url=address, events=wanted, secret=seal(secret), created_by_id=by.staff_id, created_at=at
    )
    record(row, {"url": address, "events": wanted})
    forget_subscribed()
    return {"id": row.pk, "secret": secret}


@command("webhook.edit", needs="key.manage")
def edit_endpoint(
    *, endpoint_id: int, name: str, url: str, events: Sequence[str], active: bool, expected_version: int, by: Actor,
    at: datetime,
) -> Endpoint:  # fmt: skip
    """Change it; switching it on again clears what was held against it."""
    row = _locked(endpoint_id, expected_version)
    row.name, row.url, row.events = _checked(name, url, events)
    if active:
        row.failing_since, row.disabled_at, row.disabled_why = None, None, ""
    row.active, row.version = active, row.version + 1
    row.save()
    record(row, {"url": row.url, "events": row.events, "active": active})
    forget_subscribed()
    return row


@command("webhook.rotate_secret", needs="key.manage")
def rotate_secret(*, endpoint_id: int, at_once: bool = False, by: Actor, at: datetime) -> dict[str, Any]:
    """A new secret, shown once. The old one signs along for a day, unless it is known to strangers (`at_once`)."""
    row, secret = _locked(endpoint_id), new_secret()
    row.former_secret, row.former_until = ("", None) if at_once else (row.secret, at + SIGNS_ALONG)
    row.secret, row.version = seal(secret), row.version + 1
    row.save(update_fields=["secret", "former_secret", "former_until", "version"])
    record(row, {"rotated": True, "at_once": at_once})
    return {"id": row.pk, "secret": secret}


@command("webhook.delete", needs="key.manage")
def delete_endpoint(*, endpoint_id: int, by: Actor, at: datetime) -> None:
    row = _locked(endpoint_id)
    record(row, {"url": row.url, "name": row.name})
    row.delete()
    forget_subscribed()


@command("webhook.test", needs="key.manage")
def send_test(*, endpoint_id: int, by: Actor, at: datetime) -> Delivery:
    """Tell the endpoint a test event now, to see whether it answers."""
    row = _locked(endpoint_id)
    [made] = _queue([row], TEST_EVENT, {"message": "test"}, at)
    record(row, {"test": made.message_id})
    return made


@command("webhook.queue", internal=True)
def queue_event(*, event: str, data: dict[str, Any], by: Actor, at: datetime) -> list[Delivery]:
    """A delivery for each endpoint that wants this event, in the transaction in which it happened."""
    wanting = list(Endpoint.unscoped.filter(active=True, events__contains=[event]))
    made = _queue(wanting, event, data, at)
    record("webhook.endpoint", {"event": event, "deliveries": len(made)})
    return made


def _queue(endpoints: list[Endpoint], event: str, data: dict[str, Any], at: datetime) -> list[Delivery]:
    body = {"type": event, "timestamp": at.isoformat(timespec="milliseconds"), "data": data}
    payload = json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=str)
    message = "msg_" + secrets.token_hex(14)
    rows = Delivery.unscoped.bulk_create(
        Delivery(endpoint=e, message_id=message, event=event, payload=payload, created_at=at, next_at=at)
        for e in endpoints
    )
    for row in rows:
        emit("webhook.queued", delivery_id=row.pk, at=at.isoformat())
    return list(rows)


@command("webhook.redeliver", needs="key.manage")
def redeliver(*, delivery_id: int, by: Actor, at: datetime) -> Delivery:
    """Send the very same message again, under its old id, so that a careful receiver takes it once."""
    row = (
        Delivery.objects.filter(pk=delivery_id)
        .select_for_update(no_key=True, of=("self",))
        .select_related("endpoint")
        .first()
    )
    if row is None:
        raise Missing(_("没有这条推送记录，或您无权查看"))
    if not row.endpoint.active:
        raise Refused(_("这个推送已停用，请先启用"))
    row.state, row.next_at = Delivery.State.WAITING, at
    row.save(update_fields=["state", "next_at"])
    record(row, {"message": row.message_id})
    emit("webhook.queued", delivery_id=row.pk, at=at.isoformat())
    found: Delivery = row
    return found


@command("webhook.record_attempt", internal=True)
def record_attempt(*, delivery_id: int, outcome: Outcome, by: Actor, at: datetime) -> Delivery | None:
    """Keep how it went, plan the next try, or give up; switch off an endpoint that has failed for days."""
    row = (
        Delivery.unscoped.filter(pk=delivery_id)
        .select_for_update(no_key=True, of=("self",))
        .select_related("endpoint")
        .first()
    )
    if row is None:
        record("webhook.delivery", {"gone": delivery_id})
        return None
    Attempt.unscoped.create(
        delivery=row,
        at=at,
        status=outcome.status,
        response=outcome.response,
        error=outcome.error,
        took_ms=outcome.took_ms,
    )
    row.attempts += 1
    row.next_at = None
    if outcome.good:
        row.state, row.delivered_at = Delivery.State.DELIVERED, at
    else:
        row.next_at = None if outcome.gone else next_try(row.attempts, at)
        row.state = Delivery.State.WAITING if row.next_at else Delivery.State.FAILED
    row.save(update_fields=["attempts", "next_at", "state", "delivered_at"])
    _judge(row.endpoint_id, outcome, at)
    record(row, {"status": outcome.status, "state": row.state})
    if row.next_at:
        emit("webhook.queued", delivery_id=row.pk, at=row.next_at.isoformat())
    return row


def _judge(endpoint_id: int, outcome: Outcome, at: datetime) -> None:
    endpoint = Endpoint.unscoped.select_for_update(no_key=True).get(pk=endpoint_id)
    if outcome.good:
        if endpoint.failing_since:
            Endpoint.unscoped.filter(pk=endpoint_id).update(failing_since=None)
        return
    endpoint.failing_since = endpoint.failing_since or at
    days = (at - endpoint.failing_since).days
    if endpoint.active and (outcome.gone or at - endpoint.failing_since >= DISABLE_AFTER):
        endpoint.active, endpoint.disabled_at = False, at
        endpoint.disabled_why = (
            _("对方答复 410，不再接收")
            if outcome.gone
            else _("连续 %(days)d 天没有一次送达，已自动停用") % {"days": days}
        )
        forget_subscribed()
        emit("webhook.disabled", topics=["settings"], endpoint_id=endpoint_id)
    endpoint.save(update_fields=["failing_since", "active", "disabled_at", "disabled_why"])
