"""Which rungs a request must climb. Pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

KINDS = {
    "proposal": _("处理方案"), "extension": _("承诺延期"), "waiver": _("承诺豁免"), "compensation": _("逾期补偿"),
    "rejection": _("不予受理"), "responsibility": _("责任认定"),
    "wording": _("放行答复的措辞"),
}  # fmt: skip

#: The largest sum anybody may be asked to agree to, in yuan. Who writes one down checks it against this too.
MOST_AMOUNT = Decimal("9999999.99")

# The rung added when the sum is beyond the authority of whoever would have decided last.
BEYOND = "beyond"

#: Rungs that are not a role's code: who they fall to depends on who asks.
RELATIVE = {"manager": _("申请人的主管"), "next": _("再上一级主管")}

# Shipped defaults; an administrator edits the rows they become. Amounts in yuan.
DEFAULT_RULES: tuple[tuple[str, int | None, tuple[str, ...]], ...] = (
    ("proposal", 500, ("manager",)),
    ("proposal", 5000, ("manager", "leader")),
    ("proposal", None, ("manager", "finance", "leader")),
    ("extension", None, ("manager",)),
    ("waiver", None, ("manager",)),
    ("compensation", 500, ("manager",)),
    ("compensation", None, ("manager", "leader")),
    ("rejection", None, ("manager",)),
    ("responsibility", None, ("leader",)),
    ("wording", None, ("manager",)),
)


def wrong_amount(amount: Decimal) -> str:
    """The sentence that says why nobody can be asked about this sum of yuan; empty when they can."""
    if Decimal(0) <= amount <= MOST_AMOUNT:
        return ""
    return gettext("金额必须在 0 到 %(most)s 元之间") % {"most": MOST_AMOUNT}


def vacancy_line(vacant: Mapping[str, str]) -> str:
    """What is said about a rung nobody could take: `rung`, the name of its `role` if it is one, and `by`, the name of
    whoever stands in, if anybody.
    """
    rung = vacant["rung"]
    names = {"rung": vacant.get("role") or str(RELATIVE.get(rung, rung)), "name": vacant.get("by", "")}
    return (gettext("%(rung)s：无人，由%(name)s代批") if names["name"] else gettext("%(rung)s：无人，已略过")) % names


def rungs_for(rules: Sequence[tuple[Decimal | None, Sequence[str]]], amount: Decimal | None) -> tuple[str, ...]:
    """The rungs of the smallest band that holds `amount`; without an amount, the smallest band."""
    bands = sorted(rules, key=lambda r: (r[0] is None, r[0] or Decimal(0)))
    for up_to, steps in bands:
        if up_to is None or amount is None or amount <= up_to:
            return tuple(steps)
    return tuple(bands[-1][1]) if bands else ("manager",)
