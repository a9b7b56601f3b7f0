"""Ctrl K: whatever one may do or open, by a few letters and without a mouse."""

import pytest

from yinuo.complaints.tests.conftest import Walk
from yinuo.customers.commands import create_customer
from yinuo.kernel.actor import acting_as

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LINES = ".y-palette [role=option]"


def test_a_page_a_customer_and_a_step_by_keys_alone(visit, firm, live_server) -> None:
    case = Walk(firm)
    with acting_as(firm.wang):
        create_customer(kind="person", name="丁雪")
    with visit("wang") as page:
        page.goto(live_server.url)
        page.keyboard.press("Control+k")
        page.wait_for_selector(f"{LINES}:has-text('收件箱')")
        page.keyboard.type("djts")
        page.wait_for_selector(f"{LINES}[aria-selected=true]:has-text('登记投诉')")
        page.keyboard.press("Enter")
        page.wait_for_url("**/complaints/register/")

        page.keyboard.press("Control+k")
        page.keyboard.type("dx")  # 丁雪; the same letters are scattered over 登记来电、来访、来信
        page.wait_for_selector(f"{LINES}:has-text('来信')")
        page.wait_for_selector(f"{LINES}[aria-selected=true]:has-text('丁雪')")
        page.keyboard.press("Control+a")
        page.keyboard.type("cjg")  # 陈建国
        page.wait_for_selector(f"{LINES}:has-text('陈建国')")
        page.keyboard.type("zzzz")
        page.wait_for_selector(".y-palette-none")
        page.keyboard.press("Escape")
        page.wait_for_selector(".y-palette", state="hidden")

        page.goto(f"{live_server.url}/complaints/{case.id}/")
        page.keyboard.press("Control+k")
        page.wait_for_selector(f"{LINES}:has-text('前往') , {LINES}:has-text('收件箱')")
        page.keyboard.type(case.row.matter.number)
        page.wait_for_selector(f"{LINES} small:has-text('{case.row.matter.number}')")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/*{case.id}/")


def test_what_the_page_offers_stands_first_and_is_done(visit, firm, live_server) -> None:
    with visit("wang") as page:
        page.goto(f"{live_server.url}/customers/")
        page.keyboard.press("Control+k")
        first = page.wait_for_selector(LINES)
        assert page.inner_text(".y-palette-group >> nth=0") == "这一页上"
        label = first.inner_text().strip()
        page.keyboard.press("Enter")  # too early: nothing was typed or chosen
        assert page.is_visible(".y-palette")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        page.wait_for_selector(".y-palette", state="hidden")
        assert label


def test_nobody_is_offered_what_they_may_not_open(client_of) -> None:
    def urls(who: str) -> set[str]:
        return {action["url"] for action in client_of(who).get("/palette/").json()["actions"]}

    assert "/settings/" not in urls("cang") and "/complaints/register/" not in urls("cang")
    assert {"/inbox/", "/complaints/register/"} <= urls("wang")
    for who in ("wang", "cang", "qian"):
        for url in urls(who):
            assert client_of(who).get(url).status_code == 200, (who, url)
