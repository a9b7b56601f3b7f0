"""Tasks asked of me or of my department: the list, one task, completing it with proof."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yinuo.conversations.queries import with_attachments
from yinuo.kernel.actor import current_actor
from yinuo.kernel.errors import Missing
from yinuo.matters import commands
from yinuo.matters.models import Task
from yinuo.promises.models import Promise
from yinuo.web.forms.base import PageForm, line, submit
from yinuo.web.forms.matters import TaskDoneForm
from yinuo.web.listing import Column, Filter, Listing, Sort
from yinuo.web.reads.tasks import tasks_for
from yinuo.web.render import go, render
from yinuo.web.routes import SIGNED_IN, page


class CancelForm(PageForm):
    reason = line(gettext_lazy("取消原因"), length=300)


def listing(request: HttpRequest) -> HttpResponse:
    """Open tasks first by their promise. Three statements."""
    found = Listing(
        request,
        lambda: tasks_for(current_actor()),
        plan="tasks",
        sorts=(Sort("due", _("到期"), "due_at", nullable=True), Sort("new", _("最新"), "-created_at")),
        filters=(
            Filter("state", _("状态"), Task.State.choices, lambda rows, v: rows.filter(state=v), default="open"),
            Filter(
                "who",
                _("派给"),
                (("me", _("我")), ("unit", _("部门"))),
                lambda rows, v: rows.filter(assignee_id=current_actor().staff_key if v == "me" else None),
            ),
        ),
        columns=(
            Column(_("任务")),
            Column(_("客户"), wide=True),
            Column(_("派给")),
            Column(_("承诺"), sort="due"),
            Column(_("派出"), sort="new", wide=True),
        ),
        empty=_("没有派给您或您部门的任务。办事的同事派来时会提醒您。"),
    )
    return render(request, "tasks/list.jinja", {"section": "tasks", "listing": found})


def task(request: HttpRequest, pk: int) -> HttpResponse:
    """One task with the form that completes it."""
    row = _task(pk)
    form = TaskDoneForm.of(request, {"kind": row.kind}, version=row.version)
    sent = (
        submit(request, form, commands.complete_task, stale=True, task_id=pk) if "cancel" not in request.GET else None
    )
    if sent:
        return go(request, "tasks", toast=_("任务已完成：%(title)s") % {"title": row.title})
    return render(request, "tasks/task.jinja", _context(row, form), part="drawer")


def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a task back, with a reason."""
    row = _task(pk)
    form = CancelForm.of(request)
    if submit(request, form, commands.cancel_task, task_id=pk):
        return go(request, "matter", row.matter_id, toast=_("任务已取消"))
    return render(request, "tasks/cancel.jinja", {"section": "tasks", "task": row, "form": form})


def _task(pk: int) -> Any:
    row = (
        Task.objects.select_related("matter__customer", "unit", "assignee", "created_by", "done_by", "proof")
        .filter(pk=pk)
        .first()
    )
    if row is None:
        raise Missing(_("没有这个任务，或您无权查看"))
    return row


def _context(row: Any, form: PageForm) -> dict[str, Any]:
    actor = current_actor()
    if row.proof:
        with_attachments([row.proof])
    mine = actor.staff_id in (row.assignee_id, row.matter.owner_id) or row.unit_id in actor.unit_ids
    return {
        "section": "tasks",
        "task": row,
        "form": form,
        "mine": mine and actor.may("task.complete"),
        "promises": list(Promise.objects.filter(task_id=row.pk).order_by("-pk")[:3]),
    }


routes = [
    page("tasks/", listing, needs=SIGNED_IN, name="tasks"),
    page("tasks/<int:pk>/", task, needs="matter.read", name="task"),
    page("tasks/<int:pk>/cancel/", cancel, needs="task.create", name="task_cancel"),
]
