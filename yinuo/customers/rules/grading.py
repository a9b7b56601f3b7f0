"""By what a grade is proposed. Pure; the figures are a setting, these are what it starts with."""

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from yinuo.customers.rules.ranges import within
from yinuo.kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class Dealings:
    """What a customer bought in the years that count, and how long they have dealt with us."""

    deals: int
    amount: Decimal
    years: int


@dataclass(frozen=True, slots=True)
class GradeRule:
    """A: dense, large and long-term dealings; B: few deals but real spending power; C: the rest. Purchases of the
    last `years_back` years count; amounts in yuan.
    """

    years_back: int = 2
    a_deals: int = 6
    a_amount: int = 100_000
    a_years: int = 2
    b_deals: int = 1
    b_amount: int = 30_000

    @classmethod
    def of(cls, values: dict[str, Any]) -> "GradeRule":
        """The rule with these figures; raises `Invalid` beside each that cannot be."""
        limits = {"years_back": (1, 20), "a_deals": (1, 10_000), "b_deals": (1, 10_000), "a_years": (0, 50),
                  "a_amount": (0, 10**9), "b_amount": (0, 10**9)}  # fmt: skip
        rule = cls(**within(values, limits))
        if rule.a_amount < rule.b_amount:
            raise Invalid(_("A 级的金额不能低于 B 级"), fields={"a_amount": _("A 级的金额不能低于 B 级")})
        if rule.a_deals < rule.b_deals:
            raise Invalid(_("A 级的次数不能少于 B 级"), fields={"a_deals": _("A 级的次数不能少于 B 级")})
        return rule

    def values(self) -> dict[str, int]:
        return asdict(self)

    def propose(self, had: Dealings) -> tuple[str, str]:
        """The grade, and why, in a sentence with the figures it stands on."""
        facts = _("近 %(back)d 年成交 %(deals)d 次、共 %(amount)s 元，往来 %(years)d 年") % {
            "back": self.years_back, "deals": had.deals, "amount": f"{had.amount:,.0f}", "years": had.years,
        }  # fmt: skip
        if had.deals >= self.a_deals and had.amount >= self.a_amount and had.years >= self.a_years:
            wanted = _("达到 A 级的 %(deals)d 次、%(amount)s 元、%(years)d 年") % {
                "deals": self.a_deals, "amount": f"{self.a_amount:,}", "years": self.a_years,
            }  # fmt: skip
            return "A", _("%(facts)s；%(rule)s") % {"facts": facts, "rule": wanted}
        bound = {"deals": self.b_deals, "amount": f"{self.b_amount:,}"}
        if had.deals >= self.b_deals and had.amount >= self.b_amount:
            rule = _("达到 B 级的 %(deals)d 次、%(amount)s 元，不到 A 级") % bound
            return "B", _("%(facts)s；%(rule)s") % {"facts": facts, "rule": rule}
        rule = _("不到 B 级的 %(deals)d 次、%(amount)s 元") % bound
        return "C", _("%(facts)s；%(rule)s") % {"facts": facts, "rule": rule}
