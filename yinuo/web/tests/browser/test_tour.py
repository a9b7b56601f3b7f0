"""The introduction: once by itself, over one's own pages, by keys alone; and again from the help."""

import pytest

from yinuo.complaints.tests.conftest import Walk
from yinuo.identity.models import Staff
from yinuo.kernel.actor import acting_as
from yinuo.kernel.command import permit_writes
from yinuo.promises.commands import load_pack
from yinuo.web.tests.browser.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def step(page, number: int) -> None:
    page.wait_for_selector(f".y-tour[open] .y-tour-count:has-text('第 {number} 步，共 5 步')")
    assert page.evaluate("document.activeElement.id") == "tour-title", "read anew, and the keys stay in the dialog"


def test_the_tour_by_keys_alone(visit, firm, live_server) -> None:
    with acting_as(firm.system):
        load_pack(name="common")
    case = Walk(firm)
    with visit("wang") as page, permit_writes("test"):
        Staff.objects.filter(username="wang").update(toured_at=None)
        page.goto(live_server.url)
        step(page, 1)
        assert page.get_attribute(".y-tour", "aria-labelledby") == "tour-title"
        page.keyboard.press("ArrowRight")
        step(page, 2)
        page.keyboard.press("ArrowRight")
        page.wait_for_url(f"**/complaints/{case.id}/")
        step(page, 3)
        page.keyboard.press("ArrowLeft")
        page.wait_for_url(live_server.url + "/")
        step(page, 2)
        page.keyboard.press("ArrowRight")
        step(page, 3)
        for number in (4, 5):
            page.keyboard.press("ArrowRight")
            step(page, number)
        with page.expect_response("**/tour/seen/"):
            page.keyboard.press("Escape")
        page.goto(live_server.url)
        page.keyboard.press("?")
        assert page.locator(".y-tour[open]").count() == 0
        page.click("dialog[open] [data-tour-start]")
        step(page, 1)
    with visit("li", PHONE) as phone, permit_writes("test"):
        Staff.objects.filter(username="li").update(toured_at=None)
        phone.goto(live_server.url)
        step(phone, 1)
        for number in range(2, 6):
            phone.click(".y-tour .btn-primary")
            step(phone, number)
        with phone.expect_response("**/tour/seen/"):
            phone.click(".y-tour .btn-primary")
        phone.wait_for_selector(".y-tour", state="hidden")
        assert Staff.objects.get(username="li").toured_at
