"""What a broken promise costs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from yinuo.promises.rules.standard import Breach, BreachKind

CENT = Decimal("0.01")
MOST = Decimal("9999999999.99")  # in yuan: no compensation is kept, or meant, beyond it
FURTHEST = 36_525  # days: a sum that still grows after a century has no end anybody could settle at


@dataclass(frozen=True, slots=True)
class Cost:
    kind: BreachKind
    late_days: int
    amount: Decimal | None = None  # None: not money (an apology, the service free of charge)
    capped: bool = False


def late_days(due_at: datetime, until: datetime) -> int:
    """Days late, a day begun counts as a day; 0 when not late."""
    return -((due_at - until) // timedelta(days=1)) if until > due_at else 0


def compensation(breach: Breach, due_at: datetime, until: datetime, at_stake: Decimal | None = None) -> Cost | None:
    """What is owed when a promise due at `due_at` is fulfilled at `until`; None when nothing is. `at_stake` is in yuan;
    a percentage of no sum is nothing, and of nothing nobody is asked to approve.
    """
    days = late_days(due_at, until)
    if not days or breach.kind is BreachKind.NONE:
        return None
    if breach.kind is not BreachKind.COMPENSATION:
        return Cost(breach.kind, days)
    amount = _daily(breach, at_stake) * days
    most = MOST if breach.cap is None else min(breach.cap, MOST)
    owed = min(amount, most).quantize(CENT, ROUND_HALF_UP)
    return Cost(breach.kind, days, owed, capped=amount > most) if owed else None


def capped_at(breach: Breach, due_at: datetime, at_stake: Decimal | None = None) -> datetime | None:
    """When the sum stops growing, so that it can be settled even if the promise is never fulfilled; None when it never
    does, or not within a century.
    """
    if breach.kind is not BreachKind.COMPENSATION or breach.cap is None:
        return None
    daily = _daily(breach, at_stake)
    days = int(breach.cap / daily) if daily else FURTHEST + 1
    return due_at + timedelta(days=days) if days <= FURTHEST else None


def _daily(breach: Breach, at_stake: Decimal | None) -> Decimal:
    if breach.per_day is not None:
        return breach.per_day
    return (at_stake or Decimal()) * (breach.percent or Decimal()) / 100
