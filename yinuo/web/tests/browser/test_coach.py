"""Writing to a customer: underlined, replaced at a touch, sent, and taken back while it can be."""

from datetime import timedelta

import pytest

from yinuo.complaints.tests.conftest import Walk
from yinuo.conversations.holding import send_held
from yinuo.conversations.models import HeldMessage, Interaction
from yinuo.kernel.actor import Actor

pytestmark = pytest.mark.browser


def test_underline_replacement_and_second_thoughts(visit, firm, live_server, settings) -> None:
    settings.SEND_HOLD_SECONDS = 60
    case = Walk(firm).to("investigating")
    with visit("wang") as page:
        page.goto(f"{live_server.url}/complaints/{case.id}/")
        page.click("summary:has-text('答复客户')")
        area = page.locator("#reply_text")
        area.fill("您好，三天内给您解决。\n" + "正在核实，没有结果也会告诉您。" * 40)
        mark = page.locator("#say-reply .y-coach-under mark")
        mark.wait_for(state="attached")
        assert mark.inner_text() == "三天内给您解决" and mark.get_attribute("data-level") == "block"
        size = len(area.input_value())
        assert int(area.get_attribute("data-work")) < 4 * size, "each character is looked at about once"
        print(  # noqa: T201
            "coach:",
            area.get_attribute("data-ms"),
            "ms for",
            size,
            "characters and",
            area.get_attribute("data-rules"),
            "rules",
        )
        assert "1 处" in page.locator("#reply_text-coach").inner_text(), "and it is said to those who cannot see it"
        area.evaluate("a => { a.scrollTop = 0; }")
        a, b = area.bounding_box(), mark.bounding_box()
        assert a["x"] < b["x"] < a["x"] + 120 and a["y"] <= b["y"] < a["y"] + 20, "drawn where the words stand"
        twin = page.locator("#say-reply .y-coach-under > div")
        for at, words, marks in (
            (0, "没办法了。", ["没办法了。", "三天内给您解决"]),
            (7, "张女士", ["没办法了。", "三天内给您解决"]),
            (3, "好", ["三天内给您解决"]),
        ):  # only what changed is drawn anew; the rest must stay where its words are
            area.evaluate("(a, at) => { a.focus(); a.setSelectionRange(at, at); }", at)
            page.keyboard.insert_text(words)
            page.wait_for_function(
                "a => a.value === document.querySelector('#say-reply .y-coach-under > div').textContent.slice(0, -1)",
                arg=area.element_handle(),
            )
            assert mark.all_inner_texts() == marks and twin.text_content() == area.input_value() + "\n"
        area.focus()
        page.keyboard.press("Alt+Enter")
        page.wait_for_selector("#say-reply .y-coach-under mark", state="detached")
        assert "三天内" not in area.input_value() and "没有结果也会告诉您" in area.input_value()
        with page.expect_navigation():
            page.keyboard.press("Control+Enter")
        assert not Interaction.unscoped.filter(direction="out", text__contains="没有结果也会告诉您。正在").exists()
        with page.expect_navigation():
            page.click(".y-toast button:has-text('撤回')")
        page.wait_for_selector("#reply_text", state="visible")
        assert "没有结果也会告诉您" in page.input_value("#reply_text")
        row = HeldMessage.unscoped.get()
        sent = send_held(hold_id=row.pk, by=Actor.system("test"), at=row.due_at + timedelta(seconds=1))
        assert sent.state == "recalled"
