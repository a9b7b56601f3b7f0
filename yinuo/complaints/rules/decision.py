"""The decision aid: five questions, a weighed answer, and the reasons for it. It advises; a person decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from yinuo.complaints.rules.choices import ItemKind
from yinuo.complaints.rules.money import CENT


@dataclass(frozen=True, slots=True)
class Situation:
    """What the handler answers. Every scale runs 0..4; `fault` is our share of the fault in per cent."""

    fault: int
    relation: int
    repurchase: int
    word_of_mouth: int
    reasonable: int
    loss: Decimal = Decimal(0)
    demand: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Advice:
    score: int
    level: str
    label: str
    reasons: tuple[str, ...]
    suggested: tuple[str, ...]
    ceiling: Decimal | None
    involve_leader: bool


#: Shares of the score; they add up to 100. Overridden by `data/decision.toml`.
WEIGHTS: Mapping[str, int] = {"fault": 40, "relation": 15, "repurchase": 15, "word_of_mouth": 15, "reasonable": 15}
LEVELS: tuple[tuple[int, str], ...] = ((75, "full"), (50, "generous"), (25, "courteous"), (0, "explain"))
SUGGESTED: Mapping[str, tuple[str, ...]] = {
    "full": (ItemKind.REPLACE, ItemKind.REFUND, ItemKind.MONEY, ItemKind.FORMAL_APOLOGY, ItemKind.LEADER_VISIT),
    "generous": (ItemKind.REPLACE, ItemKind.REPAIR, ItemKind.FREE_SERVICE, ItemKind.FORMAL_APOLOGY),
    "courteous": (ItemKind.REPAIR, ItemKind.DISCOUNT, ItemKind.GIFT),
    "explain": (ItemKind.GIFT,),
}


def level_label(level: str) -> str:
    return {
        "full": _("全额承担，主动赔偿并致歉"),
        "generous": _("从宽处理，换修并致歉"),
        "courteous": _("适度补偿，维护关系"),
        "explain": _("耐心解释，以礼相待"),
    }[level]


def clamp(value: int, low: int, high: int) -> int:
    return max(low, min(high, value))


def score(s: Situation, weights: Mapping[str, int] = WEIGHTS) -> int:
    """0..100: how far to go towards the customer."""
    parts = (
        weights["fault"] * clamp(s.fault, 0, 100) / 100
        + weights["relation"] * clamp(s.relation, 0, 4) / 4
        + weights["repurchase"] * clamp(s.repurchase, 0, 4) / 4
        + weights["word_of_mouth"] * clamp(s.word_of_mouth, 0, 4) / 4
        + weights["reasonable"] * clamp(s.reasonable, 0, 4) / 4
    )
    return round(parts * 100 / sum(weights.values()))


def advise(s: Situation, weights: Mapping[str, int] = WEIGHTS) -> Advice:
    points = score(s, weights)
    level = next(name for least, name in LEVELS if points >= least)
    if s.fault >= 80 and level in ("courteous", "explain"):
        level = "generous"  # plain fault of ours is made good whatever the customer is worth to us
    return Advice(
        points, level, level_label(level), _reasons(s), SUGGESTED[level], _ceiling(s, level),
        involve_leader=s.word_of_mouth >= 3 or (s.relation >= 3 and s.fault >= 50),
    )  # fmt: skip


def _ceiling(s: Situation, level: str) -> Decimal | None:
    """A reasonable most in money: the customer's loss by our share, kept under what is asked. None: nothing to say."""
    if s.loss <= 0 and s.demand <= 0:
        return None
    factor = {"full": Decimal("1.5"), "generous": Decimal("1"), "courteous": Decimal("0.5"), "explain": Decimal(0)}[
        level
    ]
    base = s.loss if s.loss > 0 else s.demand * clamp(s.fault, 0, 100) / 100
    most = base * factor
    return (min(most, s.demand) if s.demand > 0 else most).quantize(CENT)


def _reasons(s: Situation) -> tuple[str, ...]:
    """The sentences a supervisor reads: each says which answer spoke for or against."""
    said = [_("我方责任约 %(share)d%%") % {"share": clamp(s.fault, 0, 100)}]
    said.append(_("老客户，关系长久") if s.relation >= 3 else _("往来不多") if s.relation <= 1 else _("有一定往来"))
    said.append(
        _("再次购买可能性高")
        if s.repurchase >= 3
        else _("再次购买可能性低")
        if s.repurchase <= 1
        else _("有可能再次购买")
    )
    if s.word_of_mouth >= 3:
        said.append(_("口碑影响大，处理不当会扩散"))
    elif s.word_of_mouth <= 1:
        said.append(_("口碑影响有限"))
    said.append(_("要求合理") if s.reasonable >= 3 else _("要求明显过高") if s.reasonable <= 1 else _("要求部分合理"))
    if s.demand > 0 and s.loss > 0 and s.demand > s.loss * 3:
        said.append(_("索赔金额超过损失的三倍，请核对证据并考虑升级处理"))
    return tuple(said)


def situation(answers: Mapping[str, Any], loss: Decimal, demand: Decimal) -> Situation:
    """Answers as a form gives them; what is left out counts as the middle."""

    def number(name: str, middle: int, high: int) -> int:
        try:
            return clamp(int(str(answers.get(name, "")).strip() or middle), 0, high)
        except (ValueError, OverflowError):
            return middle

    return Situation(
        number("fault", 50, 100), number("relation", 2, 4), number("repurchase", 2, 4), number("word_of_mouth", 2, 4),
        number("reasonable", 2, 4), loss, demand,
    )  # fmt: skip
