"""The bell in several tabs of one person, and a page that was asleep."""

import pytest

from yinuo.complaints.tests.conftest import Walk
from yinuo.kernel.actor import acting_as
from yinuo.live.tests.conftest import gateway as gateway
from yinuo.matters.commands import create_task

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FAKE = """
window.Notification = class {
  static permission = "granted";
  constructor(title, options) { localStorage.setItem("popped", (localStorage.getItem("popped") || "") + title + "\\n"); }
};
HTMLMediaElement.prototype.play = async () => { localStorage.setItem("rang", Number(localStorage.getItem("rang") || 0) + 1); };
"""


def counts(page, many: int) -> None:
    page.wait_for_selector(f"#bell-count:text-is('{many}')")
    assert page.title().startswith(f"({many}) ")


def test_one_notice_in_two_tabs_and_none_missed_after_sleep(visit, gateway, firm, settings) -> None:
    settings.LIVE_URL = gateway.url
    walk = Walk(firm).to("investigating")
    ask = {"matter_id": walk.id, "assignee_id": firm.staff["cang"].pk}
    with visit("cang") as one, visit("cang") as two:
        for tab in (one, two):
            tab.add_init_script(FAKE)
            tab.clock.install()
            tab.goto(settings.PUBLIC_URL + "/notifications/settings/")
            tab.wait_for_selector("body[data-listening]")
        with acting_as(firm.wang):
            create_task(title="清点退回的油桶", **ask)
        counts(one, 1)
        counts(two, 1)
        with acting_as(firm.wang):
            create_task(title="查出库单", **ask)
        counts(one, 2)
        counts(two, 2)
        assert one.evaluate("[localStorage.popped, localStorage.rang]") == ["清点退回的油桶\n", "1"]
        with two.expect_request(lambda asked: "last_event_id=" in asked.url):
            two.clock.fast_forward("01:00:00")  # an hour with a closed lid
        two.wait_for_selector("body[data-listening]")
        with acting_as(firm.wang):
            create_task(title="补一张照片", **ask)
        counts(two, 3)
        two.goto(settings.PUBLIC_URL + "/notifications/")
        one.wait_for_selector("#bell-count", state="hidden")
        assert not one.title().startswith("(")
