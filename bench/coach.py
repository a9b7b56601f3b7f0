"""How soon the wording coach underlines what is being written, with 2,000 rules, in a real Chromium.

    DATABASE_URL=postgresql://… python -m bench.coach [--rules 2000] [--pieces 300]

The database is one made by `bench.fill`; rules are added to it until so many are active. Each piece is what an input
method hands over at once (one to four characters). Measured from the input event until the frame that shows what the
coach makes of it has been painted; pieces that came before the frame of an earlier one are counted with it, from the
earliest on. CPU is what the page's main thread used for a piece, layout and style included.
"""

import argparse
import os
import random
from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any

from bench.client import Timing
from bench.drive import session_of
from bench.server import Web

WHO = ("你", "你们", "贵方", "客户", "用户", "你家里", "那个人", "买家")
HOW = (
    "必须",
    "应该",
    "不该",
    "不能",
    "别再",
    "总是",
    "早就",
    "自己",
    "老是",
    "偏要",
    "硬要",
    "何必",
    "怎么还",
    "又在",
    "就会",
)
WHAT = (
    "投诉", "吵闹", "来闹", "退货", "赔钱", "等着", "签字", "举证", "负责", "认账", "催促", "乱说", "纠缠", "找事", "添乱", "挑刺", "耍赖",
    "胡来", "抱怨", "质问", "啰嗦", "瞎猜",
)  # fmt: skip
PLAIN = (
    "您好，您反映的情况我们已经记下。", "技术同事正在核对那一批的检验记录，", "样品今天上午已经寄到实验室，", "有新的进展会第一时间告诉您。",
    "设备停机检查时拍的照片也收到了，", "仓库确认当时的温度在范围之内，", "如果方便，请补一张铭牌的照片，", "给您带来的不便我们很抱歉。",
)  # fmt: skip
EVERY = 60  # ms between two pieces: somebody who types fast

#: Painted: a message posted while the frame is being made is delivered after it.
WATCH = """() => {
  const area = document.querySelector("textarea[data-coach]");
  window.waits = [];
  let began = null;
  area.addEventListener("input", (event) => { began ??= event.timeStamp; }, true);
  new MutationObserver(() => {
    if (began === null) return;
    const from = began, line = new MessageChannel();
    began = null;
    line.port1.onmessage = () => { window.waits.push(performance.now() - from); };
    line.port2.postMessage(0);
  }).observe(area, { attributeFilter: ["data-ms"] });
}"""


def phrases() -> Iterator[str]:
    """Phrases of two to eight characters as people write them; every third one with alternatives."""
    made = [who + how + what for what in WHAT for how in HOW for who in WHO]
    made += [how + what for what in WHAT for how in HOW]
    chosen = random.Random(7).sample([one for one in made if len(one) <= 8], k=len(made) - 20)
    for n, phrase in enumerate(chosen):
        yield f"({phrase[:-2]}|{phrase[:-2]}要){phrase[-2:]}" if n % 3 == 0 else phrase


def rules_in_force(wanted: int) -> list[str]:
    """Makes them that many, and says which phrases were made here."""
    from yinuo.identity.models import Staff
    from yinuo.kernel.actor import Actor, acting_as
    from yinuo.wording.commands import import_rules
    from yinuo.wording.models import WordingRule

    with acting_as(Actor.system("bench")):
        assert Staff.objects.exists(), "fill the database first: python -m bench.fill"
        missing = wanted - WordingRule.objects.filter(active=True).count()
        have = set(WordingRule.objects.values_list("phrases", flat=True))
        fresh = list(islice((one for one in phrases() if one not in have), max(0, missing)))
        assert len(fresh) >= missing, "more phrases are asked for than can be made"
        levels = cycle(("hint", "hint", "warn", "block"))
        row: dict[str, Any] = {
            "id": None,
            "category": "habit",
            "why": "测量用",
            "instead": "请您",
            "kinds": [],
            "channels": [],
        }
        if fresh:
            import_rules(
                rows=[{**row, "phrases": one, "level": next(levels)} for one in fresh], by=Actor.system("bench")
            )
        assert WordingRule.objects.filter(active=True).count() >= wanted
        return list(WordingRule.objects.filter(why="测量用").values_list("phrases", flat=True))


def written(size: int, said: list[str], dice: random.Random, *, every: int) -> str:
    """A letter of `size` characters with one of the phrases about every so many."""
    out, since = "", 0
    while len(out) < size:
        if since >= every:
            out, since = out + plain(dice.choice(said)) + "，", 0
        sentence = dice.choice(PLAIN)
        out, since = out + sentence, since + len(sentence)
    return out[:size]


