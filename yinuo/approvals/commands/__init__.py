"""Writes about approvals."""

from yinuo.approvals.commands.asking import edit_rules, request_approval, seed_rules, withdraw_approval
from yinuo.approvals.commands.deciding import decide_approval
from yinuo.approvals.commands.handing import hand_on, hand_over_step

__all__ = [
    "decide_approval", "edit_rules", "hand_on", "hand_over_step", "request_approval", "seed_rules",
    "withdraw_approval",
]  # fmt: skip
