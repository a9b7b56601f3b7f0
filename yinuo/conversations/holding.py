"""Commands about words that go out later. Each is sent exactly once: whoever sends, takes back or changes it holds its
row, and only a row that still waits is sent, in the transaction that marks it sent.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from yinuo.conversations.commands import MAX_TEXT
from yinuo.conversations.models import Conversation, HeldMessage
from yinuo.identity.models import Staff
from yinuo.identity.queries import actor_for
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import nothing_done, record
from yinuo.kernel.command import COMMANDS, command
from yinuo.kernel.errors import Denied, Invalid, Missing, Refused, YinuoError
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_line, clean_text
from yinuo.kernel.work import current_work
from yinuo.wording.commands import let_pass

#: What may be held: commands that say something to a customer and do nothing else.
HOLDABLE = frozenset({"complaint.reply", "conversation.reply"})
FURTHEST = timedelta(days=366)
State, Kind = HeldMessage.State, HeldMessage.Kind


def topics_of(row: HeldMessage) -> list[str]:
    topics = [f"staff:{row.author_id}"]
    if row.matter_number:
        topics.append(f"matter:{row.matter_number}")
    if row.conversation_id:
        topics.append(f"conversation:{row.conversation_id}")
    return topics


class _Undone(Exception):
    """Ends a rehearsal: nothing of it stays."""


def _rehearse(command: str, values: Mapping[str, Any], asking: bool, by: Actor, at: datetime) -> None:
    """Run it and undo all of it, so that whatever would refuse it refuses now. `asking`: its wording may be refused."""
    run, work = COMMANDS[command].run, current_work()
    marks = (len(work.entries), len(work.events)) if work else (0, 0)
    try:
        with transaction.atomic():
            if run is not None:
                run(**values, by=by, at=at)
            raise _Undone
    except _Undone:
        pass
    except Refused as wrong:
        if not (asking and wrong.code == "wording_blocked"):
            raise
    if work:
        del work.entries[marks[0] :], work.events[marks[1] :]


def _shown_with(command: str, values: Mapping[str, Any], matter_id: int | None, conversation_id: int | None) -> bool:
    """Whether it waits on the page of what it is about, and nowhere else."""
    if command == "complaint.reply":
        return matter_id == values.get("complaint_id") and conversation_id is None
    about = Conversation.objects.filter(pk=conversation_id or 0)
    if matter_id:  # matters lie above this layer
        about = about.filter(matters__pk=matter_id)
    return conversation_id == values.get("conversation_id") and about.exists()


def _check_due(due_at: datetime, at: datetime) -> None:
    if not at < due_at <= at + FURTHEST:
        sentence = _("请选择以后的时间，最远一年")
        raise Invalid(sentence, fields={"send_at": sentence})


@command("hold.place", needs="self.use")
def place(
    *, command: str, values: Mapping[str, Any], text: str, kind: str, due_at: datetime, reason: str = "",
    matter_id: int | None = None, conversation_id: int | None = None, page: str = "", draft_key: str = "",
    by: Actor, at: datetime,
) -> HeldMessage:  # fmt: skip
    """Put words aside that could be sent now; whether they still can is asked again when they are due. `kind` "asked":
    a supervisor is asked first, for the `reason` given.
    """
    words, why = clean_text(text, MAX_TEXT), clean_line(reason[:1000], 500)
    if command not in HOLDABLE or kind not in Kind.values:
        raise Invalid(_("这种操作不能推迟"))
    if not by.may(str(COMMANDS[command].needs)):
        raise Denied(_("您没有进行此操作的权限"))
    if not words:
        raise Invalid(_("请填写回复内容"), fields={"text": _("请填写回复内容")})
    if kind == Kind.ASKED and not why:
        raise Invalid(_("请说明为什么要这样说"), fields={"reason": _("请说明为什么要这样说")})
    if kind != Kind.ASKED:
        _check_due(due_at, at)
    _rehearse(command, values, kind == Kind.ASKED, by, at)
    if not _shown_with(command, values, matter_id, conversation_id):
        raise Missing(_("没有这个会话，或您无权查看"))
    row: HeldMessage = HeldMessage.unscoped.create(
        author_id=by.staff_key, unit_id=by.unit_id, conversation_id=conversation_id, matter_number=matter_id,
        command=command, values=dict(values), text=words, kind=kind, pressed_at=at, due_at=due_at,
        state=State.ASKED if kind == Kind.ASKED else State.WAITING, note=why, page=page[:200],
        draft_key=draft_key[:80], upload_key=str(values.get("upload_key") or "")[:64],
    )  # fmt: skip
    record(row, {"command": command, "kind": kind, "due_at": due_at.isoformat()}, matter_id=matter_id)
    emit(
        "hold.asked" if kind == Kind.ASKED else "hold.placed", topics=topics_of(row), hold_id=row.pk,
        due_at=due_at.isoformat(),
    )  # fmt: skip
    return row


def _locked(hold_id: int, by: Actor | None) -> HeldMessage:
    """With `by`, one's own."""
    rows = HeldMessage.unscoped.select_for_update(no_key=True, of=("self",)).filter(pk=hold_id)
    row = (rows if by is None else rows.filter(author_id=by.staff_key)).first()
    if row is None:
        raise Missing(_("没有这条待发的消息，或它不是您的"))
    return row


