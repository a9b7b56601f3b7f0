"""Beside the editor: the way follows the choice; what waits is on the story at once; a text message is counted."""

import pytest

from yinuo.channels.email.commands.mailboxes import save_mailbox
from yinuo.complaints.tests.conftest import Walk
from yinuo.conversations.models import HeldMessage
from yinuo.kernel.actor import acting_as

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MANY = [  # words, how long they are, how many messages, how much each holds
    ("", 0, 0, 160), ("a" * 160, 160, 1, 160), ("a" * 161, 161, 2, 153), ("a" * 307, 307, 3, 153),
    ("€" * 80, 160, 1, 160), ("a" * 152 + "€" + "a" * 8, 162, 2, 153), ("您" * 70, 70, 1, 70), ("您" * 71, 71, 2, 67),
    ("您" * 134, 134, 2, 67), ("您" * 135, 135, 3, 67), ("您" * 66 + "😀" + "您" * 66, 134, 3, 67), ("a" * 70 + "您", 71, 2, 67),
]  # fmt: skip


def test_a_text_message_is_counted_while_it_is_written(visit, firm, live_server) -> None:
    with visit("wang") as page:
        page.goto(f"{live_server.url}/knowledge/templates/new/")
        found = "async (src, words) => Object.values((await import(src)).measured(words))"
        src = page.eval_on_selector("script[src*='app.js']", "e => e.src").replace("app.js", "sms.js")
        for words, *expected in MANY:
            assert page.evaluate(f"([src, words]) => ({found})(src, words)", [src, words]) == expected, words[:3]
        assert not page.is_visible(".y-sms")
        page.fill("[name=text]", "您" * 71)
        page.select_option("[name=channel]", "sms")
        assert page.inner_text(".y-sms") == "71 个字符 · 按 2 条短信发送 · 每条最多 67 个"
        page.fill("[name=text]", "{客户称呼}您好")
        assert "按 1 条短信发送" in page.inner_text(".y-sms") and "变量" in page.inner_text(".y-sms")
        page.select_option("[name=channel]", "email")
        assert not page.is_visible(".y-sms")


def test_the_way_follows_the_choice_and_what_waits_is_on_the_story(visit, firm, live_server) -> None:
    case = Walk(firm)
    with acting_as(firm.system):
        save_mailbox(
            name="客服", address="kf@yinuo.cn", unit_id=firm.units["desk"].pk, smtp_host="127.0.0.1", smtp_port=9,
            smtp_security="none",
        )  # fmt: skip
    with visit("wang") as page:
        page.goto(f"{live_server.url}/complaints/{case.id}/")
        page.click("summary:has-text('答复客户')")
        page.wait_for_selector("#say-reply .y-way:has-text('不能从这里发出')")
        page.click("#say-reply label:has-text('发邮件')")
        page.wait_for_selector("#say-reply .y-way:has-text('将发往 c***n@example.cn')")
        page.fill("#say-reply textarea", "检测报告已出")
        page.click("#say-reply .y-later > summary")
        page.click("#say-reply button:has-text('定时发送')")
        held = "#case-story .y-entry[data-kind=held]"
        page.wait_for_selector(f"{held}:has-text('检测报告已出')")
        assert "待发送" in page.inner_text(held) and "发出" in page.inner_text(held)
        assert page.is_visible("#case-held .y-held:has-text('检测报告已出')")
        page.click(f"{held} a:has-text('改时间或撤回')")
        page.wait_for_url("**/outbox/")
        page.click("main button:has-text('撤回修改')")
        page.wait_for_url(f"**/complaints/{case.id}/**")
        page.wait_for_selector("#say-reply textarea")
        assert page.input_value("#say-reply textarea") == "检测报告已出"
        assert page.locator(held).count() == 0
    assert HeldMessage.unscoped.get().state == "recalled"
