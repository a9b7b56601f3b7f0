"""Reads about customers."""

from yinuo.customers.queries.card import Card, card, dealings_of, merges_of, ties_of
from yinuo.customers.queries.finding import (
    Duplicate,
    dealt_with,
    duplicates,
    find,
    identities_of,
    mail_address,
    narrowed,
    standing,
)
from yinuo.customers.queries.grading import (
    BUYING,
    InForce,
    Proposal,
    bought,
    buying,
    grade_by_rule,
    interested,
    rule_in_force,
    rule_versions,
    spent,
)
from yinuo.customers.queries.merging import STAYS, goes_over, likely_twice, merge_of, pointing, suspects
from yinuo.customers.queries.watching import alert, alerts_for, lookers, reveals_of

__all__ = [
    "BUYING",
    "STAYS",
    "Card",
    "Duplicate",
    "InForce",
    "Proposal",
    "alert",
    "alerts_for",
    "bought",
    "buying",
    "card",
    "dealings_of",
    "dealt_with",
    "duplicates",
    "find",
    "goes_over",
    "grade_by_rule",
    "identities_of",
    "interested",
    "likely_twice",
    "lookers",
    "mail_address",
    "merge_of",
    "merges_of",
    "narrowed",
    "pointing",
    "reveals_of",
    "rule_in_force",
    "rule_versions",
    "spent",
    "standing",
    "suspects",
    "ties_of",
]
