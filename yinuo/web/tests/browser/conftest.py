"""A real Chromium on a real server: one context per person, with the size of that person's screen."""

import os
from contextlib import contextmanager

import pytest
from django.test import Client

from yinuo.identity.models import Staff
from yinuo.kernel import clock
from yinuo.kernel.command import permit_writes

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright keeps an event loop in the test's own thread

PASSWORD = "desk-7788-x"
DESKTOP, PHONE = (1366, 768), (390, 844)


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
    built = build()
    introduced(Staff.objects.all())
    return built


def introduced(people) -> None:
    """The tour does not stand in their way."""
    with permit_writes("test"):
        people.update(toured_at=clock.now())


@pytest.fixture
def visit(chromium, firm, live_server, settings):
    """`with visit("wang") as page:` is a browser of that person, signed in; coming back later in the same test, the browser is still
    theirs: signed in, files kept, an empty page. Anything the page's scripts complain about fails the test.
    """
    settings.PUBLIC_URL = live_server.url
    complaints: list[str] = []
    browsers: dict[tuple, object] = {}

    def sign_in(context, who):
        """A session as the login page makes it; test_frame.py and test_bad_input.py type their way through it."""
        introduced(Staff.objects.filter(username=who))
        client = Client()
        client.force_login(Staff.objects.get(username=who))
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])

    def page_of(who, size):
        known = browsers.get((who, size)) if who else None
        context = known or chromium.new_context(
            locale="zh-CN", viewport={"width": size[0], "height": size[1]}, has_touch=size is PHONE,
            reduced_motion="reduce",
        )  # fmt: skip
        if who and not known:
            sign_in(context, who)
            browsers[who, size] = context
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda wrong: complaints.append(f"{who}: {wrong}"))
        page.on(
            "response",
            lambda answer: answer.status >= 500 and complaints.append(f"{who}: {answer.status} {answer.url}"),
        )
        return page

    @contextmanager
    def enter(who, size=DESKTOP):
        page = page_of(who, size)
        try:
            yield page
        finally:
            page.close() if who else page.context.close()

    yield enter
    for context in browsers.values():
        context.close()
    assert complaints == []
