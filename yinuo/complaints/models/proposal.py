"""What we would give, what was agreed, and the evidence of it."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yinuo.complaints.models.complaint import CaseRow, Complaint
from yinuo.complaints.rules import choices
from yinuo.kernel.scope import Scoped


class Proposal(CaseRow):
    """A settlement proposal; at most one is alive (draft, pending, approved) at a time."""

    version = models.IntegerField()
    state = models.CharField(max_length=8, choices=choices.ProposalState, default=choices.ProposalState.DRAFT)
    reason = models.TextField(_("理由"))
    total = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    #: The answers to the five questions and the advice given then: {"answers": …, "score": …, "level": …}.
    aid: Any = models.JSONField(default=dict)
    approval_id = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    decision_comment = models.TextField(blank=True)

    class Meta(CaseRow.Meta):
        constraints = [
            models.UniqueConstraint(fields=["complaint", "version"], name="proposal_version"),
            models.UniqueConstraint(
                fields=["complaint"], condition=Q(state__in=["draft", "pending", "approved"]), name="proposal_one_alive"
            ),
            models.CheckConstraint(condition=Q(total__gte=0), name="proposal_total_positive"),
        ]


class ProposalItem(Scoped):
    """One thing given, the department that does it, and the task it became."""

    scope_parent = "proposal"

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="items")
    position = models.SmallIntegerField()
    kind = models.CharField(max_length=14, choices=choices.ItemKind)
    detail = models.CharField(max_length=500, blank=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    unit = models.ForeignKey("identity.Unit", models.PROTECT, null=True, related_name="+")
    task = models.ForeignKey("matters.Task", models.PROTECT, null=True, related_name="+")

    class Meta(Scoped.Meta):
        ordering = ["position"]
        constraints = [models.CheckConstraint(condition=Q(amount__gte=0), name="proposal_item_amount_positive")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.detail}".strip()


class Agreement(CaseRow):
    """One version of the exact text shown to the customer, and what the customer did with it."""

    shown_to_customer = True
    version = models.IntegerField()
    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="agreements")
    state = models.CharField(max_length=10, choices=choices.AgreementState, default=choices.AgreementState.OFFERED)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    #: link | recorded_call | paper
    how = models.CharField(max_length=14, blank=True)
    signer = models.CharField(max_length=80, blank=True)
    signature = models.ForeignKey("kernel.Blob", models.PROTECT, null=True, related_name="+")
    refuse_reason = models.TextField(blank=True)
    #: ip, user_agent, sha256 as shown, actor, time: what a dispute would ask for.
    evidence: Any = models.JSONField(default=dict)

    class Meta(CaseRow.Meta):
        constraints = [
            models.UniqueConstraint(fields=["complaint", "version"], name="agreement_version"),
            models.UniqueConstraint(fields=["complaint"], condition=Q(state="offered"), name="agreement_one_offered"),
        ]


__all__ = ["Agreement", "Complaint", "Proposal", "ProposalItem"]
