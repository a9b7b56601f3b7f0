"""The customer list and card, as a person uses them."""

import re

from yinuo.customers.models import Customer
from yinuo.kernel.actor import acting_as
from yinuo.kernel.models import AuditEntry, Once
from yinuo.web.tests.conftest import make_case, make_customer


def test_sensitive_values_are_masked_until_revealed_with_a_reason(agent, company) -> None:
    customer = make_customer(address="滨江路 18 号", profile={"birthday": "1984-03-12", "family": "两个孩子"})
    page = agent.get(f"/customers/{customer.pk}/").content.decode()
    for secret in ("13812345678", "滨江路 18 号", "1984-03-12", "两个孩子"):
        assert secret not in page
    assert "138****5678" in page
    address = f"/customers/{customer.pk}/reveal/phone/"
    assert agent.post(address, {"reason": ""}).status_code == 422
    assert "13812345678" in agent.post(address, {"reason": "客户来电核实身份"}).content.decode()
    entry = AuditEntry.unscoped.get(command="customer.reveal")
    assert entry.data == {"field": "phone", "reason": "客户来电核实身份"}
    assert entry.actor_name == "林晓雯"


def test_a_revealed_value_is_kept_nowhere_and_one_reason_serves_once(agent, company) -> None:
    customer = make_customer()
    address, sent = f"/customers/{customer.pk}/reveal/phone/", {"reason": "客户来电核实身份", "once": "k1"}
    assert "13812345678" in agent.post(address, sent).content.decode()
    assert Once.objects.get(command="customer.reveal").result is None
    again = agent.post(address, sent)
    page = again.content.decode()
    assert again.status_code == 409 and "13812345678" not in page and "重新写原因" in page
    fresh = re.search(r'name="once" value="([^"]+)"', page[page.index("重新写原因") - 3000 :])[1]
    assert fresh != "k1"
    assert "13812345678" in agent.post(address, {**sent, "once": fresh}).content.decode()
    assert AuditEntry.unscoped.filter(command="customer.reveal").count() == 2


def test_the_form_holds_no_masked_value_and_an_empty_field_keeps_it(agent, company) -> None:
    customer = make_customer(address="滨江路 18 号", profile={"birthday": "1984-03-12", "family": "两个孩子"})
    address = f"/customers/{customer.pk}/edit/"
    page = agent.get(address).content.decode()
    assert not [s for s in ("滨江路 18 号", "1984-03-12", "两个孩子") if s in page] and "留空不改" in page
    form = {"name": "王小明", "status": "existing", "version": "1", "profile_family": "三个孩子"}
    assert agent.post(address, form).status_code == 303
    row = Customer.unscoped.get(pk=customer.pk)
    assert (row.address, row.profile["birthday"], row.profile["family"]) == ("滨江路 18 号", "1984-03-12", "三个孩子")


def test_who_may_not_reveal_sees_no_way_to(sign_in, company) -> None:
    customer = make_customer()
    assert sign_in("stock").get(f"/customers/{customer.pk}/reveal/phone/").status_code == 403


def test_a_new_customer_and_the_same_submit_again(agent) -> None:
    form = {
        "kind": "person",
        "name": "李桂芳",
        "phone": "139 1234 5678",
        "status": "potential",
        "once": "k-1",
        "checked": "on",
    }
    first = agent.post("/customers/new/", form)
    again = agent.post("/customers/new/", form)
    assert first.status_code == again.status_code == 303
    assert first["Location"] == again["Location"]
    assert Customer.unscoped.filter(name="李桂芳").count() == 1


def test_what_is_wrong_stands_beside_the_field_and_nothing_is_lost(agent) -> None:
    response = agent.post(
        "/customers/new/",
        {
            "kind": "organisation",
            "name": "润达汽修",
            "phone": "12",
            "uscc": "91310000MA1K00000X",
            "status": "existing",
            "region": "江城",
            "profile_situation": "第一行\n第二行",
        },
    )
    page = response.content.decode()
    assert response.status_code == 422
    assert 'value="润达汽修"' in page and 'value="江城"' in page and "第一行\n第二行" in page
    assert re.search(r'id="id_uscc-wrong".{0,400}统一社会信用代码不对', page, re.S) or re.search(
        r'id="id_phone-wrong".{0,400}电话号码不对', page, re.S
    )


