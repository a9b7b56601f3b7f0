"""One complaint, by real people in real browsers, from a genuine letter to the close; another from the phone ringing."""

import re
from decimal import Decimal

import pytest

from yinuo.approvals.models import ApprovalStep
from yinuo.channels.email.commands.mailboxes import save_mailbox
from yinuo.channels.email.tests import corpus
from yinuo.channels.email.tests.genuine import import_whole, keep_their_words, mbox_of
from yinuo.complaints.models import Complaint
from yinuo.conversations.models import Interaction
from yinuo.kernel.actor import acting_as
from yinuo.web.tests.browser.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


class Hands:
    """Counts what a person does: a click, a field typed, a file dropped."""

    def __init__(self, page):
        self.page, self.actions = page, 0

    def type(self, field, text):
        self.actions += 1
        self.page.fill(field, text)

    def click(self, target):
        self.actions += 1
        self.page.click(target)


def case():
    return Complaint.unscoped.select_related("matter__customer").get()


def press(page, section, text):
    """Press the button of one form of the panel and wait until the page has come back."""
    with page.expect_navigation():
        page.click(f"#now-{section} button[type=submit]:has-text('{text}')")


def pick(page, section, name, label):
    """A choice drawn as buttons."""
    page.click(f"#now-{section} .y-field:has([name='{name}']) label:has-text('{label}')")


def register(page, base):
    page.goto(f"{base}/complaints/")
    hands = Hands(page)
    hands.click("main a:has-text('登记投诉')")
    hands.type("#id_phone", "138 1234 5678")
    page.wait_for_selector("#who input[name=customer_id]:checked")
    assert page.input_value("#id_name") == "陈建国"
    hands.type("#id_content", "机油用了一周发动机异响，纸箱也是湿的")
    hands.type("[name=demand]", "换货，赔偿清洗费")
    hands.actions += 1
    page.set_input_files(
        ".y-files input[type=file]:not([capture])", {"name": "油桶.png", "mimeType": "image/png", "buffer": PICTURE}
    )
    page.wait_for_selector(".y-file-list li:not(:has(progress))")
    hands.click(".d-register button[type=submit]")
    page.wait_for_url(re.compile(r"/complaints/\d+/$"))
    assert hands.actions <= 12
    return page.url


def test_the_phone_rings(visit, firm, live_server) -> None:
    """At most twelve actions until the case stands; what was written down is read back to the caller."""
    with visit("wang") as page:
        register(page, live_server.url)
        assert case().matter.customer == firm.customer
        page.wait_for_selector(".y-attached img")
        press(page, "acknowledge", "告知客户")
        press(page, "restate", "复述")
        pick(page, "restatement-answer", "confirmed", "确认无误")
        press(page, "restatement-answer", "保存")
    assert (case().stage, case().restatement) == ("acknowledged", "confirmed")


@pytest.fixture(scope="session")
def genuine():
    folder = corpus.collect()
    count = len(list(folder.glob("*.eml")))
    assert count >= corpus.ENOUGH, f"only {count} genuine messages; the package index must be reachable once"
    return folder


def letter() -> Interaction:
    """One of the imported letters: Chinese in GB 2312 by mutt where it is installed, else any that brings a file."""
    rows = Interaction.unscoped.filter(direction="in", raw_messages__nature="message").select_related("customer")
    chosen = rows.filter(text__contains=corpus.TEXTS["gb2312"]).order_by("pk").first()
    return chosen or rows.filter(attachments__isnull=False).exclude(text="").order_by("pk").first()


def take_from_the_inbox(page, base, said) -> str:
    page.goto(f"{base}/inbox/")
    page.fill("main [name=q]", said.customer.name)
    page.click(f"tr[data-href='/inbox/{said.conversation_id}/'] a.title")
    page.wait_for_url(f"**/inbox/{said.conversation_id}/")
    words = said.text.strip().split("\n")[0].strip()
    assert words in page.inner_text(".y-two")
    page.click("aside a:has-text('登记投诉')")
    page.wait_for_url("**/complaints/register/**")
    assert words in page.input_value("#id_content")
    page.fill("[name=demand]", "换货，赔偿清洗费")
    page.click(".d-register button[type=submit]")
    page.wait_for_url(re.compile(r"/complaints/\d+/$"))
    assert words in page.inner_text("main")
    return page.url


