"""Writes shared by every kind of matter."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from yinuo.conversations.commands import add_interaction, open_conversation
from yinuo.conversations.models import Conversation, Interaction
from yinuo.customers.models import Customer
from yinuo.identity.models import Staff, Unit
from yinuo.identity.queries import intake_unit_id
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.clock import CST
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused, Stale
from yinuo.kernel.events import emit
from yinuo.kernel.search import name_tokens, tsvector
from yinuo.kernel.text import clean_line, clean_text, grams
from yinuo.matters.models import Collaborator, Draft, Matter, SavedView, Task, TimelineEntry

PREFIXES = {
    "complaint": "TS",
    "enquiry": "ZX",
    "suggestion": "JY",
    "praise": "BY",
    "service_order": "FW",
    "visit": "BF",
}
MAX_DRAFT = 200_000


def next_number(kind: str, at: datetime) -> str:
    """TS261122-000123: kind, the day it was opened in China, a running number no two matters share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('matters_number')")
        running = cursor.fetchone()[0]
    return f"{PREFIXES[kind]}{at.astimezone(CST):%y%m%d}-{running:06d}"


def topics_of(matter: Matter) -> list[str]:
    topics = [f"matter:{matter.pk}", f"matters:{matter.kind}"]
    topics += [f"staff:{matter.owner_id}"] if matter.owner_id else []
    topics += [f"unit:{matter.unit_id}"] if matter.unit_id else []
    return topics


def locked_matter(matter_id: int, expected_version: int | None = None) -> Matter:
    """The matter, locked until the transaction ends, if the actor may see it."""
    matter = Matter.objects.filter(pk=matter_id).select_for_update(of=("self",)).first()
    if matter is None:
        raise Missing(_("没有这个事项，或您无权查看"))
    if expected_version is not None and matter.version != expected_version:
        raise Stale(_("这个事项刚被别人改过，请核对后再提交"), current=matter)
    return matter


@command("matter.open", internal=True)
def open_matter(
    *, kind: str, title: str, customer: Customer, state: str, conversation: Conversation | None = None,
    channel: str = "", owner_id: int | None = None, unit_id: int | None = None, priority: int = 1, severity: int = 0,
    search_text: str = "", by: Actor, at: datetime,
) -> Matter:  # fmt: skip
    number = next_number(kind, at)
    heading = clean_line(title[:400], 400)[:200] or number
    matter = Matter(
        number=number, kind=kind, title=heading, customer=customer, conversation=conversation,
        channel=channel or (conversation.channel if conversation else ""), owner_id=owner_id,
        state=state,
        unit_id=unit_id or (conversation.unit_id if conversation else None) or by.unit_id or intake_unit_id(),
        priority=priority, severity=severity, opened_at=at, last_activity_at=at,
    )  # fmt: skip
    matter.search = tsvector(matter_tokens(matter, customer.name, search_text))
    matter.save(force_insert=True)
    record(matter, {"kind": kind, "number": number}, matter_id=matter.pk)
    emit("matter.opened", topics=topics_of(matter), matter_id=matter.pk, kind=kind)
    return matter


def matter_tokens(matter: Matter, customer_name: str, text: str = "") -> list[str]:
    """What a matter is found by: number and its tail, title, content, the customer's name and pinyin."""
    tail = matter.number.rpartition("-")[2]
    return [
        *grams(f"{matter.title}\n{text[:20_000]}"),
        *name_tokens(customer_name),
        *grams(matter.number),
        tail,
        tail.lstrip("0"),
    ]


