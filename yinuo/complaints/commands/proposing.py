"""The settlement proposal: draft, approval, recall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yinuo.approvals.commands import request_approval, withdraw_approval
from yinuo.approvals.models import Approval
from yinuo.complaints.commands.handling import require_unit
from yinuo.complaints.commands.moving import entry, handled_by, locked, make_move, require_stage, save, topics
from yinuo.complaints.commands.talking import require_text
from yinuo.complaints.models import Agreement, Complaint, Proposal, ProposalItem
from yinuo.complaints.queries.guidance import decision_aid
from yinuo.complaints.rules.agreement import Item, item_line, read_items
from yinuo.complaints.rules.choices import AgreementState, ProposalState
from yinuo.complaints.rules.money import parse_amount, total
from yinuo.complaints.states import Stage
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused
from yinuo.kernel.events import emit

SUBJECT = "complaints.proposal"
ALIVE = (ProposalState.DRAFT, ProposalState.PENDING, ProposalState.APPROVED)


@command("complaint.draft_proposal", needs="complaint.handle")
def draft_proposal(
    *, complaint_id: int, items: Sequence[Mapping[str, Any]], reason: str, answers: Mapping[str, Any] | None = None,
    loss: object = "", expected_version: int | None = None, by: Actor, at: datetime,
) -> Proposal:  # fmt: skip
    """Write or rewrite the draft. Each item: kind, detail, amount, unit_id. `answers` are the five of the decision
    aid; the advice given is kept with the proposal. From 调查 it moves on to 拟定方案.
    """
    row = locked(complaint_id, expected_version)
    require_stage(row, Stage.INVESTIGATING, Stage.PROPOSING)
    clean, wrong = read_items(items)
    sentence = parse_amount(loss)[1]
    if sentence:
        wrong["loss"] = sentence
    if wrong:
        raise Invalid(_("处理方案没有填对"), fields=wrong)
    for unit_id in {i.unit_id for i in clean if i.unit_id}:
        require_unit(unit_id, "items")
    why = require_text(reason, "reason", _("请写明理由"))
    handled_by(row, by)
    if row.stage == Stage.INVESTIGATING:
        make_move(row, "begin_proposal", by=by, at=at)
    else:
        save(row)
    draft = _write(row, clean, why, _aid(answers or {}, loss, row), by, at)
    lines = "；".join(item_line(i.kind, i.detail, i.amount) for i in clean)
    entry(row, "proposal", _("处理方案第 %(n)d 版：%(items)s") % {"n": draft.version, "items": lines}, by=by, at=at,
          data={"proposal": draft.pk, "total": str(draft.total)})  # fmt: skip
    emit("complaint.proposal_drafted", topics=topics(row), matter_id=row.pk, proposal_id=draft.pk)
    record(row, {"proposal": draft.pk, "version": draft.version, "total": str(draft.total)}, matter_id=row.pk)
    return draft


def _aid(answers: Mapping[str, Any], loss: object, row: Complaint) -> dict[str, Any]:
    advice = decision_aid(dict(answers), loss=loss, demand=row.demand_amount or "")
    kept = {str(k)[:20]: str(v)[:10] for k, v in list(answers.items())[:10]}
    return {
        "answers": kept, "loss": str(loss or ""), "score": advice.score, "level": advice.level, "label": advice.label,
        "reasons": list(advice.reasons), "ceiling": str(advice.ceiling) if advice.ceiling is not None else "",
    }  # fmt: skip


def _write(row: Complaint, items: list[Item], reason: str, aid: dict[str, Any], by: Actor, at: datetime) -> Proposal:
    draft = Proposal.unscoped.filter(complaint=row, state=ProposalState.DRAFT).first()
    if draft is None:
        count = Proposal.unscoped.filter(complaint=row).count()
        draft = Proposal(complaint=row, version=count + 1)
    draft.reason, draft.aid, draft.total = reason, aid, total(i.amount for i in items)
    draft.at, draft.by_id = at, by.staff_id
    draft.save()
    ProposalItem.unscoped.filter(proposal=draft).delete()
    ProposalItem.unscoped.bulk_create(
        ProposalItem(proposal=draft, position=n, kind=i.kind, detail=i.detail, amount=i.amount, unit_id=i.unit_id)
        for n, i in enumerate(items, 1)
    )
    return draft


@command("complaint.submit_proposal", needs="complaint.handle")
def submit_proposal(*, complaint_id: int, expected_version: int | None = None, by: Actor, at: datetime) -> Proposal:
    """Ask for approval; who must agree follows from the amount."""
    row = locked(complaint_id, expected_version)
    handled_by(row, by)
    make_move(row, "submit_proposal", by=by, at=at)
    draft = Proposal.unscoped.get(complaint=row, state=ProposalState.DRAFT)
    approval = request_approval(
        kind="proposal", subject_type=SUBJECT, subject_id=draft.pk, matter_id=row.pk, amount=draft.total,
        title=_("处理方案 %(number)s %(title)s") % {"number": row.matter.number, "title": row.matter.title},
        reason=draft.reason, payload={"items": _lines(draft), "aid": draft.aid, "complaint_id": row.pk}, by=by, at=at,
    )  # fmt: skip
    draft.state, draft.approval_id = ProposalState.PENDING, approval.pk
    draft.save(update_fields=["state", "approval_id"])
    return draft


def _lines(proposal: Proposal) -> list[str]:
    return [
        item_line(i.kind, i.detail, i.amount)
        for i in ProposalItem.unscoped.filter(proposal=proposal).order_by("position")
    ]


@command("complaint.apply_proposal_decision", internal=True)
def apply_proposal_decision(*, proposal_id: int, decision: str, comment: str = "", by: Actor, at: datetime) -> Proposal:
    """The reaction to `approval.decided`: approved → 沟通决定; rejected, or the request taken back → 拟定方案.
    One recalled already is left.
    """
    system = Actor.system("approvals")
    found = Proposal.unscoped.filter(pk=proposal_id).first()
    if found is None:
        raise Missing(_("没有这份处理方案"))
    held = Complaint.unscoped.select_for_update(no_key=True, of=("matter", "self"))
    row = held.select_related("matter__customer").get(pk=found.complaint_id)
    found.refresh_from_db()
    if found.state != ProposalState.PENDING:
        record(found, {"ignored": decision}, matter_id=row.pk)
        return found
    if decision == "withdrawn":
        found.state = ProposalState.RECALLED
        found.save(update_fields=["state"])
        make_move(row, "recall_proposal", by=system, at=at, text=_("申请人撤回了审批申请"), data={"proposal": found.pk})
        return found
    found.decided_at, found.decision_comment = at, comment[:2000]
    approved = decision == "approved"
    found.state = ProposalState.APPROVED if approved else ProposalState.REJECTED
    found.save()
    said = _("处理方案已获同意") if approved else _("处理方案被驳回：%(why)s") % {"why": comment[:200]}
    make_move(row, "proposal_approved" if approved else "proposal_rejected", by=system, at=at, text=said,
              data={"proposal": found.pk})  # fmt: skip
    return found


@command("complaint.recall_proposal", needs="complaint.handle")
def recall_proposal(
    *, complaint_id: int, reason: str, expected_version: int | None = None, by: Actor, at: datetime
) -> Proposal:
    """Take back a proposal that waits for approval, or an approved one the customer has not confirmed."""
    why = require_text(reason, "reason", _("请说明收回的原因"), 500)
    found = Proposal.objects.filter(complaint=complaint_id, state__in=ALIVE[1:]).order_by("-version").first()
    if found is None:
        raise Refused(_("没有可以收回的处理方案"))
    if found.approval_id:
        # the approval is locked before the complaint, in the order a decision locks them
        Approval.unscoped.select_for_update(no_key=True).get(pk=found.approval_id)
    row = locked(complaint_id, expected_version)
    found.refresh_from_db()
    pending = found.state == ProposalState.PENDING
    found.state = ProposalState.RECALLED
    found.save(update_fields=["state"])
    Agreement.unscoped.filter(complaint=row, state=AgreementState.OFFERED).update(state=AgreementState.SUPERSEDED)
    make_move(row, "recall_proposal", by=by, at=at, text=_("收回处理方案：%(why)s") % {"why": why})
    if pending and found.approval_id:
        # whoever handles the case now takes it back, also when a colleague had asked
        withdraw_approval(approval_id=found.approval_id, by=Actor.system("complaints"), at=at)
    return found
