"""Deciding a request: in order, never one's own, within one's authority, and for somebody who is away."""

from datetime import datetime

from django.utils.translation import gettext as _

from yinuo.approvals.commands.rows import locked_pending, topics
from yinuo.approvals.models import Approval, ApprovalStep
from yinuo.approvals.rules import BEYOND
from yinuo.identity.models import Staff
from yinuo.identity.queries import deciders, line_above, stood_in_for
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Denied, Invalid, Refused
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_text


@command("approval.decide", needs="approval.decide")
def decide_approval(
    *, approval_id: int, decision: str, comment: str = "", expected_version: int, by: Actor, at: datetime
) -> Approval:
    """Agree or reject the step that is next, one's own or that of somebody one stands in for. The last agreement, or
    the first rejection, decides the request; where the sum is beyond the last one's authority it climbs one more.
    """
    approval, steps = locked_pending(approval_id, expected_version)
    if decision not in ("approved", "rejected"):
        raise Invalid(_("请选择同意或驳回"), fields={"decision": _("请选择同意或驳回")})
    step = steps[0]
    _check_turn(approval, step, by, at)
    higher = _higher(approval, step) if decision == "approved" and len(steps) == 1 else None
    text = clean_text(comment, 2000)
    if decision == "rejected" and not text:
        raise Invalid(_("驳回时请说明理由"), fields={"comment": _("驳回时请说明理由")})
    step.state, step.comment, step.at, step.decided_by_id = decision, text, at, by.staff_id
    step.save()
    approval.version += 1
    if higher:
        steps.append(ApprovalStep.unscoped.create(approval=approval, seq=step.seq + 1, rung=BEYOND, staff=higher))
    if decision == "rejected" or len(steps) == 1:
        approval.state, approval.decided_at = decision, at
    approval.save()
    data = {"step": step.seq, "decision": decision, "for": step.staff_id if step.staff_id != by.staff_id else None}
    record(approval, data, matter_id=approval.matter_id)
    _announce(approval, step, steps, by)
    if higher:
        told = topics(approval, higher.pk)
        emit(
            "approval.beyond_authority", topics=told, approval_id=approval.pk, matter_id=approval.matter_id,
            staff_id=higher.pk,
        )  # fmt: skip
    return approval


def _check_turn(approval: Approval, step: ApprovalStep, by: Actor, at: datetime) -> None:
    if approval.requested_by_id == by.staff_id and by.staff_id:
        raise Denied(_("不能审批自己提出的申请，代别人审批时也不行"), code="own_request")
    if step.staff_id != by.staff_id and step.staff_id not in set(stood_in_for(by.staff_key, at)):
        raise Denied(_("现在轮到 %(name)s 审批") % {"name": step.staff.name})


def _higher(approval: Approval, step: ApprovalStep) -> Staff | None:
    """Whoever must agree as well because the sum is beyond the authority of the last one; nobody when it is not.
    A substitute decides with the authority of the one they stand in for.
    """
    if not approval.amount:
        return None
    limits = [r.approval_limit for r in step.staff.roles.all() if r.approval_limit is not None]
    if limits and approval.amount <= max(limits):
        return None
    asked = set(ApprovalStep.unscoped.filter(approval=approval).values_list("staff_id", flat=True))
    fit = {s.pk: s for s in deciders(limit=approval.amount) if s.pk not in asked | {approval.requested_by_id}}
    above = next((s for s in line_above(step.staff) if s.pk in fit), None)
    found = above or next(iter(fit.values()), None)
    if found is None:
        sentence = _("金额超出您的审批权限，公司里也没有限额更高的审批人。请驳回，或请管理员调整角色的审批限额。")
        raise Refused(sentence, code="beyond_authority")
    return found


def _announce(approval: Approval, step: ApprovalStep, steps: list[ApprovalStep], by: Actor) -> None:
    if approval.state == Approval.State.PENDING:
        told = topics(approval, by.staff_id, steps[1].staff_id)
        emit("approval.advanced", topics=told, approval_id=approval.pk)
        return
    emit(
        "approval.decided", topics=topics(approval, by.staff_id), approval_id=approval.pk, kind=approval.kind,
        decision=approval.state, subject_type=approval.subject_type, subject_id=approval.subject_id,
        comment=step.comment,
    )  # fmt: skip
