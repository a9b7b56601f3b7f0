"""Work asked of a department or a person, with proof that it was done."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from yinuo.conversations.commands import unclaimed
from yinuo.identity.models import Staff, Unit
from yinuo.kernel.actor import Actor
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused, Stale
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_line, clean_text
from yinuo.matters.commands.locking import lock_matters, locked_matter, topics_of
from yinuo.matters.commands.timeline import add_entry, note_on
from yinuo.matters.models import Task
from yinuo.matters.rules import needs_proof


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
    unit = Unit.objects.filter(pk=unit_id).first() if unit_id else None
    assignee = Staff.objects.filter(pk=assignee_id, is_active=True).first() if assignee_id else None
    if unit_id and unit is None:
        wrong["unit_id"] = _("没有这个部门")
    if assignee_id and assignee is None:
        wrong["assignee_id"] = _("这位员工不存在或已停用")
    if wrong:
        raise Invalid(_("任务没有填完整"), fields=wrong)
    task = Task.unscoped.create(
        matter=matter, kind=kind, title=heading, detail=clean_text(detail, 5000), unit_id=unit_id,
        assignee_id=assignee_id, created_by_id=by.staff_id, created_at=at,
    )  # fmt: skip
    whom = unit.name if unit else assignee.name if assignee else ""
    add_entry(
        matter=matter, kind="task_created", task=task, by=by, at=at,
        text=_("派给%(whom)s的任务：%(title)s") % {"whom": whom, "title": heading},
    )  # fmt: skip
    emit("task.created", topics=_topics(task), task_id=task.pk, matter_id=matter.pk, kind=kind)
    return task


def _topics(task: Task) -> list[str]:
    """The matter's people, and whoever is asked."""
    return [
        *topics_of(task.matter),
        "tasks",
        *([f"unit:{task.unit_id}"] if task.unit_id else []),
        *([f"staff:{task.assignee_id}"] if task.assignee_id else []),
    ]


def locked_task(task_id: int, expected_version: int | None) -> Task:
    lock_matters(Task.objects.filter(pk=task_id).values_list("matter_id", flat=True))
    task = Task.objects.filter(pk=task_id).select_for_update(no_key=True, of=("self",)).select_related("matter").first()
    if task is None:
        raise Missing(_("没有这个任务，或您无权查看"))
    if expected_version is not None and task.version != expected_version:
        raise Stale(_("这个任务刚被别人处理过"), current=task)
    if task.state != Task.State.OPEN:
        raise Refused(_("这个任务已经%(state)s") % {"state": task.get_state_display()})
    return task


def may_complete(task: Task, by: Actor) -> bool:
    return by.kind == "system" or by.staff_id in (task.assignee_id, task.matter.owner_id) or task.unit_id in by.unit_ids


@command("task.complete", needs="task.complete")
def complete_task(
    *,
    task_id: int,
    result: str,
    upload_key: str = "",
    no_proof: str = "",
    expected_version: int | None = None,
    by: Actor,
    at: datetime,
) -> Task:
    """Done, with the result in words and any files as proof of execution. Where money was paid there must be a file
    under `upload_key`, or `no_proof` says why there is none; that is kept with the result.
    """
    task = locked_task(task_id, expected_version)
    text = clean_text(result, 5000)
    if not text:
        raise Invalid(_("请写明完成情况"), fields={"result": _("请写明完成情况")})
    if not may_complete(task, by):
        raise Refused(_("这个任务派给了别的部门，只有他们能完成"))
    if needs_proof(task.kind) and not unclaimed(upload_key, staff_id=by.staff_id):
        text += "\n" + _("无凭证，原因：%(why)s") % {"why": _why_unproved(no_proof)}
    proof = note_on(matter=task.matter, text=text, upload_key=upload_key, by=by, at=at)
    task.state, task.result, task.proof, task.done_at = Task.State.DONE, text, proof, at
    task.done_by_id, task.version = by.staff_id, task.version + 1
    task.save()
    add_entry(
        matter=task.matter, kind="task_done", task=task, interaction=proof, by=by, at=at,
        text=_("任务完成：%(title)s") % {"title": task.title},
    )  # fmt: skip
    emit("task.done", topics=_topics(task), task_id=task.pk, matter_id=task.matter_id, kind=task.kind)
    return task


def _why_unproved(given: str) -> str:
    why = clean_line(given, 300)
    if not why:
        sentence = _("付款类任务请上传凭证；确实没有的，写明原因")
        raise Invalid(sentence, fields={"no_proof": sentence})
    return why


@command("task.assign", needs="task.complete")
def assign_task(
    *, task_id: int, assignee_id: int | None, reason: str = "", expected_version: int | None = None, by: Actor,
    at: datetime,
) -> Task:  # fmt: skip
    """Name who does it. Whoever may do it may take it; giving it to somebody else needs `matter.assign`. With None it
    is the department's again. Its promise goes along.
    """
    task = locked_task(task_id, expected_version)
    taking = assignee_id is not None and assignee_id == by.staff_id and may_complete(task, by)
    if not (taking or by.may("matter.assign")):
        raise Refused(_("您只能把本部门的任务领到自己名下，派给别人请找主管"))
    person = Staff.objects.filter(pk=assignee_id, is_active=True).first() if assignee_id else None
    if assignee_id and person is None:
        raise Invalid(_("这位员工不存在或已停用"), fields={"assignee_id": _("这位员工不存在或已停用")})
    if person is None and task.unit_id is None:
        raise Invalid(_("这个任务没有派给部门，要有人来办"), fields={"assignee_id": _("请选择由谁来办")})
    hand_task(task, person, reason=reason, by=by, at=at)
    return task


def hand_task(
    task: Task, person: Staff | None, *, reason: str = "", apart: Sequence[int] = (), by: Actor, at: datetime
) -> None:
    """A locked task is somebody else's now; its promises go along, but for those in `apart`."""
    before = task.assignee_id
    told = _topics(task)
    task.assignee, task.version = person, task.version + 1
    task.save(update_fields=["assignee", "version"])
    whom = person.name if person else task.unit.name if task.unit else ""
    add_entry(
        matter=task.matter, kind="task_assigned", task=task, by=by, at=at, data={"reason": clean_line(reason, 200)},
        text=_("任务“%(title)s”改由 %(whom)s 办理") % {"title": task.title, "whom": whom},
    )  # fmt: skip
    emit(
        "task.assigned", topics=sorted({*told, *_topics(task)}), task_id=task.pk, matter_id=task.matter_id,
        owner_id=person.pk if person else None, previous_id=before, **({"apart": list(apart)} if apart else {}),
    )  # fmt: skip


@command("task.cancel", needs="task.create")
def cancel_task(*, task_id: int, reason: str, by: Actor, at: datetime) -> Task:
    task = locked_task(task_id, None)
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
    emit("task.canceled", topics=_topics(task), task_id=task.pk, matter_id=task.matter_id)
    return task
