"""How customers belong together, and how they are told apart: links, parts, conditions, saved segments."""

import re

import pytest

from yinuo.customers.models import Contact, Customer, OrganisationLink
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.kernel.models import AuditEntry
from yinuo.web.tests.conftest import SYSTEM, make_customer


def firm(name: str, phone: str, **values):
    return make_customer(name, phone, kind="organisation", **values)


def page_of(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


@pytest.mark.parametrize(
    ("how", "above", "kind", "shown", "seen_from_there"),
    [
        ("subsidiary", "江南集团", "subsidiary", "下属单位", "上级单位"),
        ("subsidiary-of", "江南物流", "subsidiary", "上级单位", "下属单位"),
        ("distributor", "江南集团", "distributor", "经销商", "供货厂家"),
        ("distributor-of", "江南物流", "distributor", "供货厂家", "经销商"),
    ],
)
def test_organisations_under_one_another(agent, company, how, above, kind, shown, seen_from_there) -> None:
    group, part = firm("江南集团", "02588880001"), firm("江南物流", "02588880002")
    found = page_of(agent, f"/customers/{group.pk}/relate/?q=江南物流")
    assert f"other={part.pk}" in found and f"other={group.pk}" not in found
    address = f"/customers/{group.pk}/relate/?other={part.pk}"
    assert agent.post(address, {}).status_code == 422
    for _twice in range(2):
        assert agent.post(address, {"how": how, "once": "link-1"})["Location"] == f"/customers/{group.pk}/"
    link = OrganisationLink.unscoped.get()
    assert (link.parent.name, link.kind) == (above, kind)
    card, other = page_of(agent, f"/customers/{group.pk}/"), page_of(agent, f"/customers/{part.pk}/")
    assert "江南物流" in card and shown in card and "江南集团" in other and seen_from_there in other
    assert agent.post(f"/customers/{group.pk}/links/{link.pk}/remove/").status_code == 303
    assert not OrganisationLink.unscoped.exists()
    assert AuditEntry.unscoped.filter(command="customer.unlink").count() == 1
    assert agent.post(f"/customers/{group.pk}/links/{link.pk}/remove/").status_code == 404


def test_one_person_in_several_organisations(agent, company) -> None:
    one, two, person = firm("甲厂", "02588880001"), firm("乙厂", "02588880002"), make_customer("周敏", "13900001111")
    assert "选已有客户" in page_of(agent, f"/customers/{one.pk}/")
    sent = {"role": "decision_maker", "title": "厂长"}
    assert agent.post(f"/customers/{one.pk}/relate/?other={person.pk}", sent).status_code == 303
    assert agent.post(f"/customers/{person.pk}/relate/?other={two.pk}", {"role": "payer"}).status_code == 303
    card = page_of(agent, f"/customers/{person.pk}/")
    assert "甲厂" in card and "乙厂" in card and "决策人" in card and "付款人" in card
    gone = Contact.unscoped.get(organisation=one)
    assert agent.post(f"/customers/{one.pk}/contacts/{gone.pk}/remove/").status_code == 303
    assert "甲厂" not in page_of(agent, f"/customers/{person.pk}/") and Customer.unscoped.filter(pk=person.pk).exists()


def test_two_people_and_oneself_are_not_related(agent, company) -> None:
    one, two = make_customer("周敏", "13900001111"), make_customer("吴敏", "13900002222")
    for other in (two.pk, one.pk):
        assert agent.get(f"/customers/{one.pk}/relate/?other={other}").status_code == 409
    assert agent.get(f"/customers/{one.pk}/relate/?other=99999999").status_code == 404


def names(page: str) -> set[str]:
    return set(re.findall(r'class="title" href="/customers/\d+/">([^<]+)<', page))


def test_customers_by_industry_region_size_and_years(agent, company) -> None:
    year = clock.now().astimezone(clock.CST).year
    firm(
        "甲厂",
        "02588880001",
        industry="物流运输",
        region="江苏南京",
        size="500 人",
        profile={"since": f"{year - 6} 年春"},
    )
    firm("乙厂", "02588880002", industry="物流", region="浙江杭州", profile={"since": str(year - 1)})
    firm("丙厂", "02588880003", industry="化工", region="江苏苏州")
    assert names(page_of(agent, "/customers/?industry=物流")) == {"甲厂", "乙厂"}
    assert names(page_of(agent, "/customers/?industry=物流&region=江苏")) == {"甲厂"}
    assert names(page_of(agent, "/customers/?size=500")) == {"甲厂"}
    for how, who in (("loyal", "甲厂"), ("old", "乙厂"), ("new", "丙厂")):
        assert names(page_of(agent, f"/customers/?dealing={how}")) == {who}, how
    assert "忠诚客户" in page_of(agent, f"/customers/{Customer.unscoped.get(name='甲厂').pk}/")
    for odd in ("?industry=%00%25_", "?dealing=never&size=" + "x" * 500, "?region=%F0%9F%99%82"):
        page_of(agent, "/customers/" + odd)


def test_a_segment_is_saved_under_a_name_and_shared(agent, sign_in, company) -> None:
    firm("甲厂", "02588880001", industry="物流")
    make_customer("王小明")
    sent = {"page": "customers", "query": "industry=物流&kind=organisation", "name": "物流单位", "shared": "1"}
    assert agent.post("/views/save/", sent).status_code == 303
    page = page_of(sign_in("super"), "/customers/")
    href = re.search(r'href="(/customers/\?industry=[^"]+)"[^>]*>物流单位', page)[1]
    assert names(page_of(sign_in("super"), href.replace("&amp;", "&"))) == {"甲厂"}


def test_a_name_that_only_sounds_the_same_is_shown_on_entry(agent, company) -> None:
    make_customer("张晓芸", "13900001111")
    make_customer("张小伟", "13900002222")
    page = page_of(agent, "/customers/check/?name=章小云")
    assert "读音相同" in page and "张晓芸" in page and "张小伟" not in page
    assert "名称相同" in page_of(agent, "/customers/check/?name=张晓芸")
    with acting_as(SYSTEM):
        assert "没有发现重复" in page_of(agent, "/customers/check/?name=Z")
