"""A real gateway on loopback, in a thread of the test process, and a client that reads its stream."""

import json
import socket
import threading
import time
from contextlib import contextmanager
from datetime import timedelta

import httpx
import psycopg
import pytest
import uvicorn

from yinuo.kernel import clock
from yinuo.kernel.beside import beside
from yinuo.kernel.tokens import sign

ORIGIN = "http://localhost:8000"


class Gateway:
    def __init__(self, url: str) -> None:
        self.url = url
        self.client = httpx.Client(base_url=url, trust_env=False, timeout=10)

    def ticket(self, *topics: str, life: int = 60) -> str:
        return sign("live", {"staff": 1, "topics": list(topics)}, clock.now() + timedelta(seconds=life))

    def get(self, ticket: str, **headers: str) -> httpx.Response:
        return self.client.get("/live", params={"ticket": ticket}, headers=headers)

    def listen(self, *topics: str, last: str = "") -> "Stream":
        return Stream(self, topics, last)


class Stream:
    """Messages of one stream; `id` is the cursor of the last whole message."""

    def __init__(self, gateway: Gateway, topics: tuple[str, ...], last: str) -> None:
        headers = {"Last-Event-ID": last} if last else {}
        self._context = gateway.client.stream(
            "GET", "/live", params={"ticket": gateway.ticket(*topics)}, headers=headers
        )
        self.id = last
        self.names: list[str] = []

    def __enter__(self) -> "Stream":
        self.response = self._context.__enter__()
        assert self.response.status_code == 200
        self._lines = self.response.iter_lines()
        self.first = self.next()
        return self

    def __exit__(self, *args: object) -> None:
        self._context.__exit__(*args)

    def next(self) -> dict:
        cursor, data = "", {}
        for line in self._lines:
            if line.startswith("id: "):
                cursor = line[4:]
            elif line.startswith("data: "):
                data = json.loads(line[6:])
            elif not line and cursor:
                self.id = cursor
                self.names += [event["name"] for event in data.get("events", ())]
                return data
        raise EOFError

    def until(self, *names: str) -> list[str]:
        while not set(names) <= set(self.names):
            self.next()
        return self.names


@contextmanager
def started():
    """A gateway that runs until the block ends."""
    from yinuo.live import app as gateway_app

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = uvicorn.Config(
        gateway_app.app, host="127.0.0.1", port=port, log_level="warning", lifespan="on", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    made = Gateway(f"http://127.0.0.1:{port}")
    for _try in range(100):
        try:
            if made.client.get("/readyz").status_code == 200:
                break
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    yield made
    made.client.close()
    server.should_exit = True
    thread.join(5)
    assert not thread.is_alive()


@pytest.fixture
def gateway(transactional_db):
    with started() as made:
        yield made


@pytest.fixture
def tell(transactional_db):
    """Other processes that commit notices: `tell("name", "topic")` commits at once; `tell.begin()` holds one open."""
    opened = []

    class Tell:
        def begin(self):
            found = psycopg.connect(**beside())
            opened.append(found)
            return found

        def insert(self, conn, name, topic):
            conn.execute(
                "WITH told AS (INSERT INTO kernel_notice (events, at) VALUES (%s::jsonb, now()) RETURNING id) "
                "SELECT pg_notify('yinuo_live', '') FROM told",
                [json.dumps([[name, topic]])],
            )

        def __call__(self, name, topic):
            with psycopg.connect(**beside()) as conn:
                self.insert(conn, name, topic)

    yield Tell()
    for conn in opened:
        conn.close()
