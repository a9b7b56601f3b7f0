"""What else people do around a complaint: sign by link, open two tabs, leave and come back, drive by keyboard."""

from datetime import timedelta

import pytest

from yinuo.approvals.models import Approval
from yinuo.complaints.models import Agreement, Complaint
from yinuo.complaints.tests.conftest import Walk
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.matters.commands import add_entry
from yinuo.promises.commands import make_personal_promise
from yinuo.web.tests.browser.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_customer_signs_on_a_phone(visit, firm, live_server) -> None:
    walk = Walk(firm).to("offered")
    address = f"{live_server.url}/complaints/{walk.id}/"
    with visit("wang") as page:
        page.goto(address)
        with page.expect_navigation():
            page.click("#now-offer-agreement button[type=submit]")
        link = page.get_attribute("[data-copy]:has-text('复制给客户的链接')", "data-copy")
    with visit("", PHONE) as page:
        page.goto(link)
        assert "300.00" in page.inner_text(".p-paper")
        page.fill("[name=name]", "陈建国")
        page.check("[name=agree]")
        canvas = page.locator("canvas")
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        page.mouse.move(box["x"] + 30, box["y"] + 60)
        page.mouse.down()
        for step in range(1, 9):
            page.mouse.move(box["x"] + 30 + step * 25, box["y"] + 60 + (step % 3 - 1) * 25)
        page.mouse.up()
        page.click("button[value=yes]")
        page.wait_for_selector("text=协议已确认")
    signed = Agreement.unscoped.get()
    assert signed.state == "confirmed" and signed.signature_id and signed.evidence["ip"]
    with visit("wang") as page:
        page.goto(address + "file/")
        assert page.locator("img.d-signature").evaluate("i => i.complete && i.naturalWidth > 0")
        assert signed.sha256 in page.inner_text(".d-hash")
    assert walk.row.stage == "executing"


def test_two_tabs_on_one_case(visit, firm, live_server) -> None:
    walk = Walk(firm).to("acknowledged")
    walk.assess()
    address = f"{live_server.url}/complaints/{walk.id}/"
    with visit("wang") as page:
        page.goto(address)
        page.click("[popovertarget=menu-1]")
        page.click("#menu-1 a:has-text('评审')")
        page.fill("#dialog [name=basis]", "我在这一页写的依据")
        walk.assess(basis="同事刚写的依据", severity="serious")
        page.click("#dialog button[type=submit]")
        both = page.wait_for_selector("#dialog .y-both")
        assert "我在这一页写的依据" in both.inner_text() and "同事刚写的依据" in both.inner_text()
        with page.expect_navigation():
            page.click("#dialog button[type=submit]")
    assert walk.row.basis == "我在这一页写的依据"


def test_leaving_the_form_loses_nothing(visit, firm, live_server) -> None:
    with visit("wang") as page:
        page.on("dialog", lambda asked: asked.accept())
        page.goto(f"{live_server.url}/complaints/register/")
        page.fill("#id_phone", "13812345678")
        page.fill("#id_content", "送货晚了三天，没有人通知")
        page.wait_for_selector(".y-draft-state:has-text('草稿已保存')")
        page.goto(f"{live_server.url}/complaints/")
        page.goto(f"{live_server.url}/complaints/register/")
        page.wait_for_selector(".y-draft-state:has-text('已恢复')")
        assert page.input_value("#id_content") == "送货晚了三天，没有人通知"
        page.wait_for_selector("#who input[name=customer_id]:checked")
        page.click(".d-register button[type=submit]")
        page.wait_for_selector("text=现在要做")
    assert Complaint.unscoped.get().content == "送货晚了三天，没有人通知"


def test_what_is_typed_into_a_filled_in_form_is_kept_for_that_customer(visit, firm, live_server) -> None:
    address = f"{live_server.url}/complaints/register/?customer={firm.customer.pk}"
    with visit("wang") as page:
        page.on("dialog", lambda asked: asked.accept())
        page.goto(address)
        page.fill("#id_content", "送货晚了三天，没有人通知")
        page.wait_for_selector(".y-draft-state:has-text('草稿已保存')")
        page.goto(f"{live_server.url}/complaints/register/")
        assert page.input_value("#id_content") == ""
        page.goto(address)
        page.wait_for_selector(".y-draft-state:has-text('已恢复')")
        assert page.input_value("#id_content") == "送货晚了三天，没有人通知"
        page.goto(f"{address}&content=客户刚刚又说了一遍")  # what the form is filled with is newer than the draft
        page.click(".y-draft-state button:has-text('恢复上次的内容')")
        assert page.input_value("#id_content") == "送货晚了三天，没有人通知"
        page.goto(f"{address}&content=客户刚刚又说了一遍")
        page.wait_for_selector(".y-draft-state:has-text('已经更新')")
        assert page.input_value("#id_content") == "客户刚刚又说了一遍"


