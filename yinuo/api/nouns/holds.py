"""/holds: words to a customer that go out at a chosen time, or once a supervisor has agreed to them."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Schema

from yinuo.api.operations import Given, Id, Limit, Moment, Noun
from yinuo.api.paging import Paged, read_cursor, write_cursor
from yinuo.api.verbs import verb
from yinuo.conversations import holding
from yinuo.conversations.models import HeldMessage
from yinuo.conversations.queries import held_by
from yinuo.kernel import clock
from yinuo.kernel.actor import current_actor
from yinuo.kernel.errors import Invalid

router = Noun("/holds", "holds")


class HeldOut(Schema):
    id: int
    state: str
    kind: str
    command: str
    conversation_id: int | None
    matter_id: int | None
    text: str
    pressed_at: datetime
    due_at: datetime
    finished_at: datetime | None
    note: str


class HeldPage(Paged):
    items: list[HeldOut]


class HoldIn(Given):
    """`about_id`: of the complaint or the conversation. `send_at`: then; `reason`: once a supervisor agrees."""

    about: Literal["complaint", "conversation"]
    about_id: Id
    text: str
    via: str = ""
    subject: str = ""
    upload_key: str = ""
    send_at: Moment | None = None
    reason: str = ""


def shown(row: HeldMessage, _row_id: int = 0) -> dict[str, Any]:
    return {
        "id": row.pk, "state": row.state, "kind": row.kind, "command": row.command,
        "conversation_id": row.conversation_id, "matter_id": row.matter_number, "text": row.text,
        "pressed_at": row.pressed_at, "due_at": row.due_at, "finished_at": row.finished_at, "note": row.note,
    }  # fmt: skip


@router.get_("", needs="self.use", returns=HeldPage, summary="One's own words that wait or have waited, newest first")
def listed(
    request: HttpRequest, cursor: str = "", limit: Limit = 25,
    state: Literal["", "waiting", "asked", "sent", "recalled", "returned"] = "",
) -> dict[str, Any]:  # fmt: skip
    rows = held_by(current_actor().staff_key)
    if state:
        rows = rows.filter(state=state)
    if after := read_cursor(cursor, int):
        rows = rows.filter(pk__lt=after[0])
    found = list(rows[: limit + 1])
    more = write_cursor(found[limit - 1].pk) if len(found) > limit else None
    return {"items": [shown(row) for row in found[:limit]], "next": more}


@router.post_("", does=holding.place, returns=HeldOut, summary="Answer later, or once a supervisor has agreed")
def place(request: HttpRequest, body: HoldIn) -> dict[str, Any]:
    if body.send_at is None and not body.reason:
        raise Invalid(_("要给出 send_at 或 reason"), fields={"send_at": _("必填")})
    values: dict[str, Any] = {"text": body.text, "upload_key": body.upload_key}
    case = body.about == "complaint"
    if case:
        values |= {"complaint_id": body.about_id, "via": body.via}
    else:
        values |= {"conversation_id": body.about_id, "subject": body.subject}
    asked = body.send_at is None
    return shown(
        holding.place(
            command="complaint.reply" if case else "conversation.reply", values=values, text=body.text,
            kind="asked" if asked else "later", due_at=body.send_at or clock.now(), reason=body.reason if asked else "",
            matter_id=body.about_id if case else None, conversation_id=None if case else body.about_id,
        )
    )  # fmt: skip


_HELD: dict[str, Any] = {"own": "hold_id", "show": shown, "returns": HeldOut}
verb(router, "/{int:row_id}/recall", holding.recall, summary="Take it back before it goes out", **_HELD)
verb(router, "/{int:row_id}/time", holding.change_time, summary="Another time to send", **_HELD)
