"""What holds about customers, without database, clock or actor: addresses, background, grades, being looked at."""

from yinuo.customers.rules.addresses import (
    SELF_PROVED,
    UNCHECKED_AT_MERGE,
    masked,
    normal_email,
    normal_identity,
    normal_phone,
    normal_uscc,
    reachable_phone,
)
from yinuo.customers.rules.background import (
    DEALINGS,
    FILLED_IN,
    LOYAL_YEARS,
    MERGE_UNDO_DAYS,
    SOURCES,
    dealing,
    filled_in,
    since_year,
)
from yinuo.customers.rules.grading import Dealings, GradeRule
from yinuo.customers.rules.watching import VIEW_EVERY, RevealRule

__all__ = [
    "DEALINGS",
    "FILLED_IN",
    "LOYAL_YEARS",
    "MERGE_UNDO_DAYS",
    "SELF_PROVED",
    "SOURCES",
    "UNCHECKED_AT_MERGE",
    "VIEW_EVERY",
    "Dealings",
    "GradeRule",
    "RevealRule",
    "dealing",
    "filled_in",
    "masked",
    "normal_email",
    "normal_identity",
    "normal_phone",
    "normal_uscc",
    "reachable_phone",
    "since_year",
]
