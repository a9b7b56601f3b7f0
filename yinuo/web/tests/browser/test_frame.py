"""What every page promises a person: keys, search, drafts, errors kept, files, the drawer, the phone."""

import pytest

from yinuo.complaints.tests.conftest import Walk
from yinuo.conversations.models import Attachment, Interaction
from yinuo.customers.commands import create_customer
from yinuo.customers.models import CustomerNote
from yinuo.kernel.actor import Actor, acting_as
from yinuo.matters.models import Draft
from yinuo.web.tests.browser.conftest import PASSWORD, PHONE
from yinuo.web.tests.browser.test_complaint_journey import PICTURE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def customer(firm):
    with acting_as(Actor.system("test")):
        return create_customer(
            kind="person", name="欧阳小倩", identities=[("phone", "13877778888")], verified_how="agent"
        )


FOCUS = """(wanted) => { const e = document.activeElement, r = e.getBoundingClientRect();
  const at = [[r.left + r.width / 2, r.top + r.height / 2], [r.left + 3, r.top + 3], [r.right - 3, r.bottom - 3]];
  const seen = at.some(([x, y]) => { const top = document.elementFromPoint(x, y); return top && (e.contains(top) || top.contains(e) || top.closest("label")?.control === e); });
  return [e.matches(wanted), seen ? "" : e.outerHTML.slice(0, 120)]; }"""


def tab_to(page, wanted: str, most: int = 120) -> None:
    """Go there by Tab alone; on the way every place with the focus can be seen."""
    for _step in range(most):
        page.keyboard.press("Tab")
        there, hidden = page.evaluate(FOCUS, wanted)
        assert not hidden, f"has the focus and is covered: {hidden}"
        if there:
            return
    raise AssertionError(f"{wanted} is not reached by Tab")


def test_a_day_by_keys_alone(visit, live_server, customer, firm) -> None:
    """In by the login page, a customer found, a complaint taken one step further, out again."""
    case = Walk(firm)
    with visit("") as page:
        page.goto(f"{live_server.url}/login/")
        page.keyboard.type("wang")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector(".y-rail")
        page.keyboard.press("/")
        page.keyboard.type("oyxq")
        page.wait_for_selector("#search-results a:has-text('欧阳小倩')")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/customers/{customer.pk}/")
        page.goto(f"{live_server.url}/customers/")
        page.keyboard.press("j")
        page.wait_for_selector("tr.is-at")
        page.keyboard.press("Enter")
        page.wait_for_url("**/customers/*/")

        page.goto(live_server.url)
        tab_to(page, ".y-skip")
        page.keyboard.press("Enter")
        tab_to(page, f"main a.title[href*='/{case.id}/']")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/complaints/{case.id}/**")
        tab_to(page, "#now-acknowledge button[type=submit]")
        page.keyboard.press("Enter")
        page.wait_for_selector("#now-assess")
        tab_to(page, ".y-who")
        page.keyboard.press("Enter")
        tab_to(page, "#who-menu form[action='/logout/'] button")
        page.keyboard.press("Enter")
        page.wait_for_url("**/login/**")


def test_a_draft_survives_leaving_and_ends_with_the_submit(visit, live_server, customer) -> None:
    address = f"{live_server.url}/customers/{customer.pk}/note/"
    with visit("wang") as page:
        page.goto(address)
        page.fill("textarea", "约定下周二上门")
        page.wait_for_selector(".y-draft-state:has-text('草稿已保存')")
        page.once("dialog", lambda dialog: dialog.accept())  # leaving with changes asks first
        page.goto(f"{live_server.url}/customers/")
        page.goto(address)
        page.wait_for_selector(".y-draft-state:has-text('已恢复')")
        assert page.input_value("textarea") == "约定下周二上门"
        page.fill("[name=happened_on]", "")
        page.click("main button[type=submit]")
        page.wait_for_selector(".is-wrong:has-text('请填写发生日期')")
        assert page.input_value("textarea") == "约定下周二上门"
        page.fill("[name=happened_on]", "2026-01-05")
        page.dblclick("main button[type=submit]")  # an impatient hand
        page.wait_for_selector(".y-toast:has-text('已记下')")
    assert CustomerNote.unscoped.count() == 1
    assert Draft.unscoped.count() == 0


def test_a_masked_number_is_shown_after_a_reason_and_gone_after_closing(visit, live_server, customer) -> None:
    with visit("wang") as page:
        page.goto(f"{live_server.url}/customers/{customer.pk}/")
        assert "13877778888" not in page.content()
        page.click("[aria-label=查看明文] >> nth=0")
        page.fill("#dialog [name=reason]", "客户来电核实")
        page.click("#dialog button[type=submit]")
        page.wait_for_selector("#dialog .y-revealed:has-text('13877778888')")
        page.keyboard.press("Escape")
        page.wait_for_function("!document.getElementById('dialog').open")
        page.wait_for_function("!document.body.innerHTML.includes('13877778888')")


def test_a_call_with_a_photo_on_a_phone(visit, live_server, customer) -> None:
    with visit("wang", PHONE) as page:
        page.goto(f"{live_server.url}/inbox/register/?customer={customer.pk}")
        page.fill("textarea", "来电说桶漏了")
        page.set_input_files("input[capture]", {"name": "桶.png", "mimeType": "image/png", "buffer": PICTURE})
        page.wait_for_selector(".y-file-list li[data-id]")
        page.click("main button[type=submit]")
        page.wait_for_selector(".y-toast:has-text('已登记')")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        shown = "i => { i.scrollIntoView(); return i.decode().then(() => i.naturalWidth) }"
        assert page.locator(".y-attached img").evaluate(shown) == 1
    assert Attachment.unscoped.get().interaction_id == Interaction.unscoped.get().pk


def test_dark_stays(visit, live_server, firm) -> None:
    with visit("wang") as page:
        page.goto(live_server.url)
        page.click(".y-who")
        page.click("button:has-text('深色界面')")
        page.wait_for_selector("html[data-bs-theme=dark]")
        page.goto(f"{live_server.url}/tasks/")
        assert page.get_attribute("html", "data-bs-theme") == "dark"
