"""Asking for approval, taking the request back, and the rules that say who must agree."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from yinuo.approvals.models import Approval, ApprovalRule, ApprovalStep
from yinuo.approvals.rules import DEFAULT_RULES, KINDS, RELATIVE, rungs_for, wrong_amount
from yinuo.identity.models import Staff
from yinuo.identity.queries import deciders, holders, line_above, roles
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Denied, Invalid, Missing, Refused
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_line, clean_text


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
    if amount is not None and (sentence := wrong_amount(amount)):
        raise Invalid(sentence, fields={"amount": sentence})
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
    steps, vacant = _people(rungs_for(rules, amount), by)
    if vacant:
        approval.payload = {**approval.payload, "vacant": _named(vacant)}
        approval.save(update_fields=["payload"])
    ApprovalStep.unscoped.bulk_create(
        ApprovalStep(approval=approval, seq=n, rung=rung, staff=staff) for n, (rung, staff) in enumerate(steps, 1)
    )
    asked = {"steps": [s.pk for _r, s in steps], "vacant": [v.rung for v in vacant]}
    record(approval, {"kind": kind, "amount": str(amount or ""), **asked}, matter_id=matter_id)
    emit(
        "approval.requested",
        topics=["approvals", *(f"staff:{s.pk}" for _r, s in steps)],
        approval_id=approval.pk,
    )
    return approval


@dataclass(slots=True)
class _Vacant:
    """A rung nobody could take: where it stands among those found, and who stands in."""

    rung: str
    place: int
    by: str = ""


def _people(rungs: tuple[str, ...], by: Actor) -> tuple[list[tuple[str, Staff]], list[_Vacant]]:
    """Whom the rungs name, each once, and the rungs that fell to nobody, to the requester or to somebody who may not
    decide: the next person up who is not asked anyway stands in on those of a role, and without one it is left out.
    Somebody is asked in any case.
    """
    asker = Staff.objects.select_related("unit").filter(pk=by.staff_id).first() if by.staff_id else None
    may = {s.pk for s in deciders()} - ({asker.pk} if asker else set())
    found: list[tuple[str, Staff]] = []
    vacant: list[_Vacant] = []
    for rung in rungs:
        staff = next((s for s in on_rung(rung, asker, [s for _r, s in found]) if s.pk in may), None)
        if staff is None:
            vacant.append(_Vacant(rung, len(found)))
        elif staff.pk not in {s.pk for _r, s in found}:
            found.append((rung, staff))
    for put, one in enumerate([v for v in vacant if v.rung not in RELATIVE]):
        place, asked = one.place + put, {s.pk for _r, s in found}
        above = [*line_above(found[place - 1][1] if place else asker), *holders("leader")]
        up = next((s for s in above if s.pk in may - asked), None)
        if up is None:
            break
        found.insert(place, (one.rung, up))
        one.by = up.name
    if not found:
        fallback = next((s for s in holders("leader") if s.pk in may), None)
        if fallback is None:
            raise Refused(_("没有可以审批的人，请管理员先设置部门负责人或领导"))
        found, vacant[0].by = [("leader", fallback)], fallback.name
    return found, vacant


def _named(vacant: list[_Vacant]) -> list[dict[str, str]]:
    names = {role.code: role.name for role in roles()}
    return [{"rung": v.rung, "role": names.get(v.rung, ""), "by": v.by} for v in vacant]


def on_rung(rung: str, asker: Staff | None, before: list[Staff]) -> list[Staff]:
    """Who might stand on a rung, the first choice first."""
    if rung == "manager":
        return line_above(asker)
    if rung == "next":
        return line_above(before[-1]) if before else line_above(asker)[1:]
    return holders(rung)


@command("approval.withdraw", needs="self.use")
def withdraw_approval(*, approval_id: int, by: Actor, at: datetime) -> Approval:
    approval = Approval.objects.filter(pk=approval_id).select_for_update(no_key=True, of=("self",)).first()
    if approval is None:
        raise Missing(_("没有这份申请，或您无权查看"))
    if approval.state != Approval.State.PENDING:
        raise Refused(_("这份申请已经有结果，不能撤回"))
    if by.kind != "system" and approval.requested_by_id != by.staff_id:
        raise Denied(_("只有申请人可以撤回"))
    approval.state, approval.decided_at, approval.version = Approval.State.WITHDRAWN, at, approval.version + 1
    approval.save()
    waiting = ApprovalStep.unscoped.filter(approval=approval, state="pending")
    asked = list(waiting.values_list("staff_id", flat=True))
    waiting.update(state="withdrawn")
    record(approval, {}, matter_id=approval.matter_id)
    topics = ["approvals", *(f"staff:{person}" for person in (by.staff_id, approval.requested_by_id, *asked) if person)]
    topics += [f"matter:{approval.matter_id}"] if approval.matter_id else []
    emit(
        "approval.decided", topics=topics, approval_id=approval.pk, kind=approval.kind,
        subject_type=approval.subject_type, subject_id=approval.subject_id, decision="withdrawn", comment="",
    )  # fmt: skip
    return approval
