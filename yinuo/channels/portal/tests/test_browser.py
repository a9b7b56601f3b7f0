"""The whole journey on a phone: complain with a photo, track, confirm, sign, rate. A real Chromium at 390 px."""

import os
import sys
import time
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from yinuo.channels.portal import links, proof
from yinuo.channels.portal.tests.conftest import Adopted
from yinuo.complaints.commands import offer_agreement, restate
from yinuo.complaints.models import Agreement, Callback, Complaint
from yinuo.complaints.tests.conftest import build
from yinuo.conversations.models import Attachment
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.matters.models import Matter
from yinuo.promises.commands import load_pack

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("YINUO_SHOTS", "")


@pytest.fixture
def phone(chromium, live_server, settings, monkeypatch):
    """A page 390 px wide that fails the test on any script error or refused resource."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # the driver runs a loop in this thread
    settings.PUBLIC_URL = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, device_scale_factor=2, has_touch=True, locale="zh-CN"
    )
    page = context.new_page()
    page.complaints_of_browser = []
    page.on("pageerror", lambda e: page.complaints_of_browser.append(str(e)))
    page.on("console", lambda m: page.complaints_of_browser.append(m.text) if m.type == "error" else None)
    page.base = live_server.url
    yield page
    assert [c for c in page.complaints_of_browser if "422" not in c] == []
    context.close()


@pytest.fixture
def firm(live_server):
    made = build()
    with acting_as(made.system):
        load_pack(name="common")
    return made


def shot(page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


def no_sideways_scroll(page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def photo(colour: str = "navy") -> dict:
    out = BytesIO()
    Image.new("RGB", (1600, 1200), colour).save(out, "JPEG")
    return {"name": "现场 照片.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def complain(page) -> Matter:
    page.goto(page.base + "/p/")
    no_sideways_scroll(page)
    shot(page, "home")
    page.get_by_role("link", name="投诉").click()
    shot(page, "write-empty")
    page.fill("#content", "机油滤芯漏油，停了两天工。")
    page.set_input_files("#files", [photo(), photo("maroon")])
    page.locator(".p-shots li:not([data-busy])").nth(1).wait_for()
    page.get_by_text("换货").click()
    page.fill("#name", "王小明")
    page.get_by_role("button", name="提交").click()
    page.locator(".p-wrong", has_text="电话和邮箱请至少留一个").wait_for()
    assert page.input_value("#content") == "机油滤芯漏油，停了两天工。"
    assert page.locator(".p-shots li").count() == 2, "photos stay across an error"
    shot(page, "write-wrong")
    no_sideways_scroll(page)
    page.fill("#phone", "13812345678")
    page.fill("#email", "wang@example.cn")
    page.locator("[name=proof]:not([value=''])").wait_for(state="attached")
    page.get_by_role("button", name="提交").dblclick()
    page.locator(".p-code").wait_for()
    no_sideways_scroll(page)
    shot(page, "receipt")
    return Matter.unscoped.get()


def draw(page) -> None:
    box = page.locator("canvas").bounding_box()
    x, y = box["x"] + 40, box["y"] + 90
    page.mouse.move(x, y)
    page.mouse.down()
    for n in range(1, 25):
        page.mouse.move(x + n * 10, y + (35 if n % 4 < 2 else -35))
    page.mouse.up()


def test_from_complaint_to_rating_on_a_phone(phone, firm):
    matter = complain(phone)
    row = Complaint.unscoped.get()
    assert (row.demand, row.content) == ("换货", "机油滤芯漏油，停了两天工。")
    assert Attachment.unscoped.filter(interaction__conversation=matter.conversation, is_image=True).count() == 2
    assert links.code_of(matter.pk) in phone.content()
    walk = Adopted(firm, matter.pk)
    walk.acknowledge()
    with acting_as(firm.wang):
        made = restate(complaint_id=matter.pk, via="link")
    phone.goto(links.restatement_link(matter.pk, made.pk, clock.now()))
    shot(phone, "restatement")
    no_sideways_scroll(phone)
    phone.get_by_role("button", name="对，就是这样").click()
    phone.get_by_text("内容已确认").wait_for()
    walk.to("offered")
    with acting_as(firm.wang):
        offered = offer_agreement(complaint_id=matter.pk, via="link")
    sign(phone, matter, offered)
    walk.to("callback")
    rate(phone, matter)
    walk.close()
    phone.goto(links.case_link(matter.pk, clock.now()))
    phone.get_by_role("heading", name="已办结。").wait_for()
    shot(phone, "closed")
    no_sideways_scroll(phone)


def sign(page, matter, offered) -> None:
    page.goto(links.case_link(matter.pk, clock.now()))
    shot(page, "case-offered")
    no_sideways_scroll(page)
    page.get_by_role("link", name="查看处理协议").click()
    page.fill("#name", "王小明")
    page.get_by_text("我已阅读并同意这份协议").click()
    page.get_by_role("button", name="确认协议").click()
    page.locator(".p-wrong", has_text="请在框内签名").wait_for()
    draw(page)
    shot(page, "agreement")
    no_sideways_scroll(page)
    page.get_by_role("button", name="确认协议").click()
    page.get_by_role("heading", name="协议已确认，我们马上落实。").wait_for()
    shot(page, "agreement-done")
    signed = Agreement.unscoped.get(pk=offered.pk)
    assert (signed.state, signed.signer, signed.evidence["signed"]) == ("confirmed", "王小明", "drawn")
    assert signed.signature.media_type == "image/png"
    assert "Chrome" in signed.evidence["user_agent"]


def rate(page, matter) -> None:
    """Two touches: how one feels, on the progress page, and sending it."""
    page.goto(links.case_link(matter.pk, clock.now()))
    shot(page, "case-callback")
    page.get_by_role("link", name="满意", exact=True).tap()
    page.locator("[name=satisfaction][value='4']:checked").wait_for(state="attached")
    shot(page, "rating")
    no_sideways_scroll(page)
    page.get_by_role("button", name="提交评价").click()
    page.get_by_role("heading", name="谢谢您的评价。").wait_for()
    given = Callback.unscoped.get()
    assert (given.satisfaction, given.outcome, given.process, given.treatment) == (4, None, None, None)


def test_a_forwarded_link_on_a_phone_is_masked_and_the_code_opens_it(phone, firm):
    matter = complain(phone)
    phone.context.clear_cookies()
    phone.goto(links.case_link(matter.pk, clock.now()))
    assert "王小明" not in phone.content() and "漏油" not in phone.content()
    shot(phone, "case-masked")
    no_sideways_scroll(phone)
    phone.fill("#code", links.code_of(matter.pk).lower())
    phone.get_by_role("button", name="打开").click()
    phone.get_by_text("停了两天工").wait_for()
    shot(phone, "case-open")
    phone.get_by_role("link", name="现场 照片.jpg").first.wait_for()
    phone.set_input_files("#files", [photo("teal")])
    phone.locator(".p-shots li:not([data-busy])").wait_for()
    phone.get_by_role("button", name="补充").click()
    phone.get_by_text("已经转给经办人").wait_for()
    assert Attachment.unscoped.filter(interaction__kind="information").count() == 1


def test_the_pages_stand_at_desktop_width_and_in_the_dark(phone, firm):
    phone.set_viewport_size({"width": 1366, "height": 768})
    phone.goto(phone.base + "/p/")
    shot(phone, "home-wide")
    phone.goto(phone.base + "/p/new/complaint/")
    shot(phone, "write-wide")
    no_sideways_scroll(phone)
    phone.emulate_media(color_scheme="dark")
    phone.goto(phone.base + "/p/track/")
    shot(phone, "track-dark")
    phone.goto(phone.base + "/p/c/forged.token/")
    phone.complaints_of_browser.clear()
    shot(phone, "link-wide")


def test_the_puzzle_takes_about_a_moment_and_its_answer_is_right(phone, firm):
    phone.goto(phone.base + "/p/new/praise/")
    token = phone.input_value("[name=ticket]")
    phone.locator("[name=proof]:not([value=''])").wait_for(state="attached")
    assert proof.solved(token, phone.input_value("[name=proof]"))


def test_everything_but_the_drawing_works_without_a_script(phone, firm):
    plain = phone.context.browser.new_context(
        java_script_enabled=False, viewport={"width": 390, "height": 844}, locale="zh-CN"
    )
    page = plain.new_page()
    page.goto(phone.base + "/p/new/complaint/")
    page.fill("#content", "机油滤芯漏油")
    page.set_input_files("#files", [photo()])
    page.fill("#name", "王小明")
    page.fill("#phone", "13812345678")
    shot(page, "write-no-script")
    page.wait_for_timeout(6500)
    page.get_by_role("button", name="提交").click()
    page.locator(".p-code").wait_for()
    matter = Matter.unscoped.get()
    walk = Adopted(firm, matter.pk).to("offered")
    with acting_as(firm.wang):
        offered = offer_agreement(complaint_id=walk.id, via="link")
    page.goto(links.agreement_link(matter.pk, offered.pk, offered.expires_at))
    assert not page.locator("canvas").is_visible()
    page.fill("#name", "王小明")
    page.get_by_text("我已阅读并同意这份协议").click()
    shot(page, "agreement-no-script")
    page.get_by_role("button", name="确认协议").click()
    page.get_by_role("heading", name="协议已确认，我们马上落实。").wait_for()
    assert Agreement.unscoped.get().evidence["signed"] == "typed_name"
    plain.close()


def test_a_stranger_complains_on_a_phone_in_a_few_actions(phone, firm, capsys):
    """From the first page to the receipt, without an account, with a photo; nothing filled in before, nothing guessed by
    the browser. An action is one touch, one field typed into or one photo chosen. Ten are enough: more is a step too many.
    """
    done: list[str] = []

    def act(what, how, *given):
        done.append(what)
        how(*given)

    began = time.monotonic()
    phone.goto(phone.base + "/p/")
    act("touch 投诉", phone.get_by_role("link", name="投诉").tap)
    act("touch the text", phone.locator("#content").tap)
    act("type what happened", phone.keyboard.insert_text, "机油滤芯漏油，停了两天工。")
    with phone.expect_file_chooser() as chooser:
        act("touch 拍照或选文件", phone.get_by_text("拍照或选文件").tap)
    act("choose a photo", chooser.value.set_files, [photo()])
    act("touch the name", phone.locator("#name").tap)
    act("type the name", phone.keyboard.insert_text, "王小明")
    act("touch the phone", phone.locator("#phone").tap)
    act("type the phone", phone.keyboard.insert_text, "13812345678")
    act("touch 提交", phone.get_by_role("button", name="提交").tap)
    phone.locator(".p-code").wait_for()
    took = time.monotonic() - began
    matter = Matter.unscoped.get()
    assert matter.kind == "complaint" and matter.number in phone.inner_text("main")
    assert Attachment.unscoped.filter(interaction__conversation=matter.conversation, is_image=True).count() == 1
    with capsys.disabled():
        sys.stdout.write(
            f"\nportal: {len(done)} actions from /p/ to the receipt, of it {took:.1f} s of the machine's own\n"
        )
    assert len(done) <= 10, done
    assert took < 30, "what the pages themselves take leaves the minute to the person"