@command("matter.add_entry", internal=True)
def add_entry(
    *, matter: Matter, kind: str, text: str = "", data: Mapping[str, Any] | None = None,
    interaction: Interaction | None = None, task: Task | None = None, public: bool = False, by: Actor, at: datetime,
) -> TimelineEntry:  # fmt: skip
    entry = TimelineEntry.unscoped.create(
        matter=matter, at=at, kind=kind, actor_kind=by.kind, actor_name=by.name[:80], staff_id=by.staff_id,
        interaction=interaction, task=task, text=text, data=dict(data or {}), public=public,
    )  # fmt: skip
    Matter.unscoped.filter(pk=matter.pk).update(last_activity_at=at)
    record(matter, {"entry": kind}, matter_id=matter.pk)
    emit("matter.changed", topics=topics_of(matter), matter_id=matter.pk)
    return entry


@command("matter.add_entries", internal=True)
def add_entries(*, rows: Sequence[Mapping[str, Any]], by: Actor, at: datetime) -> list[TimelineEntry]:
    """Many lines at once ({matter, kind, text, data, public}), for one statement per table however many there are."""
    entries = TimelineEntry.unscoped.bulk_create(
        [
            TimelineEntry(at=at, actor_kind=by.kind, actor_name=by.name[:80], staff_id=by.staff_id, **row)
            for row in rows
        ]
    )
    matters = {entry.matter_id: entry.matter for entry in entries}
    Matter.unscoped.filter(pk__in=matters).update(last_activity_at=at)
    for matter in matters.values():
        record(matter, {"entries": sum(e.matter_id == matter.pk for e in entries)}, matter_id=matter.pk)
        emit("matter.changed", topics=topics_of(matter), matter_id=matter.pk)
    return entries


@command("matter.set_state", internal=True)
def set_state(
    *, matter: Matter, state: str, open: bool, by: Actor, at: datetime
) -> Matter:  # fmt: skip
    matter.state, matter.open, matter.version = state, open, matter.version + 1
    matter.closed_at = None if open else (matter.closed_at or at)
    matter.last_activity_at = at
    matter.save(update_fields=["state", "open", "version", "closed_at", "last_activity_at"])
    record(matter, {"state": state}, matter_id=matter.pk)
    return matter


@command("matter.assign", needs="matter.handle")
def assign_matter(
    *, matter_id: int, owner_id: int | None, expected_version: int, reason: str = "", by: Actor, at: datetime
) -> Matter:
    """Hand the matter to `owner_id`; taking it oneself needs no more, giving it away needs `matter.assign`."""
    matter = locked_matter(matter_id, expected_version)
    if owner_id != by.staff_id and not by.may("matter.assign"):
        raise Refused(_("您只能把事项领到自己名下，分配给别人请找主管"))
    owner = Staff.objects.filter(pk=owner_id, is_active=True).first() if owner_id else None
    if owner_id and owner is None:
        raise Invalid(_("这位员工不存在或已停用"), fields={"owner_id": _("这位员工不存在或已停用")})
    before = matter.owner_id
    matter.owner, matter.version = owner, matter.version + 1
    matter.save(update_fields=["owner", "version"])
    name = owner.name if owner else _("无人")
    add_entry(
        matter=matter,
        kind="assigned",
        text=_("负责人改为 %(name)s") % {"name": name},
        data={"reason": clean_line(reason, 200)},
        by=by,
        at=at,
    )
    record(matter, {"from": before, "to": owner_id}, matter_id=matter.pk)
    emit(
        "matter.assigned",
        topics=topics_of(matter),
        matter_id=matter.pk,
        owner_id=owner_id,
        previous_id=before,
    )
    return matter


@command("matter.add_collaborator", needs="matter.handle")
def add_collaborator(*, matter_id: int, staff_id: int, by: Actor, at: datetime) -> Collaborator:
    matter = locked_matter(matter_id)
    helper = Staff.objects.filter(pk=staff_id, is_active=True).first()
    if helper is None:
        raise Invalid(_("这位员工不存在或已停用"), fields={"staff_id": _("这位员工不存在或已停用")})
    row, _made = Collaborator.unscoped.get_or_create(matter=matter, staff=helper, defaults={"since": at})
    add_entry(
        matter=matter,
        kind="collaborator",
        text=_("%(name)s 成为协作人") % {"name": helper.name},
        by=by,
        at=at,
    )
    return row


