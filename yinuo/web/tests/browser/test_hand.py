"""How much the hand has to do: the five commonest jobs, each from my day, counted in actions and in statements.

An action is a click, a key, a field typed, a choice made. What is printed (pytest -s) are the numbers held below.
"""

import re
import sys
import threading
import time
from datetime import timedelta

import pytest
from django.db.backends.utils import CursorWrapper

from yinuo.complaints.models import Callback, Complaint
from yinuo.complaints.tests.conftest import Walk
from yinuo.conversations.models import Interaction
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.matters.models import Draft, Matter
from yinuo.promises.commands import make_personal_promise
from yinuo.promises.commands.standards import load_pack
from yinuo.promises.models import Promise

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
#: Job: at most so many actions and statements of the server, from the page of my day until it is done.
MOST = {
    "register": (5, 130), "reply": (4, 80), "approve": (2, 90), "assign": (4, 65), "drag": (2, 60), "call back": (6, 140),
}  # fmt: skip
SECONDS = 60


class Hand:
    """A person at a page, who is counted."""

    def __init__(self, page, statements):
        self.page, self.statements, self.table = page, statements, {}
        page.set_default_timeout(30_000)  # the machine of a test run is busy; what is counted is not time

    def begin(self, job):
        self.job, self.actions, self.before, self.since = job, 0, len(self.statements), time.monotonic()

    def end(self):
        self.table[self.job] = (self.actions, len(self.statements) - self.before)
        assert time.monotonic() - self.since < SECONDS

    def key(self, key):
        self.actions += 1
        self.page.keyboard.press(key)

    def type(self, field, text):
        self.actions += 1
        self.page.fill(field, text)

    def click(self, target):
        self.actions += 1
        self.page.click(target)

    def choose(self, field, value):
        self.actions += 1
        self.page.select_option(field, value)


@pytest.fixture
def statements(monkeypatch):
    """What the server's threads ask of the database."""
    asked, own = [], threading.get_ident()

    def counting(method):
        def run(self, sql, *args, **given):
            if threading.get_ident() != own:
                asked.append(sql)
            return method(self, sql, *args, **given)

        return run

    for name in ("execute", "executemany"):
        monkeypatch.setattr(CursorWrapper, name, counting(getattr(CursorWrapper, name)))
    return asked


def walk_to(page, text):
    """Go down the list with j until one stands on the row."""
    steps = 0
    while not page.locator(f".is-at:has-text('{text}')").count():
        page.keyboard.press("j")
        steps += 1
        assert steps < 30, f"no row {text}"
    return steps