def plain(phrase: str) -> str:
    """What somebody types of a phrase with alternatives."""
    return phrase.split("|")[0].lstrip("(") + phrase.split(")")[-1] if "|" in phrase else phrase


def pieces(text: str, dice: random.Random) -> Iterator[str]:
    at = 0
    while at < len(text):
        n = dice.randint(1, 4)
        yield text[at : at + n]
        at += n


class Page:
    """The open editor, with the processor time its main thread has used."""

    def __init__(self, page: Any) -> None:
        self.page, self.area = page, page.locator("textarea[data-coach]").first
        self.session = page.context.new_cdp_session(page)
        self.session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def cpu(self) -> float:
        found = {one["name"]: one["value"] for one in self.session.send("Performance.getMetrics")["metrics"]}
        return float(found["TaskDuration"])


def typed(editor: Page, name: str, size: int, said: list[str], count: int, where: str, every: int) -> Timing:
    """`count` pieces typed into a text that is there already."""
    page, area = editor.page, editor.area
    dice = random.Random(size)
    area.fill(written(size, said, dice, every=every))
    page.wait_for_timeout(1500)
    area.evaluate(
        "(a, at) => { a.focus(); a.setSelectionRange(at, at); window.waits = []; }",
        size if where == "end" else size // 2,
    )
    before = editor.cpu()
    for piece in islice(pieces(written(4 * count, said, dice, every=every), dice), count):
        page.keyboard.insert_text(piece)
        page.wait_for_timeout(EVERY)
    page.wait_for_timeout(500)
    timing = Timing(name, 1, times=page.evaluate("window.waits"))
    timing.client_cpu = (editor.cpu() - before) * 1000 / count
    found = int(area.get_attribute("data-found"))
    assert found and page.locator(".y-coach-under mark").count() == found, "what was found is underlined"
    return timing


def main() -> None:
    options = argparse.ArgumentParser(prog="bench.coach", description=__doc__)
    options.add_argument("--rules", type=int, default=2000)
    options.add_argument("--pieces", type=int, default=300)
    given = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yinuo.settings")
    import django

    django.setup()
    said, cookie, web = rules_in_force(given.rules), session_of("leader"), Web()
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    from playwright.sync_api import sync_playwright

    from tests.chromium import launch

    try:
        with sync_playwright() as play:
            browser = launch(play)
            page = browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768}).new_page()
            page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": f"http://127.0.0.1:{web.port}"}])
            open_editor(page, web.port)
            measure(page, said, given.pieces)
            browser.close()
    finally:
        web.stop()


def open_editor(page: Any, port: int) -> None:
    """The first open complaint whose customer may be answered."""
    from yinuo.complaints.models import Complaint
    from yinuo.kernel.actor import Actor, acting_as

    with acting_as(Actor.system("bench")):
        newest = list(
            Complaint.objects.filter(matter__closed_at=None).order_by("-pk").values_list("pk", flat=True)[:20]
        )
    for pk in newest:
        page.goto(f"http://127.0.0.1:{port}/complaints/{pk}/")
        if page.locator("summary:has-text('答复客户')").count():
            page.click("summary:has-text('答复客户')")
            page.evaluate(WATCH)
            return
    raise SystemExit("no open complaint with a reply editor")


def measure(page: Any, said: list[str], count: int) -> None:
    editor = Page(page)
    typed(editor, "warm-up", 500, said, 50, "end", 60)
    print(
        f"{'text':46} {'paints':>6} {'median':>8} {'p99':>8} {'worst':>8} {'CPU':>8}   ms, load {os.getloadavg()[0]:.1f}"
    )
    for size in (500, 2000):
        for where, every, name in (
            ("end", 60, "typed at the end"),
            ("middle", 60, "typed in the middle"),
            ("end", 8, "at the end, full of such words"),
        ):
            t = typed(editor, f"{size} characters, {name}", size, said, count, where, every)
            print(
                f"{t.name:46} {len(t.times):>6} {t.median:>8.1f} {t.p99:>8.1f} {max(t.times):>8.1f} {t.client_cpu:>8.1f}",
                flush=True,
            )
    print(
        f"rules {editor.area.get_attribute('data-rules')}, built once in {editor.area.get_attribute('data-built')} ms; load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    main()
