"""Amounts: the total of a proposal, who must agree to it, and what the law would give."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from django.utils.translation import gettext as _

from yinuo.complaints.rules.choices import MONEY_KINDS

CENT = Decimal("0.01")
#: More than any desk decides; a larger figure is a typing mistake.
MOST = Decimal("99999999.99")


def parse_amount(given: object) -> tuple[Decimal, str]:
    """An amount of yuan and, when it is not one, the sentence that says why."""
    if given is None or (isinstance(given, str) and not given.strip()):
        return Decimal(0), ""
    try:
        text = str(given).strip().replace(",", "").replace("，", "").removeprefix("¥").removeprefix("￥")
        amount = Decimal(text)
    except (InvalidOperation, ValueError):
        return Decimal(0), _("金额不是数字")
    if not amount.is_finite():
        return Decimal(0), _("金额不是数字")
    if amount < 0:
        return Decimal(0), _("金额不能为负数")
    if amount > MOST:
        return Decimal(0), _("金额过大，请核对")
    cents = amount.quantize(CENT, ROUND_HALF_UP)
    if cents != amount:
        return Decimal(0), _("金额最多两位小数")
    return cents, ""


def total(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0)).quantize(CENT)


def lacks_amount(kind: str, amount: Decimal) -> bool:
    """Money without a figure is not a proposal."""
    return kind in MONEY_KINDS and amount <= 0


@dataclass(frozen=True, slots=True)
class Level:
    """Up to `up_to` (None: without limit) these roles agree one after the other; none: the handler decides."""

    up_to: Decimal | None
    roles: tuple[str, ...]


def approval_level(amount: Decimal, ladder: Sequence[Level]) -> Level:
    """The lowest level whose limit holds the amount. A ladder that ends below it falls to its last level."""
    for level in sorted(ladder, key=lambda step: (step.up_to is None, step.up_to or Decimal(0))):
        if level.up_to is None or amount <= level.up_to:
            return level
    return max(ladder, key=lambda step: step.up_to or Decimal(0))


@dataclass(frozen=True, slots=True)
class Statute:
    """A statutory claim: `times` the price, not less than `least`, on top of the price itself."""

    code: str
    times: Decimal
    least: Decimal
    basis: str


def statutory(price: Decimal, statute: Statute) -> Decimal:
    """What the customer could ask for by law beside the refund."""
    return max(price * statute.times, statute.least).quantize(CENT)
