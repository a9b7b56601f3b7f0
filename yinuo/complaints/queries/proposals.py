"""Proposals for people who decide about them."""

from __future__ import annotations

from typing import Any

from yinuo.complaints.models import Proposal, ProposalItem


def for_approval(approval_id: int) -> Any:
    """The proposal an approval is about, with `items_shown`; None when it is about something else. Two statements.

    Unscoped on purpose: whoever may see the approval may see what is asked, even without seeing the case.
    """
    proposal: Any = Proposal.unscoped.filter(approval_id=approval_id).select_related("by", "complaint__matter").first()
    if proposal is None:
        return None
    proposal.items_shown = list(
        ProposalItem.unscoped.filter(proposal=proposal).select_related("unit").order_by("position")
    )
    return proposal


def latest(complaint_id: int) -> Any:
    """The newest proposal of a complaint the actor may see, with `items_shown`, or None. Two statements."""
    proposal: Any = Proposal.objects.filter(complaint=complaint_id).order_by("-version").first()
    if proposal is None:
        return None
    proposal.items_shown = list(
        ProposalItem.unscoped.filter(proposal=proposal).select_related("unit").order_by("position")
    )
    return proposal
