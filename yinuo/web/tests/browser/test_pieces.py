"""A page that arrives in two pieces, as over a slow line: what is read already does not move when the rest comes."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.test import Client

from yinuo.web.tests.browser.conftest import DESKTOP, PHONE
from yinuo.web.tests.browser.test_every_page import MOVED, SHIFTS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
#: Seconds between the pieces: long enough for the browser to draw the first.
PAUSE = 0.4


@pytest.fixture
def slow_line(live_server):
    """Serves what it is given as `.page`, the second piece a moment after the first; all else comes from the product."""

    class Line(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            first, second = server.page
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(first.replace(b"<head>", f'<head><base href="{live_server.url}/">'.encode()))
            self.wfile.flush()
            time.sleep(PAUSE)
            self.wfile.write(second)

        def log_message(self, *said) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Line)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("address, before", [("/login/", '<section class="y-login-form"'), ("/nowhere/", "</h1>")])
def test_nothing_moves_when_the_rest_of_a_page_comes(slow_line, chromium, firm, size, address, before) -> None:
    whole = Client().get(address, follow=True).content
    cut = whole.index(before.encode())
    slow_line.page = whole[:cut], whole[cut:]
    page = chromium.new_page(viewport={"width": size[0], "height": size[1]})
    page.add_init_script(f"({SHIFTS})()")
    page.goto(f"http://127.0.0.1:{slow_line.server_port}/", wait_until="load")
    page.wait_for_function(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
    )
    assert page.evaluate("() => document.styleSheets.length") > 1
    assert page.evaluate(MOVED) == ""
    page.close()
