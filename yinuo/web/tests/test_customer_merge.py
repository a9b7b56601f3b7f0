"""Merging customers by hand: what will move is said before, who may not does not see it, a month to take it back."""

import re
from datetime import timedelta

from yinuo.customers.models import Customer, CustomerMerge
from yinuo.customers.queries import pointing
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.matters.models import Matter
from yinuo.web.pages.customer_merge import WORDS
from yinuo.web.tests.conftest import make_case, make_customer


def test_everything_a_merge_moves_has_a_name() -> None:
    assert {label for label, _m, _f in pointing()} == set(WORDS)


def test_from_the_card_to_one_customer_and_back(sign_in, company) -> None:
    boss = sign_in("super")
    one, case = make_customer("王小明", "13812345678"), make_case(company, 1)
    two = case.customer
    assert f"/customers/{one.pk}/merge/" in boss.get(f"/customers/{one.pk}/").content.decode()
    assert "客户01" in boss.get(f"/customers/{one.pk}/merge/?q=客户01").content.decode()
    address = f"/customers/{one.pk}/merge/?other={two.pk}"
    page = boss.get(address).content.decode()
    for said in ("把“客户01”并入“王小明”", "会话", "事项", "承诺", "138****5678", "30 天内可以撤销"):
        assert said in page, said
    assert "c1@example.cn" not in page
    form = dict(re.findall(r'name="(once|seen)" value="([^"]+)"', page))
    refused = boss.post(address, {**form, "reason": ""})
    assert refused.status_code == 422 and "怎么确认" in refused.content.decode()
    for _twice in range(2):
        assert boss.post(address, {**form, "reason": "回拨核实"})["Location"] == f"/customers/{one.pk}/"
    assert CustomerMerge.unscoped.count() == 1
    card = boss.get(f"/customers/{one.pk}/").content.decode()
    assert case.matter.title in card and "客户01" in boss.get(f"/customers/{one.pk}/?tab=2").content.decode()
    old = boss.get(f"/customers/{two.pk}/").content.decode()
    assert "这位客户已并入" in old and f"/customers/{two.pk}/merge/" not in old
    undo = re.search(r'href="(/customers/merges/\d+/split/)"', old)[1]
    assert "会移回来" in boss.get(undo).content.decode()
    assert boss.post(undo, {"reason": ""}).status_code == 422
    assert boss.post(undo, {"reason": "并错了"})["Location"] == f"/customers/{two.pk}/"
    assert Matter.unscoped.get(pk=case.matter.pk).customer_id == two.pk
    assert "已经撤销过" in boss.get(undo).content.decode()


def test_an_agent_may_not(agent, company) -> None:
    one, two = make_customer("甲", "13812345678"), make_customer("乙", "13912345678")
    assert "/merge/" not in agent.get(f"/customers/{one.pk}/").content.decode()
    for path in (f"/customers/{one.pk}/merge/?other={two.pk}", "/customers/duplicates/"):
        assert agent.get(path).status_code == 403
    assert agent.post(f"/customers/{one.pk}/merge/?other={two.pk}", {"reason": "x"}).status_code == 403


def test_a_change_in_between_is_shown_before_it_is_merged(sign_in, company) -> None:
    boss = sign_in("super")
    one, two = make_customer("甲", "13812345678"), make_customer("乙", "13912345678")
    address = f"/customers/{one.pk}/merge/?other={two.pk}"
    form = dict(re.findall(r'name="(once|seen)" value="([^"]+)"', boss.get(address).content.decode()))
    from yinuo.customers.commands import edit_customer

    with acting_as(Actor.system("test")):
        edit_customer(customer_id=two.pk, expected_version=1, name="不是同一位")
    stale = boss.post(address, {**form, "reason": "核实"})
    assert stale.status_code == 409 and "不是同一位" in stale.content.decode()
    assert not Customer.unscoped.exclude(merged_into=None).exists()


def test_duplicates_are_listed_without_their_numbers(sign_in, company) -> None:
    make_customer("甲", "13812345678")
    with acting_as(Actor.system("test")):
        from yinuo.customers.commands import create_customer

        create_customer(kind="person", name="乙", identities=[("phone", "13812345678")])
    page = sign_in("super").get("/customers/duplicates/").content.decode()
    assert "138****5678" in page and "13812345678" not in page and "甲" in page and "乙" in page


def test_no_nonsense_breaks_the_pages(sign_in, company) -> None:
    boss, one = sign_in("super"), make_customer("甲", "13812345678")
    assert boss.get(f"/customers/{one.pk}/merge/?other=x&q=%00").status_code == 200
    assert boss.get(f"/customers/{one.pk}/merge/?other=99999999999999999").status_code == 404
    same = boss.post(f"/customers/{one.pk}/merge/?other={one.pk}", {"reason": "x", "seen": "1-1"})
    assert same.status_code == 409 and "不能把客户并入自己" in same.content.decode()
    assert boss.get("/customers/merges/1/split/").status_code == 404


def test_the_link_to_undo_is_gone_after_a_month(sign_in, company) -> None:
    boss = sign_in("super")
    one, two = make_customer("甲", "13812345678"), make_customer("乙", "13912345678")
    from yinuo.customers.commands import merge_customers

    with acting_as(company.actor("super")), clock.frozen(clock.now() - timedelta(days=31)):
        merge_customers(survivor_id=one.pk, absorbed_id=two.pk, reason="核实")
    assert "/split/" not in boss.get(f"/customers/{two.pk}/").content.decode()
