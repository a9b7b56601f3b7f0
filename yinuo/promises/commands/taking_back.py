"""Undoing a hand-over: what went along goes back to whom each of it was with."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from yinuo.conversations.commands import assign_conversation
from yinuo.conversations.models import Conversation
from yinuo.identity.models import Staff
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Stale
from yinuo.matters.commands import hand_matter, hand_task, locked_matter, locked_task
from yinuo.matters.models import Matter, Task
from yinuo.promises.commands.announcing import announce
from yinuo.promises.commands.locking import locked, locked_promise
from yinuo.promises.commands.moving import along_with, give
from yinuo.promises.models import Promise
from yinuo.promises.rules.handing import Goes

Row = Promise | Task | Matter


@command("promise.take_back", needs="matter.assign")
def take_back(
    *, kind: str, row_id: int, goes: str, owner_id: int | None, others: Sequence[Sequence[int | None]] = (),
    free_thread: bool = False, expected_version: int, by: Actor, at: datetime,
) -> None:  # fmt: skip
    """Give back a promise (`kind` p), task (t) or matter (m) that was just handed over, with what went along (`goes`).
    `others`: promises that were with somebody else than `owner_id`, each with whom; `free_thread`: the conversation was
    nobody's. What has been given on since stays there.
    """
    row = _row(kind, row_id, expected_version)
    receiver = row.assignee_id if isinstance(row, Task) else row.owner_id
    people = _people([owner_id, *(pair[1] for pair in others)])
    if owner_id and owner_id not in people:
        raise Invalid(_("这位员工不存在或已停用"), fields={"owner_id": _("这位员工不存在或已停用")})
    owner = people.get(owner_id or 0)
    along = _along(row, Goes(goes))
    announce(along, by=by, at=at)
    _hand(row, Goes(goes), owner, receiver, [promise.pk for promise in along], free_thread, by, at)
    was_with = {pair[0]: pair[1] for pair in others}
    for promise in along:
        whose = was_with.get(promise.pk, owner_id)
        if promise.owner_id == receiver != whose:
            give(promise, people.get(whose or 0, owner), by=by, at=at)
    matter_id = row.pk if isinstance(row, Matter) else row.matter_id
    record(row, {"from": receiver, "to": owner_id, "others": [list(pair) for pair in others]}, matter_id=matter_id)


def _row(kind: str, row_id: int, version: int) -> Row:
    if kind == "p":
        return locked_promise(row_id, version)
    return locked_task(row_id, version) if kind == "t" else locked_matter(row_id, version)


def _people(ids: Sequence[int | None]) -> Mapping[int, Staff]:
    return Staff.objects.filter(is_active=True).in_bulk([pk for pk in ids if pk])


def _along(row: Row, goes: Goes) -> list[Promise]:
    """The promises that went with it, locked."""
    if isinstance(row, Promise):
        about = {
            Goes.TASK: {"task_id": row.task_id}, Goes.MATTER: {"matter_id": row.matter_id},
            Goes.THREAD: {"conversation_id": row.conversation_id},
        }  # fmt: skip
        return locked(along_with(**about[goes])) if goes in about else [row]
    return locked(along_with(task_id=row.pk) if isinstance(row, Task) else along_with(matter_id=row.pk))


def _hand(
    row: Row, goes: Goes, owner: Staff | None, receiver: int | None, along: Sequence[int], free_thread: bool, by: Actor,
    at: datetime,
) -> None:  # fmt: skip
    """The task, matter or thread itself; its promises follow one by one."""
    why = _("撤销")
    if goes is Goes.TASK:
        task = row if isinstance(row, Task) else locked_task(getattr(row, "task_id", None) or 0, None)
        _still(task, task.assignee_id, receiver)
        hand_task(task, owner, reason=why, apart=along, by=by, at=at)
    elif goes is Goes.MATTER:
        matter = row if isinstance(row, Matter) else locked_matter(row.matter_id or 0)
        _still(matter, matter.owner_id, receiver)
        hand_matter(matter, owner, reason=why, apart=along, by=by, at=at)
        if free_thread and matter.conversation_id:
            Conversation.unscoped.filter(pk=matter.conversation_id, owner=owner).update(owner=None)
    elif goes is Goes.THREAD and isinstance(row, Promise):
        thread = Conversation.unscoped.get(pk=row.conversation_id or 0)
        _still(thread, thread.owner_id, receiver)
        whose = None if free_thread or owner is None else owner.pk
        assign_conversation(conversation_id=thread.pk, owner_id=whose, expected_version=thread.version, by=by, at=at)


def _still(row: Task | Matter | Conversation, now_with: int | None, receiver: int | None) -> None:
    if now_with != receiver:
        raise Stale(_("这件事后来又转给了别人，没有动"), current=row)
