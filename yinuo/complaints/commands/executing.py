"""After the customer agreed: each item becomes a department's task, and all must be done before the callback."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from yinuo.complaints.commands.moving import handled_by, locked, make_move, require_stage, save
from yinuo.complaints.models import Complaint, ProposalItem
from yinuo.complaints.rules.agreement import item_line
from yinuo.complaints.states import Stage
from yinuo.identity.queries import intake_unit_id
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.matters.commands import create_task
from yinuo.matters.rules import needs_proof


def dispatch(row: Complaint, at: datetime) -> int:
    """A task for every agreed item that has none (or whose task was cancelled); says how many it made.

    The product itself gives the tasks out: the customer's click is not what a department is asked by.
    """
    system = Actor.system("complaints")
    undone = Q(task=None) | Q(task__state="canceled")
    items = ProposalItem.unscoped.filter(undone, proposal__complaint=row, proposal__state="agreed").order_by("position")
    made = 0
    for item in items:
        unit_id = item.unit_id or row.matter.unit_id or intake_unit_id()
        item.task = create_task(
            matter_id=row.pk, title=item_line(item.kind, item.detail, item.amount)[:200], kind=item.kind,
            detail=_asks(item.kind) % {"number": row.matter.number}, unit_id=unit_id, by=system, at=at,
        )  # fmt: skip
        item.save(update_fields=["task"])
        made += 1
    return made


def _asks(kind: str) -> str:
    """What the department is asked to show, as the task will be held to when it is done."""
    if needs_proof(kind):
        return _("%(number)s 处理协议的内容，请完成并上传付款凭证；没有凭证的须写明原因。")
    return _("%(number)s 处理协议的内容，请完成并写明结果，有单据的一并上传。")


@command("complaint.dispatch_items", needs="complaint.handle")
def dispatch_items(*, complaint_id: int, expected_version: int | None = None, by: Actor, at: datetime) -> int:
    """Give out again what was cancelled or could not be given out. Answers how many tasks were made."""
    row = locked(complaint_id, expected_version)
    require_stage(row, Stage.EXECUTING)
    handled_by(row, by)
    save(row)
    made = dispatch(row, at)
    record(row, {"tasks": made}, matter_id=row.pk)
    return made


@command("complaint.finish_execution", needs="complaint.handle")
def finish_execution(*, complaint_id: int, expected_version: int | None = None, by: Actor, at: datetime) -> Complaint:
    """Everything agreed was done: on to the callback. Refused while a task is open."""
    row = locked(complaint_id, expected_version)
    handled_by(row, by)
    return make_move(row, "finish_execution", by=by, at=at, public=True)
