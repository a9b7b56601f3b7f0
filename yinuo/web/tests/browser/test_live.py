"""What one person does appears in the other's open page by itself, and never under the hands of somebody who types."""

import time
from datetime import timedelta

import pytest

from yinuo.approvals.commands import withdraw_approval
from yinuo.approvals.models import Approval, ApprovalStep
from yinuo.complaints.commands import record_finding
from yinuo.complaints.tests.conftest import Walk
from yinuo.conversations.commands import add_interaction, open_conversation
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.live.tests.conftest import gateway as gateway
from yinuo.matters.commands import add_note, assign_matter, complete_task, create_task, open_matter
from yinuo.matters.plain import finish_matter
from yinuo.promises.commands import keep_promise, load_pack, make_personal_promise

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


@pytest.mark.parametrize("who", ("sun", "zhao", "qian"))
def test_a_registration_comes_to_the_promise_board_of_everyone_who_sees_it(who, watch, firm) -> None:
    """Its supervisor, whose desk it is; who looks after the company above it; the leader, who sees everything."""
    with acting_as(firm.system):
        load_pack(name="common")
    with watch(who, "/promises/") as page:
        assert page.locator(".y-empty").count() == 1
        walk = Walk(firm)
        appears(page, f"[data-href]:has-text('{walk.row.matter.number}')")
        values = page.locator(".y-stat:has-text('今天到期'), .y-stat:has-text('七天内')").locator(".y-stat-value")
        assert any(int(value) for value in values.all_inner_texts())
        assert page.locator(".y-app .y-app").count() == 0


def test_what_everybody_hears_is_asked_for_now_and_then_and_shows_only_ones_own(watch, firm) -> None:
    with watch("cang", "/promises/") as page:
        for n in range(8):
            with acting_as(firm.wang):
                due = clock.now() + timedelta(hours=3)
                make_personal_promise(customer_id=firm.customer.pk, title=f"第 {n} 次回电", due_at=due)
        page.wait_for_timeout(2500)
        assert len(page.fetched) == 1
        assert page.locator(".y-empty").count() == 1 and page.locator(":text('回电')").count() == 0


def test_a_matter_of_each_kind_comes_to_the_list_of_matters(watch, firm) -> None:
    with watch("sun", "/matters/") as page:
        walk = Walk(firm)
        appears(page, f"[data-href]:has-text('{walk.row.matter.number}')")
        with acting_as(firm.system):
            desk = {"owner_id": firm.staff["wang"].pk, "unit_id": firm.units["desk"].pk}
            asked = open_matter(kind="enquiry", title="油品适用温度", customer=firm.customer, state="open", **desk)
        appears(page, "[data-href]:has-text('油品适用温度')")
        assert "共 2 条" in page.inner_text(".y-total")
        with acting_as(firm.wang):
            finish_matter(matter_id=asked.pk, result="已答复", expected_version=asked.version)
        appears(page, ".y-total:has-text('共 1 条')")


def test_what_stands_beside_my_day_comes_by_itself(watch, firm) -> None:
    walk = Walk(firm).to("proposing")
    with watch("sun", "/") as page:
        assert page.locator("aside h2:has-text('等我审批')").count() == 0
        walk.to("approving")
        appears(page, f"aside .y-card:has-text('等我审批') a:has-text('{walk.row.matter.number}')")
        with acting_as(firm.system):
            thread = open_conversation(
                channel="email", customer_id=firm.customer.pk, subject="请回电", unit_id=firm.units["desk"].pk
            )
            add_interaction(conversation=thread, direction="in", text="请回电", author_name="陈建国")
        appears(page, "aside .y-card:has-text('等回复') a:has-text('请回电')")
        walk.to("callback")
        appears(page, "aside .y-card:has-text('回访与拜访') a:has-text('陈建国')")
        with acting_as(firm.sun):
            due = clock.now() + timedelta(seconds=3)
            made = make_personal_promise(matter_id=walk.id, title="今天回话", due_at=due)
        appears(page, "#day-owed :text('今天回话')")
        assert "1 件" in page.inner_text("#day-head"), "the number above the list is that of the list"
        page.wait_for_timeout(3000)
        with acting_as(firm.sun):
            keep_promise(promise_id=made.pk, text="已回话")
        appears(page, "aside .y-rate strong")


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


def test_two_at_one_case_see_each_other(watch, visit, firm, live_server) -> None:
    case = Walk(firm)
    with watch("wang", f"/complaints/{case.id}/") as mine:
        assert not mine.is_visible("[data-here]")
        with watch("li", f"/complaints/{case.id}/") as theirs:
            appears(mine, "[data-here]:has-text('李雷 也在看这一页')")
            appears(theirs, "[data-here]:has-text('王芳 也在看这一页')")
            theirs.goto(f"{live_server.url}/help/")
            mine.wait_for_selector("[data-here]", state="hidden", timeout=SOON)
