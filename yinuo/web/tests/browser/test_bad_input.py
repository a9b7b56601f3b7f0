"""What goes wrong between a person and the server: nothing typed is lost, nothing is done twice, each trouble is a sentence."""

import pytest

from yinuo.approvals.models import Approval, ApprovalStep
from yinuo.complaints.tests.conftest import Walk
from yinuo.customers.commands import create_customer
from yinuo.customers.models import CustomerNote
from yinuo.identity.models import Unit
from yinuo.kernel.actor import Actor, acting_as
from yinuo.web.tests.browser.conftest import PASSWORD, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
STRANGE = "阿里\u202eabc\u200b👨‍👩‍👧‍👦مرحبا\u0007ﬁn"


@pytest.fixture
def customer(firm):
    with acting_as(Actor.system("test")):
        return create_customer(
            kind="person", name="欧阳小倩", identities=[("phone", "13877778888")], verified_how="agent"
        )


def test_a_double_click_decides_the_approval_one_saw_and_not_the_next(visit, live_server, firm) -> None:
    for _n in range(2):
        Walk(firm).to("approving")
    waiting = Approval.unscoped.filter(state="pending").order_by("pk")
    first = waiting.first()
    decider = ApprovalStep.unscoped.filter(approval=first).order_by("pk").first().staff.username
    again = "document.querySelector('#decide button[value=approved]')?.click()"
    with visit(decider) as page:
        page.goto(f"{live_server.url}/approvals/{first.pk}/")
        # An impatient hand: as soon as the next page is there, the button under the pointer is pressed again.
        page.add_init_script(f"addEventListener('load', () => setTimeout(() => {{ {again} }}, 60))")
        page.click("#decide button[value=approved]")
        page.wait_for_selector(".y-toast:has-text('这是下一份')")
        page.wait_for_timeout(1500)
        assert waiting.count() == 1
        page.click("#decide button[value=approved]")
        page.wait_for_selector(".y-toast:has-text('已同意')")
    assert waiting.count() == 0


def sign_in_again(page) -> None:
    page.fill("[name=username]", "wang")
    page.fill("[name=password]", PASSWORD)
    page.click("form button[type=submit]")


def test_the_session_ends_in_the_middle_of_a_form(visit, live_server, customer) -> None:
    address = f"{live_server.url}/customers/{customer.pk}/note/"
    with visit("wang") as page:
        page.goto(address)
        page.fill("[name=happened_on]", "2026-01-05")
        page.context.clear_cookies(name="sessionid")
        page.fill("textarea", "约定下周二上门，带样品")
        page.click("main button[type=submit]")
        page.wait_for_selector(".y-problem:has-text('登录已过期')")
        assert "约定下周二上门" in page.inner_text(".y-typed")
        page.click("a:has-text('重新登录')")
        sign_in_again(page)
        page.wait_for_url(address)
        assert page.input_value("textarea") == "约定下周二上门，带样品"
        page.click("main button[type=submit]")
        page.wait_for_selector(".y-toast:has-text('已记下')")
        page.goto(address)
        page.wait_for_timeout(300)
        assert page.input_value("textarea") == "", "what was taken is not offered again"
    assert CustomerNote.unscoped.get().text == "约定下周二上门，带样品"


def test_the_session_ends_before_a_dialog_is_sent(visit, live_server, customer) -> None:
    with visit("wang") as page:
        page.goto(f"{live_server.url}/customers/{customer.pk}/")
        page.click("a:has-text('建议调整')")
        page.fill("#drawer [name=reason]", "一年三十单")
        page.check("#drawer [name=grade][value=A]", force=True)
        page.context.clear_cookies(name="sessionid")
        page.click("#drawer button[type=submit]")
        page.wait_for_url("**/login/**")
        sign_in_again(page)
        page.wait_for_url(f"**/customers/{customer.pk}/")
        page.click("a:has-text('建议调整')")
        page.wait_for_selector("#drawer .y-draft-state:has-text('已恢复')")
        assert page.input_value("#drawer [name=reason]") == "一年三十单"
        assert page.is_checked("#drawer [name=grade][value=A]")


