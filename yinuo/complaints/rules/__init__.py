"""Rules of the complaint desk: pure functions and enumerations, by subject.

choices    the glossary's enumerations
guards     what must be true to leave a stage (`Facts`, `missing`), when a score reopens
money      totals, approval level by amount, statutory claims
decision   the decision aid (`advise`)
people     who may call back or review, the responsibility ladder
promising  what may be promised to a customer
pareto     shares for the monthly report
"""

from yinuo.complaints.rules.decision import Advice, Situation, advise
from yinuo.complaints.rules.guards import Facts, missing, reopens
from yinuo.complaints.rules.money import Level, approval_level, parse_amount, statutory, total
from yinuo.complaints.rules.people import Scores, may_call_back, may_review, proposed_step
from yinuo.complaints.rules.promising import may_promise

__all__ = [
    "Advice", "Facts", "Level", "Scores", "Situation", "advise", "approval_level", "may_call_back", "may_promise",
    "may_review", "missing", "parse_amount", "proposed_step", "reopens", "statutory", "total",
]  # fmt: skip