def test_bad_characters_are_a_sentence_not_a_crash(agent) -> None:
    response = agent.post("/customers/new/", {"kind": "person", "name": "王\x00小明", "status": "potential"})
    assert response.status_code == 422
    emoji = agent.post("/customers/new/", {"kind": "person", "name": "王😀小\u202e明\u200b", "status": "potential"})
    assert emoji.status_code == 303
    assert Customer.unscoped.get().name == "王😀小明"


def test_the_duplicate_check_warns_while_typing(agent, company) -> None:
    make_customer("王小明", "13812345678")
    for query in ("name=王小明", "phone=13812345678", "phone=+86 138 1234 5678"):
        page = agent.get(f"/customers/check/?{query}".replace("+", "%2B")).content.decode()
        assert "可能已建过档" in page
    assert "没有发现重复" in agent.get("/customers/check/?name=李四").content.decode()


def test_a_stale_save_shows_both_versions_and_the_second_save_decides(agent, company) -> None:
    customer = make_customer(region="江城东区")
    form = {"name": "王小明", "status": "existing", "region": "江城西区", "version": "1"}
    with acting_as(company.actor("super")):
        from yinuo.customers.commands import edit_customer

        edit_customer(customer_id=customer.pk, expected_version=1, region="滨江新区", name="王小明")
    response = agent.post(f"/customers/{customer.pk}/edit/", form)
    page = response.content.decode()
    assert response.status_code == 409
    assert "江城西区" in page and "滨江新区" in page
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    assert agent.post(f"/customers/{customer.pk}/edit/", {**form, "version": version}).status_code == 303
    assert Customer.unscoped.get(pk=customer.pk).region == "江城西区"


def test_a_grade_is_proposed_and_another_person_confirms(agent, sign_in, company) -> None:
    customer = make_customer()
    assert agent.post(f"/customers/{customer.pk}/grade/", {"grade": "A", "reason": "两年往来"}).status_code == 303
    change = customer.grade_changes(manager="unscoped").get()
    decide = f"/customers/{customer.pk}/grade/{change.pk}/"
    assert agent.post(decide, {"agree": "1"}).status_code == 403
    assert sign_in("super").post(decide, {"agree": "1"}).status_code == 303
    assert Customer.unscoped.get(pk=customer.pk).grade == "A"


def test_a_contact_of_an_organisation(agent, company) -> None:
    firm = make_customer("润达汽修", "13900001111", kind="organisation")
    data = {"person": "钱文斌", "phone": "13700002222", "role": "decision_maker", "title": "总经理"}
    assert agent.post(f"/customers/{firm.pk}/contact/", data).status_code == 303
    page = agent.get(f"/customers/{firm.pk}/").content.decode()
    assert "钱文斌" in page and "决策人" in page


def test_the_drawer_is_the_card_without_the_frame(agent, company) -> None:
    case = make_case(company, 1)
    page = agent.get(f"/customers/{case.customer.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page and "4 小时内答复" in page and case.matter.title in page


def test_the_list_pages_by_key_and_finds_by_any_fragment(agent, company) -> None:
    for number in range(60):
        make_customer(f"客户{number:02d}", f"139{number:08d}")
    make_customer("欧阳小倩", "13877778888")
    seen, address = [], "/customers/?sort=name"
    while address:
        page = agent.get(address).content.decode()
        seen += re.findall(r'class="title" href="/customers/(\d+)/"', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = "/customers/" + following[1].replace("&amp;", "&") if following else ""
    assert len(seen) == len(set(seen)) == 61
    back = re.search(r'rel="prev" href="([^"]+)"', page)[1].replace("&amp;", "&")
    assert agent.get("/customers/" + back).status_code == 200
    for query in ("小倩", "oyxq", "8888", "13877778888"):
        assert "欧阳小倩" in agent.get(f"/customers/?q={query}").content.decode(), query
        assert "欧阳小倩" in agent.get(f"/search/?q={query}").content.decode(), query


def test_a_cursor_somebody_made_up_starts_the_list(agent, company) -> None:
    make_customer()
    for mark in ("x", "AAAA", "W10", "e30", "%00", "WyJ0IiwieCIsMV0", "WyIiLHsiYSI6MX0sMV0"):
        assert agent.get(f"/customers/?after={mark}&sort=nonsense&grade=Z&page=-1").status_code == 200
