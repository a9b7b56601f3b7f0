"""Taking back what waits for an answer when a case leaves the main line: offers, proposals, approvals."""

from __future__ import annotations

from datetime import datetime

from yinuo.approvals.models import Approval, ApprovalStep
from yinuo.complaints.models import Agreement, Complaint, Proposal
from yinuo.complaints.rules.choices import AgreementState, ProposalState
from yinuo.kernel.events import emit

#: The approvals this desk asks for; a promise's extension is none of its business.
OURS = ("proposal", "rejection")


def lock_approvals(*complaint_ids: int) -> None:
    """Lock the pending approvals before the complaints: a decision locks them in this order too."""
    waiting = Approval.unscoped.filter(matter_id__in=complaint_ids, state=Approval.State.PENDING, kind__in=OURS)
    list(waiting.select_for_update(no_key=True, of=("self",)).order_by("pk").values_list("pk", flat=True))


def drop_offers(row: Complaint, at: datetime) -> None:
    """No offered agreement can be confirmed any more, no proposal approved, nobody is asked in vain."""
    Agreement.unscoped.filter(complaint=row, state=AgreementState.OFFERED).update(state=AgreementState.SUPERSEDED)
    alive = [ProposalState.DRAFT, ProposalState.PENDING, ProposalState.APPROVED]
    Proposal.unscoped.filter(complaint=row, state__in=alive).update(state=ProposalState.RECALLED)
    for approval in Approval.unscoped.filter(matter=row.matter, state=Approval.State.PENDING, kind__in=OURS):
        approval.state, approval.decided_at, approval.version = Approval.State.WITHDRAWN, at, approval.version + 1
        approval.save(update_fields=["state", "decided_at", "version"])
        ApprovalStep.unscoped.filter(approval=approval, state="pending").update(state="withdrawn")
        emit(
            "approval.decided", topics=["approvals", f"staff:{approval.requested_by_id}"], approval_id=approval.pk,
            kind=approval.kind, subject_type=approval.subject_type, subject_id=approval.subject_id,
            decision="withdrawn", comment="",
        )  # fmt: skip
