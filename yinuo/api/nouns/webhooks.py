"""/webhooks: who is told of what, the log of deliveries, and sending one again."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Schema

from yinuo.api.operations import Flag, Given, Limit, Noun, Version
from yinuo.api.paging import Paged, newest_first
from yinuo.channels.webhook import commands, queries
from yinuo.channels.webhook.models import Delivery, Endpoint
from yinuo.kernel.errors import Missing

router = Noun("/webhooks", "webhooks")


class EndpointOut(Schema):
    id: int
    name: str
    url: str
    events: list[str]
    active: bool
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_why: str
    created_at: datetime
    version: int


class Endpoints(Schema):
    items: list[EndpointOut]


class EndpointIn(Given):
    name: str
    url: str
    events: list[str]


class EndpointPatch(Given):
    version: Version
    name: str | None = None
    url: str | None = None
    events: list[str] | None = None
    active: Flag | None = None


class RotateIn(Given):
    at_once: Flag = False


class Secret(Schema):
    """The signing secret, shown this once; a replayed answer leaves it out."""

    id: int
    secret: str


class DeliveryOut(Schema):
    id: int
    message_id: str
    event: str
    state: str
    attempts: int
    created_at: datetime
    next_at: datetime | None
    delivered_at: datetime | None


class DeliveryPage(Paged):
    items: list[DeliveryOut]


class AttemptOut(Schema):
    at: datetime
    status: int | None
    response: str
    error: str
    took_ms: int


class DeliveryDetail(DeliveryOut):
    payload: str
    tries: list[AttemptOut]


def shown(row: Endpoint) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "url": row.url,
        "events": row.events,
        "active": row.active,
        "failing_since": row.failing_since,
        "disabled_at": row.disabled_at,
        "disabled_why": row.disabled_why,
        "created_at": row.created_at,
        "version": row.version,
    }


def logged(row: Delivery) -> dict[str, Any]:
    return {
        "id": row.pk,
        "message_id": row.message_id,
        "event": row.event,
        "state": str(row.state),
        "attempts": row.attempts,
        "created_at": row.created_at,
        "next_at": row.next_at,
        "delivered_at": row.delivered_at,
    }


def _one(endpoint_id: int) -> Endpoint:
    row: Endpoint | None = Endpoint.objects.filter(pk=endpoint_id).first()
    if row is None:
        raise Missing(_("没有这个推送，或您无权查看"))
    return row


@router.get_("", needs="key.manage", returns=Endpoints, summary="All webhooks, those in trouble first")
def listed(request: HttpRequest) -> dict[str, Any]:
    return {"items": [shown(row) for row in queries.endpoints()]}


@router.post_(
    "", does=commands.create_endpoint, returns=Secret, secret=True, summary="Subscribe; the secret is shown once"
)
def create(request: HttpRequest, body: EndpointIn) -> dict[str, Any]:
    return commands.create_endpoint(name=body.name, url=body.url, events=body.events)


@router.get_("/{int:endpoint_id}", needs="key.manage", returns=EndpointOut, summary="One webhook")
def one(request: HttpRequest, endpoint_id: int) -> dict[str, Any]:
    return shown(_one(endpoint_id))


@router.patch_(
    "/{int:endpoint_id}", does=commands.edit_endpoint, returns=EndpointOut, summary="Change, stop or start it"
)
def patch(request: HttpRequest, endpoint_id: int, body: EndpointPatch) -> dict[str, Any]:
    now = _one(endpoint_id)
    given = {k: v for k, v in body.model_dump(exclude={"version"}).items() if v is not None}
    kept = {"name": now.name, "url": now.url, "events": now.events, "active": now.active}
    return shown(commands.edit_endpoint(endpoint_id=endpoint_id, expected_version=body.version, **{**kept, **given}))


@router.delete_("/{int:endpoint_id}", does=commands.delete_endpoint, summary="Remove it and its log")
def delete(request: HttpRequest, endpoint_id: int) -> None:
    commands.delete_endpoint(endpoint_id=endpoint_id)


@router.post_(
    "/{int:endpoint_id}/rotate-secret",
    does=commands.rotate_secret,
    returns=Secret,
    status=200,
    secret=True,
    summary="New secret; the old one signs along for a day, unless at_once",
)
def rotate(request: HttpRequest, endpoint_id: int, body: RotateIn | None = None) -> dict[str, Any]:
    return commands.rotate_secret(endpoint_id=endpoint_id, at_once=bool(body and body.at_once))


@router.post_("/{int:endpoint_id}/test", does=commands.send_test, returns=DeliveryOut, summary="Send a test event")
def test(request: HttpRequest, endpoint_id: int) -> dict[str, Any]:
    return logged(commands.send_test(endpoint_id=endpoint_id))


@router.get_("/{int:endpoint_id}/deliveries", needs="key.manage", returns=DeliveryPage, summary="The log, newest first")
def log(request: HttpRequest, endpoint_id: int, cursor: str = "", limit: Limit = 25) -> dict[str, Any]:
    rows = queries.deliveries(_one(endpoint_id).pk).order_by()
    return newest_first(rows.defer("payload"), "created_at", cursor=cursor, limit=limit, show=logged)


def _delivery(endpoint_id: int, delivery_id: int) -> Delivery:
    row: Delivery | None = Delivery.objects.filter(pk=delivery_id, endpoint_id=endpoint_id).first()
    if row is None:
        raise Missing(_("没有这条推送记录，或您无权查看"))
    return row


@router.get_(
    "/{int:endpoint_id}/deliveries/{int:delivery_id}",
    needs="key.manage",
    returns=DeliveryDetail,
    summary="One delivery with its payload and every attempt",
)
def delivery(request: HttpRequest, endpoint_id: int, delivery_id: int) -> dict[str, Any]:
    row = _delivery(endpoint_id, delivery_id)
    tries = [
        {"at": t.at, "status": t.status, "response": t.response, "error": t.error, "took_ms": t.took_ms}
        for t in queries.attempts(row.pk)
    ]
    return {**logged(row), "payload": row.payload, "tries": tries}


@router.post_(
    "/{int:endpoint_id}/deliveries/{int:delivery_id}/redeliver",
    does=commands.redeliver,
    returns=DeliveryOut,
    status=200,
    summary="Send it again under the same id",
)
def redeliver(request: HttpRequest, endpoint_id: int, delivery_id: int) -> dict[str, Any]:
    _delivery(endpoint_id, delivery_id)
    return logged(commands.redeliver(delivery_id=delivery_id))
