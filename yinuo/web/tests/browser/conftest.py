"""A real Chromium on a real server: one context per person, with the size of that person's screen."""

import os
from contextlib import contextmanager
from pathlib import Path

import pytest

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright keeps an event loop in the test's own thread

PASSWORD = "desk-7788-x"
DESKTOP, PHONE = (1366, 768), (390, 844)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    path = next(
        (p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome") if Path(p).exists()),
        None,
    )
    assert path, "Chromium is missing: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session", autouse=True)
def files_as_in_the_product():
    """Static files come from the product's own middleware, to be kept by the browser, not from the test server."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StaticFilesHandler, "_should_handle", lambda self, path: False)
        yield


@pytest.fixture
def firm(transactional_db, settings):
    """The company of the complaint tests, with everything the product does by itself."""
    from yinuo.complaints.tests.conftest import build

    settings.ALLOWED_HOSTS = ["*"]
    return build()


@pytest.fixture
def visit(chromium, firm, live_server, settings):
    """`with visit("wang") as page:` signs that person in. Anything the page's scripts complain about fails the test."""
    settings.PUBLIC_URL = live_server.url
    complaints: list[str] = []

    @contextmanager
    def enter(who, size=DESKTOP):
        context = chromium.new_context(
            locale="zh-CN", viewport={"width": size[0], "height": size[1]}, has_touch=size is PHONE
        )
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda wrong: complaints.append(f"{who}: {wrong}"))
        page.on(
            "response",
            lambda answer: answer.status >= 500 and complaints.append(f"{who}: {answer.status} {answer.url}"),
        )
        if who:
            page.goto(f"{live_server.url}/login/")
            page.fill("[name=username]", who)
            page.fill("[name=password]", PASSWORD)
            page.click("main button[type=submit], form button[type=submit]")
            page.wait_for_url(lambda url: "/login/" not in url)
        try:
            yield page
        finally:
            context.close()

    yield enter
    assert complaints == []
