"""/matters: what we owe, of every kind, with timeline, notes, replies, tasks and promises."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Schema

from yinuo.api.operations import Given, Id, Limit, Noun, Version
from yinuo.api.paging import Paged, newest_first
from yinuo.api.verbs import verb
from yinuo.conversations.commands import queue_reply
from yinuo.kernel.errors import Missing, Refused
from yinuo.matters import commands, plain
from yinuo.matters.models import Matter
from yinuo.matters.queries import narrowed, timeline

router = Noun("/matters", "matters")


class Named(Schema):
    id: int
    name: str


class MatterOut(Schema):
    id: int
    number: str
    kind: str
    title: str
    state: str
    open: bool
    priority: int
    severity: int
    channel: str
    customer: Named
    owner: Named | None
    unit_id: int | None
    conversation_id: int | None
    opened_at: datetime
    closed_at: datetime | None
    last_activity_at: datetime
    version: int


class MatterPage(Paged):
    items: list[MatterOut]


class FileOut(Schema):
    id: int
    name: str
    media_type: str
    size: int


class EntryOut(Schema):
    id: int
    at: datetime
    kind: str
    actor_kind: str
    actor_name: str
    text: str
    public: bool
    interaction_id: int | None
    direction: str
    channel: str
    task_id: int | None
    files: list[FileOut]


class Timeline(Schema):
    items: list[EntryOut]


class NoteIn(Given):
    text: str
    upload_key: str = ""


class ReplyIn(Given):
    text: str
    subject: str = ""
    upload_key: str = ""


class ReplyOut(Schema):
    interaction_id: int
    delivery: str


class AssignIn(Given):
    owner_id: Id | None
    version: Version
    reason: str = ""


def shown(row: Matter) -> dict[str, Any]:
    return {
        "id": row.pk,
        "number": row.number,
        "kind": row.kind,
        "title": row.title,
        "state": row.state,
        "open": row.open,
        "priority": row.priority,
        "severity": row.severity,
        "channel": row.channel,
        "customer": {"id": row.customer_id, "name": row.customer.name},
        "owner": {"id": row.owner_id, "name": row.owner.name} if row.owner else None,
        "unit_id": row.unit_id,
        "conversation_id": row.conversation_id,
        "opened_at": row.opened_at,
        "closed_at": row.closed_at,
        "last_activity_at": row.last_activity_at,
        "version": row.version,
    }


def rows() -> Any:
    return Matter.objects.select_related("customer", "owner").defer("search", "customer__search", "customer__profile")


def one_row(matter_id: int) -> Matter:
    row: Matter | None = rows().filter(pk=matter_id).first()
    if row is None:
        raise Missing(_("没有这个事项，或您无权查看"))
    return row


@router.get_("", needs="matter.read", returns=MatterPage, summary="List matters, newest first; q searches")
def listed(
    request: HttpRequest,
    cursor: str = "",
    limit: Limit = 25,
    q: str = "",
    kind: str = "",
    state: str = "",
    open: bool | None = None,
    owner_id: Id | None = None,
    customer_id: Id | None = None,
    unit_id: Id | None = None,
) -> dict[str, Any]:
    given = {"kind": kind, "state": state, "owner_id": owner_id, "customer_id": customer_id, "unit_id": unit_id}
    found = rows().filter(**{k: v for k, v in given.items() if v})
    if open is not None:
        found = found.filter(open=open)
    if q.strip():
        found = narrowed(found, q)
    return newest_first(found, "opened_at", cursor=cursor, limit=limit, show=shown)


@router.get_("/{int:matter_id}", needs="matter.read", returns=MatterOut, summary="One matter")
def one(request: HttpRequest, matter_id: int) -> dict[str, Any]:
    return shown(one_row(matter_id))


def entry(row: Any) -> dict[str, Any]:
    said = row.interaction
    return {
        "id": row.pk,
        "at": row.at,
        "kind": row.kind,
        "actor_kind": row.actor_kind,
        "actor_name": row.actor_name,
        "text": row.text or (said.text if said else ""),
        "public": row.public,
        "interaction_id": row.interaction_id,
        "direction": said.direction if said else "",
        "channel": said.channel if said else "",
        "task_id": row.task_id,
        "files": [
            {"id": f.pk, "name": f.name, "media_type": f.media_type, "size": f.size}
            for f in (said.files if said else ())
        ],
    }


@router.get_("/{int:matter_id}/timeline", needs="matter.read", returns=Timeline, summary="Its story, newest first")
def story(request: HttpRequest, matter_id: int) -> dict[str, Any]:
    one_row(matter_id)
    return {"items": [entry(row) for row in timeline(matter_id)]}


@router.post_("/{int:matter_id}/notes", does=commands.add_note, returns=EntryOut, summary="Add an internal note")
def note(request: HttpRequest, matter_id: int, body: NoteIn) -> dict[str, Any]:
    made = commands.add_note(matter_id=matter_id, text=body.text, upload_key=body.upload_key)
    return next(entry(row) for row in timeline(matter_id) if row.pk == made.pk)


@router.post_(
    "/{int:matter_id}/replies", does=queue_reply, returns=ReplyOut, summary="Answer on the customer's channel"
)
def reply(request: HttpRequest, matter_id: int, body: ReplyIn) -> dict[str, Any]:
    row = one_row(matter_id)
    if row.conversation_id is None:
        raise Refused(_("这个事项没有与客户的会话"))
    made = queue_reply(
        conversation_id=row.conversation_id, text=body.text, subject=body.subject, upload_key=body.upload_key
    )
    return {"interaction_id": made.pk, "delivery": made.delivery}


@router.post_(
    "/{int:matter_id}/assign",
    does=commands.assign_matter,
    returns=MatterOut,
    status=200,
    summary="Hand over to somebody",
)
def assign(request: HttpRequest, matter_id: int, body: AssignIn) -> dict[str, Any]:
    commands.assign_matter(
        matter_id=matter_id, owner_id=body.owner_id, expected_version=body.version, reason=body.reason
    )
    return shown(one_row(matter_id))


def _as_it_stands(row: Matter, row_id: int = 0) -> dict[str, Any]:
    return shown(one_row(row_id or row.pk))


_NOW: dict[str, Any] = {"show": _as_it_stands, "returns": MatterOut}
verb(
    router, "", plain.raise_matter, status=201, name="raise_matter",
    summary="Open an enquiry, suggestion or praise from a conversation", **_NOW,
)  # fmt: skip
verb(
    router, "/{int:row_id}/finish", plain.finish_matter, own="matter_id",
    summary="Close an enquiry, suggestion or praise with its result", **_NOW,
)  # fmt: skip
verb(router, "/{int:row_id}/reopen", plain.reopen_matter, own="matter_id", summary="Take it up again", **_NOW)
verb(
    router, "/{int:row_id}/collaborators", commands.add_collaborator, own="matter_id", status=201,
    show=lambda _row, row_id: shown(one_row(row_id)), returns=MatterOut, summary="Ask a colleague to help",
)  # fmt: skip
