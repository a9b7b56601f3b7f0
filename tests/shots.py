"""Pictures of every page of a running demo, at both widths, in light and in dark, and one sheet to look them all over.

`bin/shots` starts a demo of its own; `bin/shots http://127.0.0.1:8000` takes one that runs, without those pages of the
portal whose links stand in its mails only. `--only complaints` takes the addresses that contain the word. The pictures
come to var/shots, with index.html and, for a quick look, sheets of many (which show what a screen shows first).
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections import deque
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django
from django.urls import Resolver404, resolve
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

from tests.chromium import launch
from tests.walkthrough.make import PASSWORD, ROOT

PLACE = ROOT / "var/shots"
SIZES = {"wide": (1366, 768), "phone": (390, 844)}
THEMES = ("light", "dark")
#: Who looks, and where they begin; what one has seen the next does not take again.
PEOPLE = {
    "agent": ("/", "/complaints/register/", "/keys/"),
    "supervisor": ("/", "/team/", "/approvals/"),
    "leader": ("/", "/approvals/"),
    "admin": ("/settings/", "/style/"),
    "auditor": ("/audit/",),
    "": ("/login/", "/p/", "/nowhere/", "/p/track/"),
}
FILES = re.compile(r"\.xlsx|\.csv|\.pdf|export|/attachments?/|/file/\d|/signature|/api/|/healthz")
TALLEST = 4000
LINKS = "links => links.map((a) => a.getAttribute('href'))"
#: What is done on a page before its picture is taken: who, where, name, clicks, what is there then.
STATES = (
    ("agent", "/", "drawer", ["[data-open=drawer]"], "#drawer[open]"),
    ("agent", "/", "palette", [".y-top [data-palette]"], ".y-palette[open] [role=option]"),
    ("agent", "/", "menu", [".y-who"], "#who-menu:popover-open"),
    ("agent", "/customers/new/", "refused", ["main button[type=submit]"], ".is-wrong"),
    ("agent", "/complaints/register/", "refused", ["main button[type=submit]"], ".is-wrong"),
    ("agent", "/customers/?q=zzzz", "empty", [], ".y-empty"),
    ("agent", "/complaints/?q=zzzz", "empty", [], ".y-empty"),
    ("agent", "/style/", "dialog", ["a:has-text('打开对话框')"], "#dialog[open] form"),
    ("agent", "/style/", "question", ["button:has-text('先问一句')"], "body > dialog[open]"),
    ("agent", "/style/", "toast", ["#main button[hx-get*='danger']"], "#toasts .y-toast"),
    ("", "/login/", "refused", ["button.btn-primary"], ".is-wrong"),
    ("", "/p/new/complaint/", "refused", ["button[type=submit].p-go"], "[role=alert], .p-wrong"),
)


class Album:
    """The pictures taken so far."""

    def __init__(self, browser: Browser, base: str, only: str) -> None:
        self.browser, self.base, self.only = browser, base, only
        self.taken: list[tuple[str, str, str, Path]] = []
        self.known: set[str] = set()

    def enter(self, who: str) -> BrowserContext:
        context = self.browser.new_context(locale="zh-CN", reduced_motion="reduce")
        context.set_default_timeout(30_000)
        if who:
            page = context.new_page()
            page.goto(f"{self.base}/login/")
            page.fill("[name=username]", who)
            page.fill("[name=password]", PASSWORD)
            page.click("button.btn-primary")
            page.wait_for_url(lambda url: "/login/" not in url)
            page.wait_for_timeout(1500)
            page.keyboard.press("Escape")  # the introduction, which begins by itself once
            page.wait_for_timeout(300)
            page.close()
        return context

    def wear(self, page: Page, theme: str) -> None:
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.evaluate("t => { const d = document.documentElement.dataset; if (d.bsTheme) d.bsTheme = t; }", theme)

    def take(self, page: Page, name: str) -> None:
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            for theme in THEMES:
                self.wear(page, theme)
                page.wait_for_timeout(80)
                tall = min(int(page.evaluate("document.documentElement.scrollHeight")), TALLEST)
                path = PLACE / f"{name}.{size}.{theme}.png"
                clip = {"x": 0, "y": 0, "width": width, "height": max(tall, height)}
                page.screenshot(path=str(path), full_page=True, clip=clip)  # type: ignore[arg-type]
                self.taken.append((name, size, theme, path))

    def walk(self, who: str, start: tuple[str, ...]) -> None:
        """Every page one can reach by links; of pages that differ in a number only, one."""
        context, todo, seen = self.enter(who), deque(start), set[str]()
        page = context.new_page()
        while todo:
            address = todo.popleft()
            kind = kind_of(address)
            if (
                (kind in self.known and address not in start)
                or FILES.search(address)
                or (not who and not address.startswith(("/p/", *start)))
            ):
                continue
            if address in seen:
                continue
            seen.add(address)
            self.known.add(kind)
            page.set_viewport_size({"width": 1366, "height": 768})
            try:
                answer = page.goto(self.base + address, wait_until="load")
            except Error:  # a download
                continue
            here = urlsplit(page.url).path
            if answer is None or "text/html" not in answer.headers.get("content-type", ""):
                continue
            if here == address.partition("?")[0] and self.only in address:
                try:
                    self.take(page, slug(who, address))
                except Error as wrong:  # it went elsewhere by itself
                    print(f"{address}: {wrong.message.splitlines()[0]}", flush=True)
                    page.wait_for_load_state()
            todo.extend(page.eval_on_selector_all('a[href^="/"]', LINKS))
        context.close()

    def portal(self, found: dict[str, Any]) -> None:
        """What only a customer sees: by the links of their mails, and with their query code."""
        for number, address in enumerate(found["paths"]):
            if self.only in address:
                context = self.enter("")
                page = context.new_page()
                page.goto(self.base + address, wait_until="load")
                self.take(page, f"portal-{number:02d}")
                context.close()
        context = self.enter("")
        page = context.new_page()
        page.goto(f"{self.base}/p/track/")
        page.fill("[name=number]", found["number"])
        page.fill("[name=code]", found["code"])
        page.click("button.p-go")
        page.wait_for_url(lambda url: "/track/" not in url)
        self.take(page, "portal-opened")
        further = {kind_of(a): a for a in page.eval_on_selector_all('a[href^="/p/c/"]', LINKS)}
        for number, address in enumerate(further.values()):
            page.goto(self.base + address, wait_until="load")
            self.take(page, f"portal-opened-{number}")
        context.close()

    def states(self) -> None:
        for who in sorted({state[0] for state in STATES}):
            context = self.enter(who)
            for _who, address, state, clicks, there in (s for s in STATES if s[0] == who and self.only in s[1]):
                page = context.new_page()
                page.set_viewport_size({"width": 1366, "height": 768})
                page.goto(self.base + address)
                try:
                    for click in clicks:
                        page.locator(click).first.click()
                    page.wait_for_selector(there)
                except Error as wrong:
                    print(f"{address} {state}: {wrong.message.splitlines()[0]}")
                else:
                    self.take(page, f"{slug(who, address)}~{state}")
                page.close(run_before_unload=False)
            context.close()

    def index(self) -> None:
        """One page with everything on it."""
        rows = [
            f'<figure><a href="{path.name}"><img loading="lazy" src="{path.name}" alt=""></a>'
            f"<figcaption>{name} {size} {theme}</figcaption></figure>"
            for name, size, theme, path in sorted(self.taken)
        ]
        style = "body{font:13px sans-serif}main{display:flex;flex-wrap:wrap;gap:12px}img{height:360px;border:1px solid #999}figure{margin:0}"
        text = (
            f"<!doctype html><meta charset=utf-8><title>Yinuo</title><style>{style}</style><main>{''.join(rows)}</main>"
        )
        (PLACE / "index.html").write_text(text, encoding="utf-8")

    def sheets(self) -> None:
        """Several pictures on one, cut to what a screen shows first."""
        for size, (width, height) in SIZES.items():
            for theme in THEMES:
                many = sorted(p for _n, s, t, p in self.taken if (s, t) == (size, theme))
                across, down = (3, 3) if size == "wide" else (8, 2)
                scale = 0.5 if size == "wide" else 0.6
                cell = int(width * scale), int(height * scale * (1.25 if size == "wide" else 1.4))
                for n in range(0, len(many), across * down):
                    sheet = Image.new("RGB", (cell[0] * across, cell[1] * down), (128, 128, 128))
                    for k, path in enumerate(many[n : n + across * down]):
                        picture = Image.open(path)
                        top = picture.crop((0, 0, width, min(picture.height, int(cell[1] / scale))))
                        small = top.resize((cell[0] - 4, int(top.height * scale)))
                        sheet.paste(small, (k % across * cell[0], k // across * cell[1]))
                    sheet.save(PLACE / f"sheet-{size}-{theme}-{n // (across * down):02d}.png")


def kind_of(address: str) -> str:
    """Pages of one route are alike; what is no route of ours is itself."""
    try:
        return resolve(address.partition("?")[0]).route
    except Resolver404:
        return address


def slug(who: str, address: str) -> str:
    return f"{who or 'anybody'}{re.sub(r'[^a-z0-9]+', '-', address.lower()).rstrip('-')}"


def start(port: int) -> subprocess.Popen[bytes]:
    """A demo of our own, in var/shots/home."""
    environment = os.environ | {"YINUO_HOME": str(PLACE / "home")}
    running = subprocess.Popen([str(ROOT / "bin/run"), "--port", str(port)], env=environment)
    for _second in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/login/", timeout=2)
            return running
        except OSError:
            time.sleep(1)
    running.terminate()
    raise SystemExit("the demo did not start")


def portal_links() -> dict[str, Any]:
    environment = os.environ | {"YINUO_HOME": str(PLACE / "home")}
    command = [sys.executable, "-m", "tests.portal_links"]
    said = subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", nargs="?", default="")
    parser.add_argument("--only", default="", help="addresses that contain this")
    parser.add_argument("--port", type=int, default=8790)
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yinuo.settings")
    django.setup()
    PLACE.mkdir(parents=True, exist_ok=True)
    for old in PLACE.glob("*.png"):
        old.unlink()
    demo = None if given.base else start(given.port)
    try:
        with sync_playwright() as driver:
            browser = launch(driver)
            album = Album(browser, (given.base or f"http://127.0.0.1:{given.port}").rstrip("/"), given.only)
            for who, begin in PEOPLE.items():
                album.walk(who, begin)
            album.states()
            if demo:
                album.portal(portal_links())
            album.index()
            album.sheets()
            browser.close()
            print(f"{len(album.taken)} pictures: {PLACE / 'index.html'}")
    finally:
        if demo:
            demo.terminate()
            demo.wait()


if __name__ == "__main__":
    sys.exit(main())