@pytest.mark.slow
def test_from_genuine_mail_to_the_close(visit, firm, live_server, genuine, tmp_path) -> None:
    with acting_as(firm.system):  # its mail is the desk's to answer
        save_mailbox(name="一诺客服", address="kf@yinuo.cn", active=False, unit_id=firm.units["desk"].pk)
    given = mbox_of(genuine, tmp_path / "real.mbox")
    import_whole(tmp_path / "real.mbox", given)
    keep_their_words(genuine)
    said = letter()
    with visit("wang") as page:
        address = take_from_the_inbox(page, live_server.url, said)
        assert case().matter.customer_id == said.customer_id and case().channel == "email"
        press(page, "acknowledge", "告知客户")
        until_submitted(page)
    approvers = [whose_turn()]
    approve(visit, live_server, approvers[0], "同意，尽快办")
    assert case().stage == "approving", "860 yuan need a second signature"
    approvers.append(whose_turn())
    approve(visit, live_server, approvers[1], "")
    assert case().stage == "offered" and "wang" not in approvers
    with visit("wang") as page:
        page.goto(address)
        agree_by_phone(page)
    for who in ("cang", "cai"):
        do_task(visit, address, who)
    with visit("wang") as page:
        page.goto(address)
        press(page, "finish-execution", "转回访")
        assert page.locator("#now-record-callback").count() == 0, "whoever handled it does not call back"
    with visit("li") as page:
        page.goto(address)
        call_back(page)
    with visit("wang") as page:
        page.goto(address)
        page.fill("#now-close [name=outcome]", "换货两桶，赔偿清洗费 860 元")
        page.click("#now-close button[type=submit]")
        with page.expect_navigation():
            page.click("dialog.y-dialog button:has-text('结案')")
        assert page.locator(".y-steps li[data-state=done]").count() == 10
    row = case()
    assert (row.stage, row.satisfaction, row.agreed_total) == ("closed", 5, Decimal("860.00"))
    assert row.matter.closed_at is not None


def until_submitted(page) -> None:
    """What the handler does up to the approval."""
    for name, label in (("judgement", "成立"), ("kind", "产品"), ("severity", "一般"), ("complexity", "一般")):
        pick(page, "assess", name, label)
    page.select_option("#now-assess [name=temperament]", "angry")
    press(page, "assess", "完成评审")
    assert page.locator("text=愤怒型").count() >= 1, "hints for this type of customer stand beside the form"
    press(page, "start-investigation", "开始调查")
    page.fill("#now-record-finding [name=facts]", "装车时叉车碰撞，桶盖松动")
    page.fill("#now-record-finding [name=fault_share]", "90")
    press(page, "record-finding", "登记结论")
    propose(page)
    press(page, "submit-proposal", "提交审批")
    assert case().stage == "approving"


def propose(page) -> None:
    form = "#now-draft-proposal"
    page.select_option(f"{form} [name='items.0.kind']", "replace")
    page.fill(f"{form} [name='items.0.detail']", "同型号两桶")
    page.select_option(f"{form} [name='items.0.unit_id']", label="　仓储部")
    page.select_option(f"{form} [name='items.1.kind']", "money")
    page.select_option(f"{form} [name='items.1.unit_id']", label="　财务部")
    page.fill(f"{form} [name=reason]", "我方装卸不当")
    page.select_option(f"{form} [name='answer.relation']", "4")
    page.wait_for_selector("#aid .d-aid")
    page.click(f"{form} button[type=submit]")
    page.wait_for_selector(f"{form} .y-wrong:has-text('请填写金额')")
    assert page.input_value(f"{form} [name=reason]") == "我方装卸不当", "what was typed stays"
    page.fill(f"{form} [name='items.1.amount']", "860")
    assert page.inner_text(f"{form} [data-total]") == "¥860.00"
    press(page, "draft-proposal", "保存方案")


def whose_turn():
    return ApprovalStep.unscoped.filter(state="pending").order_by("seq").first().staff.username


def approve(visit, live_server, who, words) -> None:
    """On a phone, with one thumb: open the list, the first request, agree."""
    with visit(who, PHONE) as page:
        page.goto(f"{live_server.url}/approvals/")
        page.click(".y-table a.title")
        page.wait_for_selector(".d-decide")
        page.wait_for_load_state("load")  # with its styles
        button = page.locator("button:has-text('同意')").bounding_box()
        assert button["y"] + button["height"] <= 844, "the button is on the screen without scrolling"
        assert button["height"] >= 44
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.fill("[name=comment]", words)
        with page.expect_navigation():
            page.click("button:has-text('同意')")


def agree_by_phone(page) -> None:
    assert "860.00" in page.input_value("#now-offer-agreement [name=text]")
    press(page, "offer-agreement", "生成协议")
    assert "/p/" in page.get_attribute("[data-copy]:has-text('复制给客户的链接')", "data-copy")
    pick(page, "agreement-answer", "accepted", "同意")
    pick(page, "agreement-answer", "how", "录音电话")
    page.fill("#now-agreement-answer [name=note]", "录音编号 20261122-01")
    press(page, "agreement-answer", "登记")
    assert case().stage == "executing"


def do_task(visit, address, who) -> None:
    with visit(who) as page:
        page.goto(address + "file/")
        page.click(".d-tasks a:has-text('完成')")
        page.fill("#dialog [name=result]", "已办妥，单号 SF123456")
        if page.locator("#dialog [name=no_proof]").count():  # where money is paid
            page.fill("#dialog [name=no_proof]", "回单月底由银行统一寄来")
        with page.expect_navigation():
            page.click("#dialog button[type=submit]")


def call_back(page) -> None:
    for name, label in (
        ("satisfaction", "很满意"),
        ("outcome", "很公平"),
        ("process", "一般"),
        ("treatment", "很公平"),
    ):
        pick(page, "record-callback", name, label)
    page.fill("#now-record-callback [name=comment]", "换货很快")
    press(page, "record-callback", "登记回访")