def test_the_list_by_keyboard_and_the_promise_in_one_click(visit, firm, live_server) -> None:
    first = Walk(firm, content="第一件：漏油").to("investigating")
    second = Walk(firm, content="第二件：少发一桶").to("investigating")
    with visit("wang") as page:
        page.goto(f"{live_server.url}/complaints/")
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("k")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/complaints/{first.id}/")
        page.click("summary:has-text('答复客户')")
        page.fill("#reply_text", "三天内一定给您解决")
        page.click(".y-coach-better button")
        assert "三天内" not in page.input_value("#reply_text")
        page.fill("#reply_text", "正在核对单据，还没有结果。明天下午五点前给您回电。")
        with page.expect_navigation():
            page.click("#say-reply button[type=submit]")
        page.click("[data-spoken] button:has-text('记为承诺')")
        page.wait_for_selector("[data-spoken]:not(:has(button))", state="attached")
        page.reload()
        assert "回电" in page.inner_text(".d-promises")
        page.click(".d-promise:has-text('回电') .d-promise-more")
        page.click("a:visible:has-text('已履行')")
        page.fill("#dialog [name=text]", "已电话告知")
        with page.expect_navigation():
            page.click("#dialog button[type=submit]")
        page.goto(f"{live_server.url}/complaints/?q=少发")
        assert page.locator("[data-href]").count() == 1
        page.goto(f"{live_server.url}/complaints/board/")
        page.click(f"a[href='/complaints/{second.id}/']")
        page.wait_for_selector("text=少发一桶")


def test_what_to_do_now_comes_first_on_a_phone(visit, firm, live_server) -> None:
    """Under the head, before what was said and done; what helps comes last."""
    tops = "(ids) => ids.map((id) => document.querySelector(id).getBoundingClientRect().top + scrollY)"
    walk = Walk(firm)
    with visit("wang", PHONE) as page:
        for stage in ("received", "investigating", "proposing", "offered", "executing"):
            page.goto(f"{live_server.url}/complaints/{walk.to(stage).id}/")
            now, said, story, helps = page.evaluate(tops, ["#case-now", ".d-story", "#case-story", "#case-helps"])
            assert now < 500, (stage, now)
            assert now < said < story < helps, stage


def test_a_leader_decides_on_a_phone_and_may_hand_over(visit, firm, live_server) -> None:
    """The decision stays at hand while one reads; handing over comes after it and lies on nothing."""
    walk = Walk(firm).to("approving")
    with acting_as(Actor.system("promises")):
        add_entry(matter=walk.row.matter, kind="note", text="承诺按时履行")
    asked = Approval.unscoped.get(matter_id=walk.id)
    place = "e => { const r = e.getBoundingClientRect(); return [r.top, r.bottom] }"
    with visit("sun", PHONE) as page:
        page.goto(f"{live_server.url}/approvals/{asked.pk}/")
        assert page.locator(".d-decide").evaluate(place)[1] < PHONE[1], "seen at once"
        assert page.locator("a:has-text('转交给别人审批')").evaluate(place)[0] > PHONE[1], "not over what one reads"
        page.evaluate("scrollTo(0, 1e6)")
        sheet, over = (page.locator(s).evaluate(place) for s in (".d-decide", "a:has-text('转交给别人审批')"))
        assert sheet[1] <= over[0] and over[1] < PHONE[1]
        names = page.locator(".d-plain b").all_inner_texts()
        assert "系统" in names and not any(name.isascii() for name in names)


def test_what_to_do_about_a_promise_comes_first_on_a_phone(visit, firm, live_server) -> None:
    walk = Walk(firm)
    with acting_as(firm.wang):
        due = clock.now() + timedelta(hours=3)
        made = make_personal_promise(matter_id=walk.id, title="下午回电", due_at=due)
    with visit("wang", PHONE) as page:
        page.goto(f"{live_server.url}/promises/{made.pk}/")
        top = page.locator(".p-now").bounding_box()["y"]
        assert top < 250 and top < page.locator(".p-why").bounding_box()["y"]
