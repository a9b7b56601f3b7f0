"""A real receiver on loopback and an administrator."""

import http.server
import threading

import pytest

from yinuo.channels.webhook import queries
from yinuo.kernel.actor import Actor, acting_as


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append((self.path, dict(self.headers), body))
        status, answer, more = self.server.answers.pop(0) if self.server.answers else (200, b"ok", {})
        self.send_response(status)
        for name, value in more.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args):
        pass


@pytest.fixture
def receiver(settings):
    settings.WEBHOOK_ALLOW = ["127.0.0.1"]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.got, server.answers = [], []
    server.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def system():
    queries.forget_subscribed()
    with acting_as(Actor.system("test")) as actor:
        yield actor
    queries.forget_subscribed()
