"""What a customer bought, by what rule a grade is proposed for it, and customers by what they like and buy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Sum

from yinuo.customers.models import Customer, CustomerRule, Purchase
from yinuo.customers.rules import Dealings, GradeRule, RevealRule, since_year
from yinuo.kernel.clock import CST

RULES: dict[str, type[GradeRule] | type[RevealRule]] = {"grade": GradeRule, "reveals": RevealRule}


@dataclass(frozen=True, slots=True)
class InForce:
    """The figures that hold, and which version they are; 0 is what the product starts with."""

    rule: Any
    no: int = 0


def newest_rule(kind: str) -> QuerySet[CustomerRule]:
    return CustomerRule.objects.filter(kind=kind).order_by("-no")[:1]


def in_force(kind: str, row: Mapping[str, Any] | None) -> InForce:
    """Of the newest rule's `no` and `values`."""
    return InForce(RULES[kind](**row["values"]), row["no"]) if row else InForce(RULES[kind]())


def rule_in_force(kind: str) -> InForce:
    """One statement."""
    return in_force(kind, newest_rule(kind).values("no", "values").first())


def rule_versions(kind: str) -> list[CustomerRule]:
    """Newest first. One statement."""
    return list(CustomerRule.objects.filter(kind=kind).select_related("saved_by").order_by("-no")[:50])


@dataclass(frozen=True, slots=True)
class Proposal:
    """The grade by rule, why, and by which version of the rule."""

    grade: str
    reason: str
    no: int


def grade_by_rule(customer: Customer, found: InForce, at: datetime) -> Proposal | None:
    """None while nothing is known of what they bought. One statement; the caller has been shown the customer."""
    today = at.astimezone(CST).date()
    counts = Q(bought_on__gt=years_before(today, found.rule.years_back))
    had = Purchase.unscoped.filter(customer_id=customer.pk).aggregate(
        deals=Count("pk", filter=counts), amount=Sum("amount", filter=counts), first=Min("bought_on")
    )
    if had["first"] is None:
        return None
    created = customer.created_at.astimezone(CST).year
    began = min(since_year(customer.profile.get("since"), created), had["first"].year)
    dealings = Dealings(had["deals"], had["amount"] or Decimal(0), today.year - began)
    grade, reason = found.rule.propose(dealings)
    return Proposal(grade, reason, found.no)


def years_before(day: date, years: int) -> date:
    """The same day so many years earlier; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def interested(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
    """Those whose personal page names this interest."""
    return rows.filter(profile__interests__icontains=words)


def bought(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
    """Those who bought something of that name."""
    return rows.filter(Exists(Purchase.unscoped.filter(customer=OuterRef("pk"), what__icontains=words)))


def spent(rows: QuerySet[Any], least: Decimal) -> QuerySet[Any]:
    """Those whose purchases come to this much or more, in all years."""
    totals = Purchase.unscoped.values("customer_id").annotate(total=Sum("amount")).filter(total__gte=least)
    return rows.filter(pk__in=totals.values("customer_id"))


#: How lately somebody bought: within a year, before that, never.
BUYING = ("recent", "lapsed", "never")


def buying(rows: QuerySet[Any], how: str, today: date) -> QuerySet[Any]:
    any_time = Purchase.unscoped.filter(customer=OuterRef("pk"))
    lately = Exists(any_time.filter(bought_on__gt=years_before(today, 1)))
    chosen = {"recent": lately, "lapsed": Exists(any_time) & ~lately, "never": ~Exists(any_time)}
    return rows.filter(chosen[how])
