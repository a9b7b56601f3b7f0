"""Take one complaint from the portal to the close on a running demo and write docs/walkthrough.md with screenshots.

Start `bin/run`, then: .venv/bin/python -m tests.walkthrough.make http://127.0.0.1:8000
"""

import io
import re
import sys
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, sync_playwright

from tests.chromium import launch

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "docs/images/walkthrough"
PASSWORD = "yinuo-2026"


class Walk:
    """The people of the story, each with a browser of their own, and the page that is being written."""

    def __init__(self, browser: Browser, base: str) -> None:
        self.browser, self.base = browser, base
        self.people: dict[str, Page] = {}
        self.lines: list[str] = []

    def person(self, login: str, *, phone: bool = False) -> Page:
        if login not in self.people:
            size = {"width": 390, "height": 844} if phone else {"width": 1366, "height": 768}
            page = self.browser.new_context(viewport=size, locale="zh-CN").new_page()
            page.set_default_timeout(30_000)
            if login != "customer":
                page.goto(f"{self.base}/login/")
                page.fill("[name=username]", login)
                page.fill("[name=password]", PASSWORD)
                page.click("button[type=submit]")
                page.wait_for_url(lambda url: "/login/" not in url)
            self.people[login] = page
        return self.people[login]

    def show(self, page: Page, name: str, text: str, *, whole: bool = False) -> None:
        """A screenshot and the sentence that goes with it."""
        page.evaluate("window.scrollTo(0, 0)")
        page.wait_for_timeout(400)
        page.screenshot(path=str(IMAGES / f"{name}.png"), full_page=whole)
        width = page.viewport_size["width"] if page.viewport_size else 0
        self.lines.append(f"{text}\n")
        self.lines.append(f'<img src="images/walkthrough/{name}.png" width="{260 if width < 500 else 760}" alt="">\n')

    def head(self, text: str) -> None:
        self.lines.append(f"## {text}\n")


def press(page: Page, section: str, text: str) -> None:
    with page.expect_navigation():
        page.click(f"#now-{section} button[type=submit]:has-text('{text}')")


def pick(page: Page, section: str, name: str, label: str) -> None:
    page.click(f"#now-{section} .y-field:has([name='{name}']) label:has-text('{label}')")


