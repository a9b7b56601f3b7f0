"""What one person does appears in the other's open page by itself, and never under the hands of somebody who types."""

import time
from datetime import timedelta

import pytest

from yinuo.approvals.commands import withdraw_approval
from yinuo.approvals.models import Approval, ApprovalStep
from yinuo.complaints.commands import record_finding
from yinuo.complaints.tests.conftest import Walk
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.live.tests.conftest import gateway as gateway
from yinuo.matters.commands import add_note, assign_matter, complete_task, create_task
from yinuo.promises.commands import make_personal_promise

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SOON = (
    5_000  # milliseconds; alone it takes half a second, after another change two, and the machine of a test run is busy
)


@pytest.fixture
def watch(visit, gateway, settings):
    """`with watch("wang", "/complaints/") as page:` an open page that listens; its fetches are counted."""
    settings.LIVE_URL = gateway.url

    class Watching:
        def __init__(self, who, address):
            self.who, self.address = who, address

        def __enter__(self):
            self.context = visit(self.who)
            page = self.context.__enter__()
            page.goto(settings.PUBLIC_URL + self.address)
            page.wait_for_selector("body[data-listening]")
            page.evaluate("window.stayed = true")
            page.fetched = []
            page.on("request", lambda asked: asked.headers.get("hx-request") and page.fetched.append(asked.url))
            return page

        def __exit__(self, *wrong):
            self.context.__exit__(*wrong)

    return Watching


def appears(page, selector) -> None:
    page.wait_for_selector(selector, timeout=SOON)
    assert page.evaluate("window.stayed"), "without loading the page again"


def test_one_registers_and_the_other_sees_it_in_the_list(visit, watch, firm, live_server) -> None:
    with watch("sun", "/complaints/") as page, visit("wang") as other:
        assert page.locator(".y-empty").count() == 1
        other.goto(f"{live_server.url}/complaints/register/")
        other.fill("#id_phone", "13812345678")
        other.fill("#id_name", "陈建国")
        other.fill("#id_content", "机油用了一周发动机异响")
        other.click(".d-register button[type=submit]")
        appears(page, "[data-href]:has-text('发动机异响')")
        assert "共 1 条" in page.inner_text(".y-total")
        assert page.locator(".y-app .y-app").count() == 0, "a part, not a page within the page"


def test_the_board_moves_its_cards(watch, firm) -> None:
    walk = Walk(firm)
    with watch("sun", "/complaints/board/") as page:
        appears(page, ".d-lane[aria-label=受理] .d-ticket")
        walk.to("acknowledged")
        appears(page, ".d-lane[aria-label=告知] .d-ticket")
        assert page.locator(".d-lane[aria-label=受理] .d-ticket").count() == 0


def test_a_request_comes_to_the_approver_and_goes_again(watch, firm) -> None:
    walk = Walk(firm).to("proposing")
    with watch("sun", "/approvals/") as page:
        walk.to("approving")
        assert ApprovalStep.unscoped.get(state="pending", seq=1).staff.username == "sun"
        appears(page, "tr[data-href^='/approvals/']")
        assert page.inner_text(".y-tabs [aria-current] .y-count") == "1"
        with acting_as(firm.wang):
            withdraw_approval(approval_id=Approval.unscoped.get().pk)
        appears(page, ".y-empty")


def test_tasks_come_to_the_department_and_leave_when_a_colleague_is_done(watch, firm) -> None:
    walk = Walk(firm).to("investigating")
    with watch("cang", "/tasks/") as page:
        with acting_as(firm.wang):
            task = create_task(matter_id=walk.id, title="清点退回的油桶", unit_id=firm.units["store"].pk)
        appears(page, "tr:has-text('清点退回的油桶')")
        with acting_as(firm.cang):
            complete_task(task_id=task.pk, result="共 12 桶")
        appears(page, ".y-empty")


def test_the_case_shows_stage_owner_and_what_to_do_now(visit, watch, firm, live_server) -> None:
    walk = Walk(firm).to("acknowledged")
    with watch("sun", f"/complaints/{walk.id}/") as page, visit("wang") as other:
        assert "王芳" in page.inner_text(".d-head-line")
        other.goto(f"{live_server.url}/complaints/{walk.id}/")
        other.evaluate("window.stayed = true")
        walk.assess(severity="serious")
        appears(page, ".y-steps [data-state=now]:has-text('初步评审')")
        appears(page, "#now-start-investigation")
        appears(page, ".d-head-line .y-badge:has-text('严重')")
        with acting_as(firm.wang):
            make_personal_promise(matter_id=walk.id, title="下午回电", due_at=clock.now() + timedelta(hours=3))
        appears(page, ".d-promises .y-chip:has-text('下午回电')")
        assert "判断：成立" in page.inner_text("#case-story")
        with acting_as(firm.sun):
            version = walk.row.matter.version
            assign_matter(matter_id=walk.id, owner_id=firm.staff["li"].pk, reason="休假", expected_version=version)
        appears(other, ".d-head-line:has-text('李雷')")
        assert len(set(page.fetched)) == 1, "one request brings every part"


def test_nothing_is_taken_from_under_a_typing_hand(watch, firm) -> None:
    walk = Walk(firm).to("investigating")
    with watch("wang", f"/complaints/{walk.id}/") as page:
        reason = page.locator("#now-draft-proposal [name=reason]")
        reason.fill("装车时叉车碰撞")
        page.wait_for_timeout(1000)
        assert page.locator(".y-fresh").count() == 0, "what came before the page is no news"
        with acting_as(firm.li):
            add_note(matter_id=walk.id, text="客户又来过电话")
            record_finding(complaint_id=walk.id, facts="客户现场已复核")
        appears(page, "#case-story :text('客户又来过电话')")
        appears(page, "#case-now .y-fresh")
        assert reason.input_value() == "装车时叉车碰撞"
        reason.press_sequentially("，桶盖松动")
        assert reason.input_value() == "装车时叉车碰撞，桶盖松动"


def test_a_storm_is_one_request(watch, firm) -> None:
    walk = Walk(firm).to("investigating")
    with watch("sun", f"/complaints/{walk.id}/") as page:
        began = time.monotonic()
        for n in range(12):
            with acting_as(firm.wang):
                add_note(matter_id=walk.id, text=f"第 {n} 次记录")
        appears(page, "#case-story :text('第 11 次记录')")
        passed = time.monotonic() - began
        asked = [url for url in page.fetched if "/live/" in url]
        assert 1 <= len(asked) <= 2 + passed / 2