def test_no_network_while_writing_and_sending(visit, live_server, customer) -> None:
    address = f"{live_server.url}/customers/{customer.pk}/note/"
    with visit("wang") as page:
        page.goto(address)
        page.fill("[name=happened_on]", "2026-01-05")
        page.context.set_offline(True)
        page.fill("textarea", "电梯里写的")
        page.wait_for_selector(".y-draft-state:has-text('这台设备')")
        page.click("main button[type=submit]")
        page.wait_for_timeout(500)
        page.context.set_offline(False)
        page.goto(address)
        page.wait_for_selector(".y-draft-state:has-text('已恢复')")
        assert page.input_value("textarea") == "电梯里写的"
        page.click("main button[type=submit]")
        page.wait_for_selector(".y-toast:has-text('已记下')")
    assert CustomerNote.unscoped.get().text == "电梯里写的"


def test_a_novel_in_a_field_stays_and_is_refused_in_a_sentence(visit, live_server, customer) -> None:
    with visit("wang", PHONE) as page:
        page.set_default_timeout(60_000)  # the browser itself needs seconds to draw ten million characters
        page.goto(f"{live_server.url}/customers/{customer.pk}/note/")
        page.fill("[name=happened_on]", "2026-01-05")
        page.evaluate("""() => {
            const area = document.querySelector("textarea");
            area.value = "长".repeat(10_000_000);
            area.dispatchEvent(new Event("input", { bubbles: true }));
        }""")
        page.wait_for_selector(".y-too-long:has-text('最多')")
        page.click("main button[type=submit]")
        page.wait_for_timeout(300)
        assert page.evaluate("document.querySelector('textarea').value.length") == 10_000_000
        page.fill("textarea", "长话短说")
        page.wait_for_selector(".y-too-long", state="detached")
        page.click("main button[type=submit]")
        page.wait_for_selector(".y-toast:has-text('已记下')")
    assert CustomerNote.unscoped.get().text == "长话短说"


def test_back_after_a_submit_does_nothing_again(visit, live_server, customer) -> None:
    address = f"{live_server.url}/customers/{customer.pk}/note/"
    with visit("wang") as page:
        page.goto(address)
        page.fill("[name=happened_on]", "2026-01-05")
        page.fill("textarea", "一次就好")
        page.dblclick("main button[type=submit]")
        page.wait_for_selector(".y-toast:has-text('已记下')")
        page.go_back()
        page.wait_for_url(address)
        page.reload()
        page.go_forward()
        page.wait_for_url("**/customers/*/**")
    assert CustomerNote.unscoped.count() == 1


def test_strange_characters_are_text_and_stay_in_their_place(visit, live_server, customer) -> None:
    with visit("wang") as page:
        page.goto(f"{live_server.url}/customers/{customer.pk}/note/")
        page.fill("[name=happened_on]", "2026-01-05")
        page.fill("textarea", STRANGE)
        page.click("main button[type=submit]")
        page.wait_for_selector(".y-toast:has-text('已记下')")
        page.goto(f"{live_server.url}/customers/{customer.pk}/?tab=2")
        shown = page.inner_text(".y-notes")
        assert "👨‍👩‍👧‍👦" in shown and "مرحبا" in shown
        assert not set("\u202e\u0007") & set(shown)


def test_two_tabs_rename_one_department(visit, firm, live_server) -> None:
    from yinuo.identity.commands import create_staff

    with acting_as(firm.system):
        create_staff(
            username="chief", name="管", password=PASSWORD, unit_id=firm.units["hq"].pk, role_codes=["administrator"]
        )
    address = f"{live_server.url}/settings/units/{firm.units['store'].pk}/"
    with visit("chief") as page:
        page.goto(address)
        other = page.context.new_page()
        other.goto(address)
        other.fill("[name=name]", "仓储中心")
        other.click("main button[type=submit]")
        other.wait_for_selector(".y-toast")
        page.fill("[name=name]", "物流部")
        page.click("main button[type=submit]")
        both = page.inner_text(".y-both")
        assert "物流部" in both and "仓储中心" in both
        assert Unit.objects.get(pk=firm.units["store"].pk).name == "仓储中心"
        page.dblclick("main button[type=submit]")
        page.wait_for_url("**/settings/units/")
    assert Unit.objects.get(pk=firm.units["store"].pk).name == "物流部"
