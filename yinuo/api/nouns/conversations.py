"""/conversations and /interactions: what was said; /attachments: files waiting for the form that claims them."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import File, Form, Schema
from ninja.files import UploadedFile

from yinuo.api.nouns.matters import FileOut, ReplyIn, ReplyOut
from yinuo.api.operations import Id, Limit, Noun
from yinuo.api.paging import Paged, newest_first
from yinuo.api.verbs import verb
from yinuo.channels.email.commands.senders import accept_sender, separate_sender
from yinuo.conversations.commands import (
    assign_conversation,
    discard_upload,
    queue_reply,
    set_conversation_state,
    upload_attachment,
)
from yinuo.conversations.models import Conversation, Interaction
from yinuo.conversations.queries import thread
from yinuo.kernel.errors import Invalid, Missing
from yinuo.matters.plain import register_contact

router = Noun("/conversations", "conversations")
interactions = Noun("/interactions", "conversations")
attachments = Noun("/attachments", "attachments")


class ConversationOut(Schema):
    id: int
    channel: str
    customer_id: int
    subject: str
    state: str
    owner_id: int | None
    opened_at: datetime
    last_at: datetime
    version: int


class ConversationPage(Paged):
    items: list[ConversationOut]


class InteractionOut(Schema):
    id: int
    conversation_id: int
    customer_id: int
    channel: str
    direction: str
    kind: str
    at: datetime
    author_name: str
    subject: str
    text: str
    delivery: str


class InteractionPage(Paged):
    items: list[InteractionOut]


class InteractionWithFiles(InteractionOut):
    files: list[FileOut]


class Thread(Schema):
    items: list[InteractionWithFiles]


class UploadedOut(Schema):
    id: int
    name: str
    media_type: str
    size: int
    upload_key: str


def shown(row: Conversation) -> dict[str, Any]:
    return {
        "id": row.pk,
        "channel": row.channel,
        "customer_id": row.customer_id,
        "subject": row.subject,
        "state": row.state,
        "owner_id": row.owner_id,
        "opened_at": row.opened_at,
        "last_at": row.last_at,
        "version": row.version,
    }


def said(row: Interaction) -> dict[str, Any]:
    return {
        "id": row.pk,
        "conversation_id": row.conversation_id,
        "customer_id": row.customer_id,
        "channel": row.channel,
        "direction": row.direction,
        "kind": row.kind,
        "at": row.at,
        "author_name": row.author_name,
        "subject": row.subject,
        "text": row.text,
        "delivery": row.delivery,
    }


@router.get_("", needs="conversation.read", returns=ConversationPage, summary="List conversations, last active first")
def listed(
    request: HttpRequest,
    cursor: str = "",
    limit: Limit = 25,
    state: Literal["", "open", "closed"] = "",
    customer_id: Id | None = None,
    owner_id: Id | None = None,
    channel: Literal["", "portal", "email", "phone", "visit", "letter", "api", "note"] = "",
) -> dict[str, Any]:
    given = {"state": state, "customer_id": customer_id, "owner_id": owner_id, "channel": channel}
    rows = Conversation.objects.filter(**{k: v for k, v in given.items() if v})
    return newest_first(rows, "last_at", cursor=cursor, limit=limit, show=shown)


def _one(conversation_id: int) -> Conversation:
    row: Conversation | None = Conversation.objects.filter(pk=conversation_id).first()
    if row is None:
        raise Missing(_("没有这个会话，或您无权查看"))
    return row


@router.get_("/{int:conversation_id}", needs="conversation.read", returns=ConversationOut, summary="One conversation")
def one(request: HttpRequest, conversation_id: int) -> dict[str, Any]:
    return shown(_one(conversation_id))


@router.get_(
    "/{int:conversation_id}/interactions", needs="conversation.read", returns=Thread, summary="The thread, oldest first"
)
def in_thread(request: HttpRequest, conversation_id: int) -> dict[str, Any]:
    _one(conversation_id)
    files = ("pk", "name", "media_type", "size")
    return {
        "items": [
            {
                **said(row),
                "files": [
                    dict(zip(("id", *files[1:]), (getattr(f, n) for n in files), strict=True)) for f in row.files
                ],
            }
            for row in thread(conversation_id)
        ]
    }


@router.post_("/{int:conversation_id}/replies", does=queue_reply, returns=ReplyOut, summary="Answer in the thread")
def reply(request: HttpRequest, conversation_id: int, body: ReplyIn) -> dict[str, Any]:
    made = queue_reply(
        conversation_id=conversation_id, text=body.text, subject=body.subject, upload_key=body.upload_key
    )
    return {"interaction_id": made.pk, "delivery": made.delivery}


@interactions.get_(
    "", needs="conversation.read", returns=InteractionPage, summary="A customer's interactions, newest first"
)
def of_customer(request: HttpRequest, customer_id: Id, cursor: str = "", limit: Limit = 25) -> dict[str, Any]:
    rows = Interaction.objects.filter(customer_id=customer_id).defer("search", "html")
    return newest_first(rows, "at", cursor=cursor, limit=limit, show=said)


@attachments.post_("", does=upload_attachment, returns=UploadedOut, summary="Upload a file (25 MB) under an upload_key")
def upload(request: HttpRequest, file: File[UploadedFile], upload_key: Form[str]) -> dict[str, Any]:
    if not 8 <= len(upload_key) <= 64:
        raise Invalid(_("upload_key 要 8 到 64 个字符"), fields={"upload_key": _("8 到 64 个字符")})
    made = upload_attachment(file=file.file, name=file.name or "", upload_key=upload_key)
    return {
        "id": made.pk,
        "name": made.name,
        "media_type": made.media_type,
        "size": made.size,
        "upload_key": upload_key,
    }


@attachments.delete_("/{int:attachment_id}", does=discard_upload, summary="Take back an upload no form has claimed")
def discard(request: HttpRequest, attachment_id: int, upload_key: str) -> None:
    discard_upload(attachment_id=attachment_id, upload_key=upload_key)


def _as_it_stands(row: Conversation, row_id: int = 0) -> dict[str, Any]:
    """A colleague to whom it was given may be out of one's own sight: the row the command answered is shown."""
    return shown(row)


_NOW: dict[str, Any] = {"show": _as_it_stands, "returns": ConversationOut}
_BY_ID: dict[str, Any] = {"own": "conversation_id", **_NOW}
verb(
    router, "", register_contact, status=201, name="register_contact",
    summary="Write down a call, visit, letter or note; it need not be a complaint", **_NOW,
)  # fmt: skip
verb(router, "/{int:row_id}/assign", assign_conversation, summary="Take it, or give it to a colleague", **_BY_ID)
verb(
    router, "/{int:row_id}/close", set_conversation_state, fixed={"state": "closed"}, name="close_conversation",
    summary="Nothing more to do in it", **_BY_ID,
)  # fmt: skip
verb(
    router, "/{int:row_id}/reopen", set_conversation_state, fixed={"state": "open"}, name="reopen_conversation",
    summary="There is something to do in it again", **_BY_ID,
)  # fmt: skip
verb(
    interactions, "/{int:row_id}/accept-sender", accept_sender, own="interaction_id",
    show=lambda row, _row_id: said(row), returns=InteractionOut,
    summary="The unknown sender of this mail belongs to the conversation",
)  # fmt: skip
verb(
    interactions, "/{int:row_id}/separate-sender", separate_sender, own="interaction_id",
    summary="The unknown sender has nothing to do with it: a conversation of its own", **_NOW,
)  # fmt: skip