def test_five_jobs_are_quick(visit, firm, live_server, statements) -> None:
    with acting_as(firm.system):
        load_pack(name="common")
    table = {}

    with visit("wang") as page:
        hand = Hand(page, statements)
        page.goto(live_server.url)
        hand.begin("register")
        hand.key("c")
        page.wait_for_selector("#new-menu :focus")
        hand.key("Enter")
        page.wait_for_url(re.compile("/complaints/register/"))
        hand.type("#id_phone", "138 1234 5678")
        page.wait_for_selector("#who input[name=customer_id]:checked")
        assert page.input_value("#id_name") == "陈建国"
        hand.type("#id_content", "机油用了一周发动机异响")
        hand.click(".d-register button[type=submit]")
        page.wait_for_url(re.compile(r"/complaints/\d+/$"))
        hand.end()
        case = Complaint.unscoped.get()
        assert case.matter.customer == firm.customer

        page.goto(live_server.url)
        hand.begin("reply")
        hand.actions += walk_to(page, "阶段答复")
        hand.key("n")
        page.wait_for_selector("#drawer[open] [name=text]")
        hand.type("#drawer [name=text]", "正在核对出库记录，今天下班前再联系您")
        hand.click("#step-say form button[type=submit]")
        page.wait_for_selector("#drawer:not([open])", state="attached")
        hand.end()
        assert Interaction.unscoped.filter(direction="out", text__contains="核对出库").exists()
        assert page.url.rstrip("/") == live_server.url, "the list was never left"
        table |= hand.table

        page.keyboard.press("?")
        told = page.locator("dialog.y-dialog [data-press]").evaluate_all("all => all.map((k) => k.dataset.press)")
        assert set(told) == {"/", "Control+K", "c", "s", "j", "k", "Enter", "n", "x", "Esc", "?"}
        page.keyboard.press("Escape")
        with acting_as(firm.wang):  # one that may still be put aside
            make_personal_promise(title="送样品", due_at=clock.now() + timedelta(days=3), customer_id=firm.customer.pk)
        page.goto(live_server.url)
        walk_to(page, "送样品")
        page.keyboard.press("x")
        assert page.inner_text("[data-bulk-count]") == "1"
        page.keyboard.press("s")
        page.wait_for_selector("#dialog[open] [name=wish]")
        page.keyboard.press("Escape")

    asked = Walk(firm).to("approving")
    with visit(first_approver(asked)) as page:
        hand = Hand(page, statements)
        page.goto(live_server.url)
        hand.begin("approve")
        hand.click("aside .y-list a[href^='/approvals/']")
        page.wait_for_selector("button:has-text('同意')")
        with page.expect_navigation():
            hand.click("button:has-text('同意')")
        hand.end()
        assert asked.row.stage != "approving" or first_approver(asked)
        table |= hand.table

    with visit("sun") as page:
        hand = Hand(page, statements)
        page.goto(f"{live_server.url}/day/team/")
        hand.begin("assign")
        hand.actions += walk_to(page, case.matter.number)
        hand.actions = 1  # the row one means is the one the hand is on
        hand.key("a")
        page.wait_for_selector("#dialog[open] [name=to]")
        assert "一并转" in page.inner_text("#dialog")
        hand.choose("#dialog [name=to]", str(firm.staff["li"].pk))
        hand.click("#dialog button[type=submit]")
        page.wait_for_selector(f"[data-drop='{firm.staff['li'].pk}'] li:has-text('{case.matter.number}')")
        hand.end()
        assert Matter.unscoped.get(pk=case.pk).owner_id == firm.staff["li"].pk

        hand.begin("drag")
        row = page.locator(f"[data-drop='{firm.staff['li'].pk}'] li:has-text('{case.matter.number}') .title").first
        there = page.locator(f"[data-drop='{firm.staff['wang'].pk}'] h2")
        row.drag_to(there)
        hand.actions += 1
        page.wait_for_selector("#dialog[open] [name=to]")
        assert page.input_value("#dialog [name=to]") == str(firm.staff["wang"].pk)
        hand.click("#dialog button[type=submit]")
        page.wait_for_selector(f"[data-drop='{firm.staff['wang'].pk}'] li:has-text('{case.matter.number}')")
        hand.end()
        owners = set(
            Promise.unscoped.filter(matter=case.pk, outstanding=True, task=None).values_list("owner", flat=True)
        )
        assert owners == {firm.staff["wang"].pk}
        page.click(".y-toast button:has-text('撤销')")
        page.wait_for_selector(f"[data-drop='{firm.staff['li'].pk}'] li:has-text('{case.matter.number}')")
        table |= hand.table

    done = Walk(firm).to("callback")
    with visit("li") as page:
        hand = Hand(page, statements)
        page.goto(live_server.url)
        hand.begin("call back")
        hand.click(f"aside a[href='/matters/{done.id}/']")
        page.wait_for_selector("#now-record-callback")
        for name, label in (
            ("satisfaction", "很满意"),
            ("outcome", "很公平"),
            ("process", "一般"),
            ("treatment", "很公平"),
        ):
            hand.click(f"#now-record-callback .y-field:has([name='{name}']) label:has-text('{label}')")
        with page.expect_navigation():
            hand.click("#now-record-callback button[type=submit]")
        hand.end()
        assert Callback.unscoped.filter(complaint=done.id).exists()
        table |= hand.table

    for job, (actions, asked_for) in table.items():
        sys.stdout.write(f"\n{job:<10} {actions:>3} actions {asked_for:>4} statements")
    assert {job: (a, s) for job, (a, s) in table.items() if a > MOST[job][0] or s > MOST[job][1]} == {}
    assert table.keys() == MOST.keys()


def first_approver(walk):
    from yinuo.approvals.models import ApprovalStep

    step = ApprovalStep.unscoped.filter(approval__matter_id=walk.id, state="pending").order_by("seq").first()
    return step.staff.username if step else ""


def test_what_was_typed_outlives_the_browser(visit, chromium, live_server) -> None:
    """The draft is in the database: another browser of the same person goes on where the first one crashed."""
    with visit("wang") as page:
        page.goto(f"{live_server.url}/complaints/register/")
        page.fill("#id_content", "客户说油桶漏了一地")
        page.wait_for_selector(".y-draft-state:has-text('草稿已保存')")
        cookie = page.context.cookies()
    assert Draft.unscoped.get().data["content"] == "客户说油桶漏了一地"
    fresh = chromium.new_context(locale="zh-CN")
    fresh.add_cookies(cookie)
    try:
        page = fresh.new_page()
        page.goto(f"{live_server.url}/complaints/register/")
        page.wait_for_selector(".y-draft-state button")
        assert page.input_value("#id_content") == "客户说油桶漏了一地"
    finally:
        fresh.close()


def test_the_number_was_typed_before_the_page_was_ready(visit, firm, live_server) -> None:
    with visit("wang") as page:
        late = []
        page.route("**/htmx.min.js", lambda route: late.append(route))
        page.goto(f"{live_server.url}/complaints/register/", wait_until="commit")
        page.fill("#id_phone", "138 1234 5678")
        late[0].continue_()
        page.wait_for_selector("#who input[name=customer_id]:checked")
