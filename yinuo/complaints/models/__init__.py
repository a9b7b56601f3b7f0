"""Rows of the complaint desk, by noun."""

from yinuo.complaints.models.accepted import AcceptedIntake
from yinuo.complaints.models.aftermath import (
    CorrectiveAction,
    Improvement,
    Publication,
    RepairPlan,
    Responsibility,
    Reward,
)
from yinuo.complaints.models.complaint import Complaint, Finding, Restatement
from yinuo.complaints.models.followup import Callback, ExternalEscalation, LeaderReception, Review
from yinuo.complaints.models.proposal import Agreement, Proposal, ProposalItem

__all__ = [
    "AcceptedIntake",
    "Agreement",
    "Callback",
    "Complaint",
    "CorrectiveAction",
    "ExternalEscalation",
    "Finding",
    "Improvement",
    "LeaderReception",
    "Proposal",
    "ProposalItem",
    "Publication",
    "RepairPlan",
    "Responsibility",
    "Restatement",
    "Review",
    "Reward",
]
