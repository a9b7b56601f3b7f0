"""What a customer bought, the grade proposed for it by rule and confirmed by a person, and segments by both."""

import re

import pytest

from yinuo.customers.commands import add_purchase
from yinuo.customers.models import Customer, CustomerRule, Purchase
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.web.tests.conftest import SYSTEM, make_customer


def page_of(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def names(page: str) -> set[str]:
    return set(re.findall(r'class="title" href="/customers/\d+/">([^<]+)<', page))


def sold(customer, what: str, amount: int, years_ago: int = 0) -> None:
    today = clock.now().astimezone(clock.CST).date()
    day = today.replace(year=today.year - years_ago, day=min(today.day, 28))
    with acting_as(SYSTEM):
        add_purchase(customer_id=customer.pk, bought_on=min(day, today), what=what, amount=amount)


def test_a_grade_by_rule_becomes_a_grade_only_by_a_person(agent, sign_in, company) -> None:
    customer = make_customer()
    address = f"/customers/{customer.pk}/"
    assert "在第二页记下购买" in page_of(agent, address)
    form = {"bought_on": clock.now().astimezone(clock.CST).date().isoformat(), "what": "5W-30 机油", "amount": "36000"}
    for _twice in range(2):
        assert agent.post(f"{address}purchase/", {**form, "once": "b1"})["Location"] == f"{address}?tab=2"
    assert Purchase.unscoped.count() == 1 and "5W-30 机油" in page_of(agent, f"{address}?tab=2")
    page = page_of(agent, address)
    assert "按规则应为 B 级：近 2 年成交 1 次、共 36,000 元" in page and "（产品自带的规则）" in page
    assert Customer.unscoped.get(pk=customer.pk).grade == ""
    proposed = page_of(agent, f"{address}grade/?by_rule=1")
    reason = re.search(r'name="reason"[^>]*value="([^"]+)"', proposed)[1]
    assert "36,000 元" in reason and re.search(r'value="B" checked', proposed)
    assert agent.post(f"{address}grade/", {"grade": "B", "reason": reason}).status_code == 303
    change = customer.grade_changes(manager="unscoped").get()
    assert sign_in("super").post(f"{address}grade/{change.pk}/", {"agree": "1"}).status_code == 303
    page = page_of(agent, address)
    assert "36,000 元" in page and "林晓雯" in page and "陈思远" in page and "按规则提出" not in page
    gone = Purchase.unscoped.get().pk
    assert agent.post(f"{address}purchases/{gone}/remove/").status_code == 303
    assert agent.post(f"{address}purchases/{gone}/remove/").status_code == 404


def test_the_rule_is_shown_and_changed_with_who_when_and_why(sign_in, company) -> None:
    boss, address = sign_in("boss"), "/settings/customers/grade/"
    assert "产品自带" in page_of(boss, "/settings/customers/") and "客户规则" in page_of(boss, "/settings/")
    figures = {"years_back": 3, "a_deals": 9, "a_amount": 250000, "a_years": 2, "b_deals": 1, "b_amount": 30000}
    wrong = boss.post(address, {**figures, "a_amount": 5, "version": 0, "reason": "试一下"})
    assert wrong.status_code == 422 and "A 级的金额不能低于 B 级" in wrong.content.decode()
    assert boss.post(address, {**figures, "version": 0, "reason": "大客户变多"}).status_code == 303
    assert CustomerRule.unscoped.get().values == figures
    page = page_of(boss, address)
    assert "第 1 版" in page and "大客户变多" in page and "周建国" in page and "250,000" in page
    assert boss.post(address, {**figures, "version": 0, "reason": "晚了一步"}).status_code == 409
    assert sign_in("agent").get(address).status_code == 403


@pytest.mark.parametrize(
    ("query", "who"),
    [
        ("interest=钓鱼", {"甲"}),
        ("bought=机油", {"甲", "乙"}),
        ("bought=机油&interest=钓鱼", {"甲"}),
        ("spent=50,000", {"乙"}),
        *((f"spent={none}", {"甲", "乙", "丙"}) for none in ("一大笔", "NaN", "sNaN", "-Infinity", "1e9999999")),
        ("buying=recent", {"甲"}),
        ("buying=lapsed", {"乙"}),
        ("buying=never", {"丙"}),
    ],
)
def test_segments_by_interest_and_by_purchases(agent, company, query, who) -> None:
    one = make_customer("甲", "13900000001", profile={"interests": "钓鱼、书法"})
    two, _three = make_customer("乙", "13900000002"), make_customer("丙", "13900000003")
    sold(one, "5W-30 机油", 3_000)
    sold(two, "机油滤芯", 30_000, years_ago=2)
    sold(two, "齿轮油", 30_000, years_ago=3)
    assert names(page_of(agent, f"/customers/?{query}")) == who


def test_a_segment_by_purchases_is_saved_under_a_name(agent, company) -> None:
    sold(make_customer("甲", "13900000001"), "机油", 3_000)
    make_customer("乙", "13900000002")
    query = "bought=机油&buying=recent&spent=1000"
    assert agent.post("/views/save/", {"page": "customers", "query": query, "name": "机油客户"}).status_code == 303
    href = re.search(r'href="(/customers/\?bought=[^"]+)"[^>]*>机油客户', page_of(agent, "/customers/"))[1]
    assert names(page_of(agent, href.replace("&amp;", "&"))) == {"甲"}