def picture() -> dict[str, object]:
    image = Image.new("RGB", (1200, 900), (214, 205, 190))
    draw = ImageDraw.Draw(image)
    draw.rectangle((380, 180, 820, 800), fill=(40, 78, 120))
    draw.polygon([(560, 800), (700, 800), (760, 900), (500, 900)], fill=(60, 50, 30))
    out = io.BytesIO()
    image.save(out, "JPEG")
    return {"name": "油桶渗漏.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def complain(walk: Walk) -> str:
    walk.head("一、客户用手机投诉")
    page = walk.person("customer", phone=True)
    page.goto(f"{walk.base}/p/")
    walk.show(page, "01-portal", "客户打开门户，不用注册。")
    page.get_by_role("link", name="投诉").first.click()
    page.fill("#content", "昨天送来的八桶柴油机油，有三桶桶盖渗漏，货厢被弄脏了，司机在现场拍了照片。")
    page.set_input_files("#files", [picture()])
    page.locator(".p-shots li:not([data-busy])").first.wait_for()
    page.get_by_text("换货").click()
    page.fill("#name", "赵海燕")
    page.fill("#phone", "13953112288")
    walk.show(page, "02-write", "一屏写完：发生了什么、照片、希望怎样、怎么称呼。", whole=True)
    page.locator("[name=proof]:not([value=''])").wait_for(state="attached")
    page.get_by_role("button", name="提交").click()
    page.locator(".p-code").wait_for()
    walk.show(page, "03-receipt", "回执上有编号、查询码和接下来会发生什么、最晚什么时候。", whole=True)
    found = re.search(r"TS\d{6}-\d+", page.inner_text("body"))
    assert found, "the receipt shows no number"
    return found.group(0)


def take(walk: Walk, number: str) -> str:
    walk.head("二、坐席受理")
    page = walk.person("agent")
    page.goto(f"{walk.base}/")
    walk.show(page, "04-my-day", "坐席的工作台：欠客户的全部承诺，最急的在最上面。")
    page.goto(f"{walk.base}/complaints/?q={number}")
    page.click("a[href*='/complaints/']:has-text('渗漏')")
    page.wait_for_url(re.compile(r"/complaints/\d+/$"))
    walk.show(page, "05-case", "事项页：左边来龙去脉，右边只有现在该做的这一步。")
    return page.url


def handle(walk: Walk, address: str) -> None:
    page = walk.person("agent")
    press(page, "acknowledge", "告知客户")
    customer = walk.person("customer")
    customer.reload()
    walk.show(customer, "06-progress", "客户的进展页：到哪一步了、谁在办、什么时候会再收到消息。", whole=True)
    page.goto(address)
    for name, label in (("judgement", "成立"), ("kind", "产品"), ("severity", "一般"), ("complexity", "一般")):
        pick(page, "assess", name, label)
    page.select_option("#now-assess [name=temperament]", "claiming")
    walk.show(page, "07-assess", "评审：成立与否、类别、严重程度、客户类型；旁边是相应的提示。")
    press(page, "assess", "完成评审")
    press(page, "start-investigation", "开始调查")
    page.fill("#now-record-finding [name=facts]", "装车时叉车碰撞，三桶桶盖松动。")
    page.fill("#now-record-finding [name=fault_share]", "90")
    press(page, "record-finding", "登记结论")


def propose(walk: Walk) -> None:
    walk.head("三、方案与审批")
    page, form = walk.person("agent"), "#now-draft-proposal"
    page.select_option(f"{form} [name='items.0.kind']", "replace")
    page.fill(f"{form} [name='items.0.detail']", "同型号三桶")
    page.select_option(f"{form} [name='items.0.unit_id']", label="　仓储部")
    page.select_option(f"{form} [name='items.1.kind']", "money")
    page.select_option(f"{form} [name='items.1.unit_id']", label="　财务部")
    page.fill(f"{form} [name='items.1.amount']", "860")
    page.fill(f"{form} [name=reason]", "我方装卸不当")
    walk.show(page, "08-propose", "拟定方案：逐项写清给什么、多少钱、哪个部门办。")
    press(page, "draft-proposal", "保存方案")
    press(page, "submit-proposal", "提交审批")
    for n, login in enumerate(("supervisor", "leader")):
        phone = walk.person(login, phone=True)
        phone.goto(f"{walk.base}/approvals/")
        phone.click(".y-table a.title:has-text('渗漏')")
        phone.wait_for_selector(".d-decide")
        if n == 0:
            walk.show(phone, "09-approve", "主管在手机上审批，金额大的再到领导。")
        with phone.expect_navigation():
            phone.click("button:has-text('同意')")


def agree(walk: Walk, address: str) -> None:
    walk.head("四、协议与执行")
    page = walk.person("agent")
    page.goto(address)
    press(page, "offer-agreement", "生成协议")
    customer = walk.person("customer")
    customer.reload()
    customer.get_by_role("link", name="查看处理协议").click()
    customer.fill("#name", "赵海燕")
    customer.get_by_text("我已阅读并同意这份协议").click()
    box = customer.locator("canvas").bounding_box()
    assert box, "no place to sign"
    x, y = box["x"] + 40, box["y"] + 80
    customer.mouse.move(x, y)
    customer.mouse.down()
    for n in range(1, 25):
        customer.mouse.move(x + n * 10, y + (30 if n % 4 < 2 else -30))
    customer.mouse.up()
    walk.show(customer, "10-agreement", "客户看到协议原文，在屏幕上签名确认。", whole=True)
    customer.get_by_role("button", name="确认协议").click()
    customer.get_by_role("heading", name="协议已确认，我们马上落实。").wait_for()
    for n, login in enumerate(("warehouse", "finance")):
        worker = walk.person(login)
        worker.goto(f"{address}file/")
        if n == 0:
            walk.show(worker, "11-task", "仓储从派给自己的任务进来，看到这件事的档案和协议，办完附上凭证。")
        worker.click(".d-tasks a:has-text('完成')")
        worker.fill("#dialog [name=result]", "已办妥，单号 SF123456")
        worker.set_input_files("#dialog input[type=file]:not([capture])", [picture()])
        worker.locator("#dialog .y-file-list li[data-id]").wait_for()
        with worker.expect_navigation():
            worker.click("#dialog button[type=submit]")


def close(walk: Walk, address: str) -> None:
    walk.head("五、回访与结案")
    page = walk.person("agent")
    page.goto(address)
    press(page, "finish-execution", "转回访")
    other = walk.person("agent2")
    other.goto(address)
    for name, label in (
        ("satisfaction", "很满意"),
        ("outcome", "很公平"),
        ("process", "很公平"),
        ("treatment", "很公平"),
    ):
        pick(other, "record-callback", name, label)
    other.fill("#now-record-callback [name=comment]", "换货很快，处理得公道。")
    walk.show(other, "12-callback", "回访由没有经手的同事来做：满意度和三项公平。")
    press(other, "record-callback", "登记回访")
    page.goto(address)
    page.fill("#now-close [name=outcome]", "换货三桶，赔偿清洗费 860 元")
    page.click("#now-close button[type=submit]")
    with page.expect_navigation():
        page.click("dialog.y-dialog button:has-text('结案')")
    walk.show(page, "13-closed", "结案：十个阶段都走完，每一步的时间和人都在。")
    customer = walk.person("customer")
    customer.goto(customer.url)
    leader = walk.person("supervisor2")
    leader.goto(f"{walk.base}/promises/")
    walk.show(leader, "14-promises", "承诺看板：今天到期、快到期和已逾期的，按人、团队和标准查看。")


def main(base: str) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        browser = launch(driver)
        walk = Walk(browser, base.rstrip("/"))
        number = complain(walk)
        address = take(walk, number)
        handle(walk, address)
        propose(walk)
        agree(walk, address)
        close(walk, address)
        browser.close()
    text = "# 一件投诉，从门户到结案\n\n本页由 `tests/walkthrough/make.py` 在演示公司上实际走一遍写成，图是当时的截屏。\n\n"
    (ROOT / "docs/walkthrough.md").write_text(text + "\n".join(walk.lines), encoding="utf-8")
    (ROOT / "docs/images/my-day.png").write_bytes((IMAGES / "04-my-day.png").read_bytes())


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
