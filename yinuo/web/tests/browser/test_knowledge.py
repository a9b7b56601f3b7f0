"""One writes, another lets it pass, and it goes out in an answer; a template by a few letters, without the mouse."""

import re

import pytest

from yinuo.complaints.tests.conftest import Walk
from yinuo.conversations.models import Interaction
from yinuo.kernel.actor import acting_as
from yinuo.knowledge.commands import create_template
from yinuo.knowledge.models import Article, ReplyTemplate

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_writing_to_the_customer(visit, firm, live_server) -> None:
    walk = Walk(firm, content="发动机渗漏，弄脏了车库").to("investigating")
    with acting_as(firm.sun):
        create_template(name="阶段答复", text="{客户称呼}您好，{待填：进展}。", stage="investigating", shared=True)
    base = live_server.url
    with visit("li") as page:
        page.goto(f"{base}/knowledge/new/")
        page.fill("[name=title]", "渗漏之后先做什么")
        page.fill("[name=body]", "请先停车。\n- 拍下漏点\n- 保留油桶")
        page.click("label:has-text('可以引用给客户')")
        page.click("main form[data-draft] button[type=submit]")
        page.wait_for_url(re.compile(r"/knowledge/\d+/$"))
        address = page.url
        page.click("button:has-text('送审')")
        page.wait_for_selector("text=等待审核")
    with visit("sun") as page:
        page.goto(address)
        page.click("a:has-text('审核通过并发布')")
        page.click("#drawer button[type=submit]")
        page.wait_for_selector("main .y-badge:has-text('已发布')")
    with visit("wang") as page:
        page.goto(f"{base}/complaints/{walk.id}/")
        page.click("summary:has-text('答复客户')")
        page.fill("#reply_text", "说明一下：\n")
        page.press("#reply_text", "Control+End")
        page.keyboard.press("/")
        page.wait_for_selector("#drawer [data-ready-find]:focus")
        page.keyboard.type("jddf")
        page.keyboard.press("Enter")
        page.wait_for_selector("[data-ready-preview] mark")
        page.keyboard.press("Enter")
        page.wait_for_function("document.getSelection().toString() === '{待填：进展}'")
        assert page.input_value("#reply_text") == "说明一下：\n陈建国您好，{待填：进展}。"
        page.click("#say-reply [data-answering]")
        page.click("#ready-articles a:has-text('渗漏之后先做什么')")
        page.click("[data-ready-preview] [data-insert-into]")
        page.wait_for_function("document.querySelector('#reply_text').value.includes('油桶')")
        assert "{待填：进展}。\n请先停车。" in page.input_value("#reply_text"), "an article is no filling for a blank"
        page.keyboard.press("Control+z")
        page.evaluate("(t => t.setSelectionRange(t.value.indexOf('{'), t.value.indexOf('}') + 1))(reply_text)")
        page.keyboard.type("正在检测")  # the first blank is selected
        page.keyboard.press("Control+End")
        page.keyboard.press("Enter")
        page.click("#say-reply [data-answering]")
        page.click("#ready-articles a:has-text('渗漏之后先做什么')")
        page.click("[data-ready-preview] [data-insert-into]")
        page.wait_for_function("document.querySelector('#reply_text').value.includes('油桶')")
        assert page.input_value("#reply_text").endswith("正在检测。\n请先停车。\n\n· 拍下漏点\n· 保留油桶")
        page.keyboard.press("Control+z")
        assert page.input_value("#reply_text").rstrip() == "说明一下：\n陈建国您好，正在检测。"
        page.keyboard.press("Control+Shift+z")
        page.wait_for_selector("text=已插入，发送前请核对")
        with page.expect_navigation():
            page.click("#say-reply button[type=submit]")
    said = Interaction.unscoped.filter(direction="out").latest("pk").text
    assert said == "说明一下：\n陈建国您好，正在检测。\n请先停车。\n\n· 拍下漏点\n· 保留油桶"
    assert (Article.unscoped.get().used, ReplyTemplate.unscoped.get().used) == (2, 1)