@command("hold.send", internal=True)
def send_held(*, hold_id: int, by: Actor, at: datetime) -> HeldMessage:
    """Send what is due, as its author. What cannot be sent any more goes back to them and says why."""
    row = _locked(hold_id, None)
    if row.state != State.WAITING or row.due_at > at:
        nothing_done()
        return row
    author = Staff.objects.select_related("unit").get(pk=row.author_id)
    work = current_work()
    marks = (len(work.entries), len(work.events)) if work else (0, 0)
    try:
        with transaction.atomic():
            _run(row, author, at)
    except YinuoError as wrong:
        if work:  # what the failed command recorded and announced did not happen
            del work.entries[marks[0] :], work.events[marks[1] :]
        _give_back(row, "；".join(dict.fromkeys([wrong.message, *wrong.fields.values()])), at)
        return row
    row.state, row.finished_at, row.version = State.SENT, at, row.version + 1
    row.save(update_fields=["state", "finished_at", "version"])
    record(row, {"sent": True}, matter_id=row.matter_number)
    emit("hold.sent", topics=topics_of(row), hold_id=row.pk)
    return row


def _run(row: HeldMessage, author: Staff, at: datetime) -> None:
    declared = COMMANDS[row.command]
    actor = actor_for(author)
    if not author.is_active or not actor.may(str(declared.needs)) or declared.run is None:
        raise Denied(_("您已没有进行此操作的权限"))
    # after an undone second thought it was said when "send" was pressed
    declared.run(**row.values, by=actor, at=row.pressed_at if row.kind == Kind.UNDO else at)


def _give_back(row: HeldMessage, why: str, at: datetime) -> None:
    row.state, row.finished_at, row.note, row.version = State.RETURNED, at, why[:500], row.version + 1
    row.save(update_fields=["state", "finished_at", "note", "version"])
    record(row, {"returned": why[:500]}, matter_id=row.matter_number)
    emit("hold.returned", topics=topics_of(row), hold_id=row.pk)


@command("hold.recall", needs="self.use")
def recall(*, hold_id: int, by: Actor, at: datetime) -> HeldMessage:
    """Take it back into the editor. Who comes too late is told so: it has been sent."""
    row = _locked(hold_id, by)
    if row.state == State.SENT:
        raise Refused(_("已经发出，不能撤回"), code="already_sent")
    if row.state in (State.WAITING, State.ASKED):
        row.state, row.finished_at, row.version = State.RECALLED, at, row.version + 1
        row.save(update_fields=["state", "finished_at", "version"])
        emit("hold.recalled", topics=topics_of(row), hold_id=row.pk)
    record(row, {"recalled": row.state == State.RECALLED}, matter_id=row.matter_number)
    return row


@command("hold.change", needs="self.use")
def change_time(*, hold_id: int, send_at: datetime, by: Actor, at: datetime) -> HeldMessage:
    """Another time for what waits."""
    row = _locked(hold_id, by)
    if row.state != State.WAITING:
        raise Refused(_("这条消息已经不在等待发送"), code="not_waiting")
    _check_due(send_at, at)
    row.due_at, row.kind, row.version = send_at, Kind.LATER, row.version + 1
    row.save(update_fields=["due_at", "kind", "version"])
    record(row, {"due_at": send_at.isoformat()}, matter_id=row.matter_number)
    emit("hold.placed", topics=topics_of(row), hold_id=row.pk, due_at=send_at.isoformat())
    return row


@command("hold.decide", internal=True)
def apply_wording_decision(
    *, hold_id: int, decision: str, comment: str = "", decided_by: int | None = None, by: Actor, at: datetime
) -> HeldMessage:
    """A supervisor has decided about the words: they go out as they were written, or back to their author."""
    row = _locked(hold_id, None)
    if row.state != State.ASKED:
        nothing_done()
        return row
    if decision != "approved":
        _give_back(row, _("主管没有同意：%(why)s") % {"why": comment or decision}, at)
        return row
    who = Staff.objects.select_related("unit").filter(pk=decided_by or 0).first()
    let_pass(text=row.text, reason=comment or row.note, staff_id=row.author_id, by=actor_for(who) if who else by, at=at)
    row.state, row.due_at, row.version = State.WAITING, at, row.version + 1
    row.save(update_fields=["state", "due_at", "version"])
    record(row, {"agreed": True}, matter_id=row.matter_number)
    emit("hold.placed", topics=topics_of(row), hold_id=row.pk, due_at=at.isoformat())
    return row
