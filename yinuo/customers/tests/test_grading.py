"""By what a grade is proposed: the rule, its figures, its versions, and what it is proposed from."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.worlds import world
from yinuo.customers import queries
from yinuo.customers.commands import add_purchase, create_customer, remove_purchase, set_rule
from yinuo.customers.models import CustomerRule, Purchase
from yinuo.customers.rules import Dealings, GradeRule, RevealRule
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.errors import Invalid, Stale
from yinuo.kernel.models import AuditEntry

SYSTEM = Actor.system("test")


@world
def buyer():
    with acting_as(SYSTEM):
        return create_customer(kind="organisation", name="甲厂", profile={"since": "2019 年"})


@pytest.mark.parametrize(
    ("deals", "amount", "years", "grade"),
    [
        (6, 100_000, 2, "A"),
        (5, 100_000, 2, "B"),
        (6, 99_999, 2, "B"),
        (6, 100_000, 1, "B"),
        (1, 30_000, 0, "B"),
        (1, 29_999, 9, "C"),
        (0, 0, 9, "C"),
    ],
)
def test_a_grade_needs_all_of_its_figures(deals, amount, years, grade) -> None:
    found, reason = GradeRule().propose(Dealings(deals, Decimal(amount), years))
    assert found == grade
    assert f"{deals} 次" in reason and f"{amount:,} 元" in reason and f"{years} 年" in reason


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"a_amount": 100}, "a_amount"),
        ({"a_deals": 1, "b_deals": 2}, "a_deals"),
        ({"years_back": 0}, "years_back"),
        ({"b_amount": -1}, "b_amount"),
        ({"a_years": "2"}, "a_years"),
        ({"b_deals": True}, "b_deals"),
    ],
)
def test_a_rule_that_cannot_be_says_where(values, field) -> None:
    with pytest.raises(Invalid) as wrong:
        GradeRule.of({**GradeRule().values(), **values})
    assert field in wrong.value.fields
    with pytest.raises(Invalid):
        RevealRule.of({"most": 0, "minutes": 1})


def test_the_grade_follows_what_was_bought_in_the_years_that_count(buyer) -> None:
    now = datetime(2026, 11, 22, 4, tzinfo=UTC)
    with acting_as(SYSTEM), clock.frozen(now):
        assert queries.grade_by_rule(buyer, queries.rule_in_force("grade"), now) is None
        old = add_purchase(customer_id=buyer.pk, bought_on=date(2024, 11, 22), what="机油", amount=Decimal(500_000))
        assert queries.grade_by_rule(buyer, queries.rule_in_force("grade"), now).grade == "C"
        for n in range(6):
            add_purchase(customer_id=buyer.pk, bought_on=date(2025, 3, 1 + n), what="机油", amount=Decimal(20_000))
        found = queries.grade_by_rule(buyer, queries.rule_in_force("grade"), now)
        assert (found.grade, found.no) == ("A", 0)
        assert "6 次" in found.reason and "120,000 元" in found.reason and "7 年" in found.reason
        remove_purchase(purchase_id=old.pk)
        remove_purchase(purchase_id=Purchase.unscoped.filter(customer=buyer).first().pk)
        assert queries.grade_by_rule(buyer, queries.rule_in_force("grade"), now).grade == "B"
    gone = AuditEntry.unscoped.filter(command="customer.remove_purchase", data__amount="500000.00").get()
    assert gone.subject_id == str(buyer.pk) and gone.data["what"] == "机油"


@pytest.mark.parametrize(
    ("values", "field"),
    [({"what": " \u200b"}, "what"), ({"amount": Decimal(-1)}, "amount"), ({"amount": Decimal("1e12")}, "amount")],
)
def test_a_purchase_that_cannot_be(buyer, values, field) -> None:
    today = clock.now().date()
    good = {"bought_on": today, "what": "机油", "amount": Decimal(5)}
    with acting_as(SYSTEM):
        with pytest.raises(Invalid) as wrong:
            add_purchase(customer_id=buyer.pk, **{**good, **values})
        assert field in wrong.value.fields
        with pytest.raises(Invalid) as wrong:
            add_purchase(customer_id=buyer.pk, **{**good, "bought_on": today + timedelta(days=2)})
        assert "bought_on" in wrong.value.fields


def test_a_rule_is_a_new_version_each_time_and_nobody_saves_over_another(buyer) -> None:
    first, second = GradeRule(a_amount=200_000).values(), GradeRule(b_amount=10_000).values()
    with acting_as(SYSTEM):
        assert queries.rule_in_force("grade") == queries.InForce(GradeRule(), 0)
        set_rule(kind="grade", values=first, reason="大客户变多", expected_version=0)
        with pytest.raises(Stale):
            set_rule(kind="grade", values=second, reason="另一位", expected_version=0)
        with pytest.raises(Invalid) as wrong:
            set_rule(kind="grade", values=second, reason=" ", expected_version=1)
        assert "reason" in wrong.value.fields
        set_rule(kind="grade", values=second, reason="放宽", expected_version=1)
        assert queries.rule_in_force("grade") == queries.InForce(GradeRule(b_amount=10_000), 2)
        assert [(v.no, v.reason) for v in queries.rule_versions("grade")] == [(2, "放宽"), (1, "大客户变多")]
    assert CustomerRule.unscoped.get(no=1).values["a_amount"] == 200_000
    assert AuditEntry.unscoped.filter(command="customer.set_rule").count() == 2
