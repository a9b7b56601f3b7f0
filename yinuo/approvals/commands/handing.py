"""Handing a waiting step to somebody else: by a person with a reason, or because its approver has left."""

from datetime import datetime

from django.utils.translation import gettext as _

from yinuo.approvals.commands.asking import on_rung
from yinuo.approvals.commands.rows import locked_pending, topics, waiting_steps
from yinuo.approvals.models import Approval, ApprovalStep
from yinuo.identity.models import Staff
from yinuo.identity.queries import deciders, holders, line_above
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import nothing_done, record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Denied, Invalid
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_line


@command("approval.hand_over", needs="approval.hand_over")
def hand_over_step(
    *, approval_id: int, to_id: int | None, reason: str, expected_version: int, by: Actor, at: datetime
) -> Approval:
    """Give the step that is next to another approver. Nobody does so for a request of their own."""
    approval, steps = locked_pending(approval_id, expected_version)
    if approval.requested_by_id == by.staff_id and by.staff_id:
        raise Denied(_("不能替自己的申请选审批人"), code="own_request")
    step, why = steps[0], clean_line(reason, 200)
    to = deciders().filter(pk=to_id or 0).first()
    wrong = {} if why else {"reason": _("请说明为什么转交")}
    if to is None:
        wrong["to_id"] = _("请选择一位有审批权限的在岗同事")
    elif to.pk == approval.requested_by_id:
        wrong["to_id"] = _("不能交给申请人自己审批")
    elif ApprovalStep.unscoped.filter(approval=approval, staff=to).exists():
        wrong["to_id"] = _("%(name)s已在这份申请的审批人里") % {"name": to.name}
    if wrong or to is None:
        raise Invalid(_("转交没有填完整"), fields=wrong)
    _give(approval, step, to, why, by, at)
    return approval


@command("approval.hand_on", internal=True)
def hand_on(*, staff_id: int, by: Actor, at: datetime) -> int:
    """The steps waiting for somebody who has left, or may not decide any more, go to whoever comes next; says how
    many. One nobody can take stays, is shown among those stuck, and waits to be handed over.
    """
    if deciders().filter(pk=staff_id).exists():
        nothing_done()
        return 0
    theirs = ApprovalStep.unscoped.filter(staff_id=staff_id, state="pending").values("approval_id")
    waiting = Approval.unscoped.filter(state=Approval.State.PENDING, pk__in=theirs)
    given = 0
    for approval in waiting.select_for_update(no_key=True, of=("self",)).order_by("pk"):
        steps = waiting_steps(approval)
        for step in [s for s in steps if s.staff_id == staff_id]:
            given += _hand_on(approval, step, steps, by, at)
    record("approvals.approvalstep", {"from": staff_id, "given": given})
    return given


def _hand_on(approval: Approval, step: ApprovalStep, steps: list[ApprovalStep], by: Actor, at: datetime) -> int:
    to = next(iter(_next_in_line(approval, step)), None)
    if to is None:
        return 0
    why = _("%(name)s 已停用或不再审批") % {"name": step.staff.name}
    if to.pk in {s.staff_id for s in steps if s.pk != step.pk}:  # asked once already: one say is enough
        step.state, step.at, step.handed_reason = Approval.State.WITHDRAWN, at, why[:200]
        step.save(update_fields=["state", "at", "handed_reason"])
        _tell(approval, step, by)
        return 1
    _give(approval, step, to, why, by, at)
    return 1


def _next_in_line(approval: Approval, step: ApprovalStep) -> list[Staff]:
    """Those who may take the step, first choice first: holders of the same role, the line above, any leader."""
    may = {s.pk for s in deciders()} - {approval.requested_by_id, step.staff_id}
    done = set(ApprovalStep.unscoped.filter(approval=approval, state="approved").values_list("staff_id", flat=True))
    asker = approval.requested_by
    same = [] if step.rung in ("manager", "next") else on_rung(step.rung, asker, [])
    return [s for s in [*same, *line_above(step.staff), *holders("leader")] if s.pk in may - done]


def _give(approval: Approval, step: ApprovalStep, to: Staff, why: str, by: Actor, at: datetime) -> None:
    previous = step.staff_id
    step.handed_from_id, step.handed_by_id, step.handed_reason, step.handed_at = previous, by.staff_id, why, at
    step.staff = to
    step.save(update_fields=["staff", "handed_from", "handed_by", "handed_reason", "handed_at"])
    _tell(approval, step, by, previous)


def _tell(approval: Approval, step: ApprovalStep, by: Actor, previous: int | None = None) -> None:
    approval.version += 1
    approval.save(update_fields=["version"])
    data = {"step": step.seq, "from": previous, "to": step.staff_id, "why": step.handed_reason}
    record(approval, data, matter_id=approval.matter_id)
    told = topics(approval, step.staff_id, previous, by.staff_id)
    emit("approval.handed_over", topics=told, approval_id=approval.pk)
