"""Writes about approvals."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from yinuo.approvals.models import Approval, ApprovalRule, ApprovalStep
from yinuo.approvals.rules import DEFAULT_RULES, KINDS, rungs_for
from yinuo.identity.models import Staff
from yinuo.identity.queries import holders, manager_of
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Denied, Invalid, Missing, Refused, Stale
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_line, clean_text

MAX_AMOUNT = Decimal("9999999.99")


@command("approval.seed_rules", needs="staff.manage")
def seed_rules(*, by: Actor, at: datetime) -> int:
    """Lay down the shipped rules for kinds that have none."""
    have = set(ApprovalRule.objects.values_list("kind", flat=True))
    rows = [ApprovalRule(kind=k, up_to=u, steps=list(s)) for k, u, s in DEFAULT_RULES if k not in have]
    ApprovalRule.objects.bulk_create(rows)
    record("approvals.approvalrule", {"made": len(rows)})
    return len(rows)


@command("approval.edit_rules", needs="staff.manage")
def edit_rules(*, kind: str, bands: list[tuple[Decimal | None, list[str]]], by: Actor, at: datetime) -> None:
    """Replace the bands of a kind; requests already pending keep the steps they have."""
    if kind not in KINDS or not bands or any(not steps for _u, steps in bands):
        raise Invalid(_("每一档都要有审批人"))
    if any(u is not None and u < 0 for u, _s in bands):
        raise Invalid(_("金额不能为负"))
    ApprovalRule.objects.filter(kind=kind).delete()
    ApprovalRule.objects.bulk_create(ApprovalRule(kind=kind, up_to=u, steps=s) for u, s in bands)
    record("approvals.approvalrule", {"kind": kind, "bands": len(bands)})


@command("approval.request", internal=True)
def request_approval(
    *, kind: str, subject_type: str, subject_id: int, matter_id: int | None, title: str, amount: Decimal | None = None,
    reason: str = "", payload: dict[str, Any] | None = None, by: Actor, at: datetime,
) -> Approval:  # fmt: skip
    """Ask those the rules name. Nobody decides their own request; a rung that falls to the requester moves up one."""
    if amount is not None and not (Decimal(0) <= amount <= MAX_AMOUNT):
        raise Invalid(_("金额必须在 0 到 9999999.99 元之间"), fields={"amount": _("金额不对")})
    if Approval.unscoped.filter(subject_type=subject_type, subject_id=subject_id, kind=kind, state="pending").exists():
        raise Refused(_("同一事项已有一份待审的申请"))
    approval = Approval.unscoped.create(
        kind=kind, subject_type=subject_type, subject_id=subject_id, matter_id=matter_id, amount=amount,
        title=clean_line(title[:400], 400)[:200], reason=clean_text(reason, 2000), payload=payload or {},
        requested_by_id=by.staff_id, created_at=at,
    )  # fmt: skip
    rules = [(r.up_to, r.steps) for r in ApprovalRule.objects.filter(kind=kind)] or [
        (None if u is None else Decimal(u), s) for k, u, s in DEFAULT_RULES if k == kind
    ]
    steps = _people(rungs_for(rules, amount), by)
    ApprovalStep.unscoped.bulk_create(
        ApprovalStep(approval=approval, seq=n, rung=rung, staff=staff) for n, (rung, staff) in enumerate(steps, 1)
    )
    record(
        approval,
        {"kind": kind, "amount": str(amount or ""), "steps": [s.pk for _r, s in steps]},
        matter_id=matter_id,
    )
    emit(
        "approval.requested",
        topics=["approvals", *(f"staff:{s.pk}" for _r, s in steps)],
        approval_id=approval.pk,
    )
    return approval


def _people(rungs: tuple[str, ...], by: Actor) -> list[tuple[str, Staff]]:
    asker = Staff.objects.select_related("unit").filter(pk=by.staff_id).first() if by.staff_id else None
    found: list[tuple[str, Staff]] = []
    for rung in rungs:
        staff = _person(rung, asker, [s for _r, s in found])
        if staff and staff.pk not in {s.pk for _r, s in found}:
            found.append((rung, staff))
    if not found:
        fallback = next((s for s in holders("leader") if asker is None or s.pk != asker.pk), None)
        if fallback is None:
            raise Refused(_("没有可以审批的人，请管理员先设置部门负责人或领导"))
        found.append(("leader", fallback))
    return found


def _person(rung: str, asker: Staff | None, before: list[Staff]) -> Staff | None:
    if rung == "manager":
        return manager_of(asker)
    if rung == "next":
        return manager_of(before[-1] if before else manager_of(asker))
    return next((s for s in holders(rung) if asker is None or s.pk != asker.pk), None)


@command("approval.decide", needs="approval.decide")
def decide_approval(
    *, approval_id: int, decision: str, comment: str = "", expected_version: int, by: Actor, at: datetime
) -> Approval:
    """Agree or reject the step that is next. The last agreement, or the first rejection, decides the request."""
    approval = Approval.objects.filter(pk=approval_id).select_for_update(of=("self",)).first()
    if approval is None:
        raise Missing(_("没有这份申请，或您无权查看"))
    if decision not in ("approved", "rejected"):
        raise Invalid(_("请选择同意或驳回"), fields={"decision": _("请选择同意或驳回")})
    if approval.state != Approval.State.PENDING or approval.version != expected_version:
        raise Stale(_("这份申请刚被处理过"), current=approval)
    steps = list(ApprovalStep.unscoped.filter(approval=approval, state="pending").select_for_update().order_by("seq"))
    step = steps[0]
    if step.staff_id != by.staff_id:
        raise Denied(_("现在轮到 %(name)s 审批") % {"name": step.staff.name})
    _check_authority(approval, step, steps, decision, by)
    text = clean_text(comment, 2000)
    if decision == "rejected" and not text:
        raise Invalid(_("驳回时请说明理由"), fields={"comment": _("驳回时请说明理由")})
    step.state, step.comment, step.at, step.decided_by_id = decision, text, at, by.staff_id
    step.save()
    approval.version += 1
    if decision == "rejected" or len(steps) == 1:
        approval.state, approval.decided_at = decision, at
    approval.save()
    record(approval, {"step": step.seq, "decision": decision}, matter_id=approval.matter_id)
    _announce(approval, step, steps, by)
    return approval


def _check_authority(
    approval: Approval, step: ApprovalStep, steps: list[ApprovalStep], decision: str, by: Actor
) -> None:
    """The one who decides last must have the money within their limit."""
    if decision != "approved" or len(steps) > 1 or not approval.amount:
        return
    limits = [r.approval_limit for r in step.staff.roles.all() if r.approval_limit is not None]
    if not limits or approval.amount > max(limits):
        raise Refused(_("金额超出您的审批权限，请驳回后由更高一级提交"), code="beyond_authority")


def _announce(approval: Approval, step: ApprovalStep, steps: list[ApprovalStep], by: Actor) -> None:
    topics = ["approvals", f"staff:{approval.requested_by_id}", f"staff:{by.staff_id}"]
    topics += [f"matter:{approval.matter_id}"] if approval.matter_id else []
    if approval.state == Approval.State.PENDING:
        emit("approval.advanced", topics=[*topics, f"staff:{steps[1].staff_id}"], approval_id=approval.pk)
        return
    emit(
        "approval.decided", topics=topics, approval_id=approval.pk, kind=approval.kind, decision=approval.state,
        subject_type=approval.subject_type, subject_id=approval.subject_id, comment=step.comment,
    )  # fmt: skip


@command("approval.withdraw", needs="self.use")
def withdraw_approval(*, approval_id: int, by: Actor, at: datetime) -> Approval:
    approval = Approval.objects.filter(pk=approval_id).select_for_update(of=("self",)).first()
    if approval is None:
        raise Missing(_("没有这份申请，或您无权查看"))
    if approval.state != Approval.State.PENDING:
        raise Refused(_("这份申请已经有结果，不能撤回"))
    if by.kind != "system" and approval.requested_by_id != by.staff_id:
        raise Denied(_("只有申请人可以撤回"))
    approval.state, approval.decided_at, approval.version = Approval.State.WITHDRAWN, at, approval.version + 1
    approval.save()
    ApprovalStep.unscoped.filter(approval=approval, state="pending").update(state="withdrawn")
    record(approval, {}, matter_id=approval.matter_id)
    emit(
        "approval.decided", topics=["approvals", f"staff:{by.staff_id}"], approval_id=approval.pk, kind=approval.kind,
        subject_type=approval.subject_type, subject_id=approval.subject_id, decision="withdrawn", comment="",
    )  # fmt: skip
    return approval
