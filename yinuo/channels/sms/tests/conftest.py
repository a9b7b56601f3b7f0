"""A gateway on this machine that believes a signature only after making it again."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import pytest

from yinuo.channels.sms.signing import acs3, plain

SECRET = "gateway-secret-7"


@pytest.fixture
def gateway():
    """`answers` are used up first, as (status, body); then everything well signed is taken."""
    state = SimpleNamespace(taken=[], answers=[], refused=0)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            given = {name.lower(): value for name, value in self.headers.items()}
            url = urlsplit(self.path)
            query = dict(parse_qsl(url.query, strict_parsing=bool(url.query)))
            if given.get("authorization"):
                names = given["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
                due = acs3(key="ak", secret=SECRET, method="POST", path=url.path, query=query, body=body,
                           headers={name: given[name] for name in names})  # fmt: skip
                good, taken, fine = due == given["authorization"], query, b'{"Code":"OK","BizId":"biz-1"}'
            else:
                due = plain(secret=SECRET, timestamp=given.get("x-yinuo-timestamp", ""), body=body)
                good, taken, fine = due == given.get("x-yinuo-signature"), json.loads(body), b"{}"
            status, answer = (403, b'{"Code":"SignatureDoesNotMatch","Message":"no"}')
            if good:
                status, answer = state.answers.pop(0) if state.answers else (200, fine)
                state.taken.append(taken)
            else:
                state.refused += 1
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    state.url = f"http://127.0.0.1:{server.server_port}/"
    yield state
    server.shutdown()
    server.server_close()


def setup(settings, gateway, kind, secret=SECRET):
    settings.SMS = {
        "gateway": kind, "url": gateway.url, "key": "ak", "secret": secret, "sign": "一诺", "template": "SMS_1",
    }  # fmt: skip