@command("task.create", needs="task.create")
def create_task(
    *, matter_id: int, title: str, detail: str = "", kind: str = "general", unit_id: int | None = None,
    assignee_id: int | None = None, by: Actor, at: datetime,
) -> Task:  # fmt: skip
    """Ask a department or a person; the reaction to `task.created` makes its promise."""
    matter = locked_matter(matter_id)
    heading = clean_line(title, 200)
    wrong = {} if heading else {"title": _("请写明要做什么")}
    if not unit_id and not assignee_id:
        wrong["unit_id"] = _("请选择部门或人员")
    if wrong:
        raise Invalid(_("任务没有填完整"), fields=wrong)
    task = Task.unscoped.create(
        matter=matter, kind=kind, title=heading, detail=clean_text(detail, 5000), unit_id=unit_id,
        assignee_id=assignee_id, created_by_id=by.staff_id, created_at=at,
    )  # fmt: skip
    whom = Unit.objects.get(pk=unit_id).name if unit_id else Staff.objects.get(pk=assignee_id or 0).name
    add_entry(
        matter=matter, kind="task_created", task=task, by=by, at=at,
        text=_("派给%(whom)s的任务：%(title)s") % {"whom": whom, "title": heading},
    )  # fmt: skip
    topics = [
        *topics_of(matter),
        "tasks",
        *([f"unit:{unit_id}"] if unit_id else []),
        *([f"staff:{assignee_id}"] if assignee_id else []),
    ]
    emit("task.created", topics=topics, task_id=task.pk, matter_id=matter.pk, kind=kind)
    return task


def _locked_task(task_id: int, expected_version: int | None) -> Task:
    task = Task.objects.filter(pk=task_id).select_for_update(of=("self",)).select_related("matter").first()
    if task is None:
        raise Missing(_("没有这个任务，或您无权查看"))
    if expected_version is not None and task.version != expected_version:
        raise Stale(_("这个任务刚被别人处理过"), current=task)
    if task.state != Task.State.OPEN:
        raise Refused(_("这个任务已经%(state)s") % {"state": task.get_state_display()})
    return task


def _may_complete(task: Task, by: Actor) -> bool:
    return by.kind == "system" or by.staff_id in (task.assignee_id, task.matter.owner_id) or task.unit_id in by.unit_ids


@command("task.complete", needs="task.complete")
def complete_task(
    *,
    task_id: int,
    result: str,
    upload_key: str = "",
    expected_version: int | None = None,
    by: Actor,
    at: datetime,
) -> Task:
    """Done, with the result in words and any files as proof of execution."""
    task = _locked_task(task_id, expected_version)
    text = clean_text(result, 5000)
    if not text:
        raise Invalid(_("请写明完成情况"), fields={"result": _("请写明完成情况")})
    if not _may_complete(task, by):
        raise Refused(_("这个任务派给了别的部门，只有他们能完成"))
    proof = note_on(matter=task.matter, text=text, upload_key=upload_key, by=by, at=at)
    task.state, task.result, task.proof, task.done_at = Task.State.DONE, text, proof, at
    task.done_by_id, task.version = by.staff_id, task.version + 1
    task.save()
    add_entry(
        matter=task.matter, kind="task_done", task=task, interaction=proof, by=by, at=at,
        text=_("任务完成：%(title)s") % {"title": task.title},
    )  # fmt: skip
    emit("task.done", topics=[*topics_of(task.matter), "tasks"], task_id=task.pk, matter_id=task.matter_id)
    return task


