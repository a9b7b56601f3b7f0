"""/tasks: work asked of a department or a person."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Schema

from yinuo.api.nouns.promises import SnoozeOut, snooze_shown
from yinuo.api.operations import Given, Id, Limit, Noun, Version
from yinuo.api.paging import Paged, newest_first
from yinuo.api.verbs import verb
from yinuo.complaints.rules.choices import TELLING
from yinuo.kernel.errors import Invalid, Missing
from yinuo.matters import commands
from yinuo.matters.models import Task
from yinuo.matters.queries import my_tasks
from yinuo.promises.commands import snooze_task, unsnooze_task

router = Noun("/tasks", "tasks")


class TaskOut(Schema):
    id: int
    matter_id: int
    kind: str
    title: str
    detail: str
    unit_id: int | None
    assignee_id: int | None
    state: str
    result: str
    created_at: datetime
    done_at: datetime | None
    version: int


class TaskPage(Paged):
    items: list[TaskOut]


class TaskIn(Given):
    matter_id: Id
    title: str
    detail: str = ""
    kind: str = "general"
    unit_id: Id | None = None
    assignee_id: Id | None = None


class CompleteIn(Given):
    result: str
    upload_key: str = ""
    no_proof: str = ""
    version: Version | None = None


class CancelIn(Given):
    reason: str


def shown(row: Task) -> dict[str, Any]:
    return {
        "id": row.pk,
        "matter_id": row.matter_id,
        "kind": row.kind,
        "title": row.title,
        "detail": row.detail,
        "unit_id": row.unit_id,
        "assignee_id": row.assignee_id,
        "state": row.state,
        "result": row.result,
        "created_at": row.created_at,
        "done_at": row.done_at,
        "version": row.version,
    }


def _one(task_id: int) -> Task:
    row: Task | None = Task.objects.filter(pk=task_id).first()
    if row is None:
        raise Missing(_("没有这个任务，或您无权查看"))
    return row


@router.get_("", needs="matter.read", returns=TaskPage, summary="List tasks; mine=true for those asked of me")
def listed(
    request: HttpRequest,
    cursor: str = "",
    limit: Limit = 25,
    mine: bool = False,
    state: Literal["open", "done", "canceled"] = "open",
    matter_id: Id | None = None,
) -> dict[str, Any]:
    rows = my_tasks(state=state).order_by() if mine else Task.objects.filter(state=state)
    if matter_id:
        rows = rows.filter(matter_id=matter_id)
    return newest_first(rows.select_related(None), "created_at", cursor=cursor, limit=limit, show=shown)


@router.get_("/{int:task_id}", needs="matter.read", returns=TaskOut, summary="One task")
def one(request: HttpRequest, task_id: int) -> dict[str, Any]:
    return shown(_one(task_id))


@router.post_("", does=commands.create_task, returns=TaskOut, summary="Ask a department or a person")
def create(request: HttpRequest, body: TaskIn) -> dict[str, Any]:
    if body.kind in TELLING:
        raise Invalid(_("这种任务由投诉办理产生，不能另建"), fields={"kind": _("请换一种任务")})
    return shown(commands.create_task(**body.model_dump()))


@router.post_(
    "/{int:task_id}/complete", does=commands.complete_task, returns=TaskOut, status=200, summary="Done, with result"
)
def complete(request: HttpRequest, task_id: int, body: CompleteIn) -> dict[str, Any]:
    """A task of kind refund, money or payment needs a file under `upload_key`, or `no_proof`: why there is none."""
    done = commands.complete_task(
        task_id=task_id, result=body.result, upload_key=body.upload_key, no_proof=body.no_proof,
        expected_version=body.version,
    )  # fmt: skip
    return shown(done)


@router.post_(
    "/{int:task_id}/cancel", does=commands.cancel_task, returns=TaskOut, status=200, summary="Take the task back"
)
def cancel(request: HttpRequest, task_id: int, body: CancelIn) -> dict[str, Any]:
    return shown(commands.cancel_task(task_id=task_id, reason=body.reason))


_NOW: dict[str, Any] = {"show": lambda _row, row_id: shown(_one(row_id)), "returns": TaskOut}
verb(
    router, "/{int:row_id}/assign", commands.assign_task, own="task_id",
    summary="Name who does it; its promise goes along", **_NOW,
)  # fmt: skip
verb(
    router, "/{int:row_id}/snooze", snooze_task, own="task_id",
    summary="Put a task without a promise aside until a time", show=snooze_shown, returns=SnoozeOut,
)  # fmt: skip
verb(router, "/{int:row_id}/unsnooze", unsnooze_task, own="task_id", summary="Take it up again before its time", **_NOW)