@command("task.cancel", needs="task.create")
def cancel_task(*, task_id: int, reason: str, by: Actor, at: datetime) -> Task:
    task = _locked_task(task_id, None)
    why = clean_line(reason, 300)
    if not why:
        raise Invalid(_("请说明取消原因"), fields={"reason": _("请说明取消原因")})
    task.state, task.result, task.version = Task.State.CANCELED, why, task.version + 1
    task.save()
    add_entry(
        matter=task.matter,
        kind="task_canceled",
        task=task,
        by=by,
        at=at,
        text=_("任务取消：%(title)s（%(why)s）") % {"title": task.title, "why": why},
    )
    emit("task.canceled", topics=[*topics_of(task.matter), "tasks"], task_id=task.pk, matter_id=task.matter_id)
    return task


@command("matter.note_on", internal=True)
def note_on(*, matter: Matter, text: str, upload_key: str = "", by: Actor, at: datetime) -> Interaction:
    """An internal interaction (a note or a proof) in the matter's conversation; it carries the files."""
    conversation = matter.conversation or open_conversation(
        channel="note",
        customer_id=matter.customer_id,
        subject=matter.title,
        unit_id=matter.unit_id,
        by=by,
        at=at,
    )
    if matter.conversation_id is None:
        matter.conversation = conversation
        Matter.unscoped.filter(pk=matter.pk).update(conversation=conversation)
    return add_interaction(
        conversation=conversation, direction="internal", text=text, upload_key=upload_key, by=by, at=at
    )


@command("matter.note", needs="matter.handle")
def add_note(*, matter_id: int, text: str, upload_key: str = "", by: Actor, at: datetime) -> TimelineEntry:
    matter = locked_matter(matter_id)
    if not clean_text(text, 20_000):
        raise Invalid(_("请填写内容"), fields={"text": _("请填写内容")})
    interaction = note_on(matter=matter, text=text, upload_key=upload_key, by=by, at=at)
    return add_entry(matter=matter, kind="note", interaction=interaction, by=by, at=at)


@command("matter.attach_interaction", internal=True)
def attach_interaction(
    *,
    matter: Matter,
    interaction: Interaction,
    public: bool = False,
    kind: str = "interaction",
    by: Actor,
    at: datetime,
) -> TimelineEntry:
    """Put an interaction that just happened on the matter's timeline."""
    return add_entry(matter=matter, kind=kind, interaction=interaction, public=public, by=by, at=at)


@command("draft.save", needs="self.use")
def save_draft(*, key: str, data: dict[str, Any], by: Actor, at: datetime) -> Draft:
    if len(str(data)) > MAX_DRAFT:
        raise Invalid(_("草稿太长，无法自动保存"))
    draft, _made = Draft.unscoped.update_or_create(
        staff_id=by.staff_key, key=clean_line(key, 80), defaults={"data": data, "updated_at": at}
    )
    record(draft, {"key": draft.key})
    return draft


@command("draft.discard", needs="self.use")
def discard_draft(*, key: str, by: Actor, at: datetime) -> None:
    Draft.unscoped.filter(staff_id=by.staff_key, key=key).delete()
    record("matters.draft", {"key": key})


@command("view.save", needs="self.use")
def save_view(*, page: str, name: str, query: str, shared: bool = False, by: Actor, at: datetime) -> SavedView:
    if not clean_line(name, 60):
        raise Invalid(_("请给视图起个名字"), fields={"name": _("请给视图起个名字")})
    view, _made = SavedView.unscoped.update_or_create(
        staff_id=by.staff_key,
        page=page,
        name=clean_line(name, 60),
        defaults={"query": query[:1000], "shared": shared},
    )
    record(view, {"page": page})
    return view


@command("view.forget", needs="self.use")
def forget_view(*, view_id: int, by: Actor, at: datetime) -> str:
    """Delete one's own saved view; answers which page it belonged to."""
    view = SavedView.objects.filter(pk=view_id, staff_id=by.staff_key).first()
    if view is None:
        raise Missing(_("没有这个视图，或它是别人的"))
    page = str(view.page)
    view.delete()
    record("matters.savedview", {"page": page})
    return page
