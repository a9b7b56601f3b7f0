"""The live gateway: a plain ASGI app without the web framework's request stack. GET /live?ticket=… answers with SSE.

Only names and topics go over the wire; a page fetches what it shows through the web, where scope is checked.
"""

import asyncio
import contextlib
import json
import os
import re
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yinuo.settings")
django.setup()

from django.conf import settings  # noqa: E402

from yinuo.kernel.beside import beside  # noqa: E402
from yinuo.kernel.errors import Invalid  # noqa: E402
from yinuo.kernel.tokens import unsign  # noqa: E402
from yinuo.live.cursor import Cursor  # noqa: E402
from yinuo.live.hub import Hub, Listener, Notice  # noqa: E402
from yinuo.live.presence import Somebody  # noqa: E402

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

EPOCH = re.compile(r"\d{9,11}(\.\d{1,6})?")
PATHS = ("/live", "/live/events", "/events")
KEEPALIVE = 20.0
#: Said when nothing else was: a page that misses it knows that its stream is dead, whatever its socket believes.
BEAT = b"event: beat\ndata: {}\n\n"
#: A page that takes nothing for so long is dropped; it comes back by its cursor.
SEND_WITHIN = 30.0
#: A stream ends after this long: the page asks for a new ticket, which tells whether it may still hear its topics.
LONGEST_STREAM = 900.0
MAX_LISTENERS = int(os.environ.get("YINUO_LIVE_MAX", "20000"))

hub: Hub | None = None


def allowed_origins() -> frozenset[str]:
    """The web origin, under each name the installation answers to."""
    public = urlsplit(settings.PUBLIC_URL)
    port = f":{public.port}" if public.port else ""
    names = {public.hostname or "", *(host for host in settings.ALLOWED_HOSTS if "*" not in host)}
    return frozenset(f"{public.scheme}://{name}{port}" for name in names if name)


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http":
        await _http(scope, receive, send)
    elif scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})


async def _lifespan(receive: Receive, send: Send) -> None:
    global hub
    await receive()
    hub = Hub(beside())
    running = asyncio.create_task(hub.run())
    await send({"type": "lifespan.startup.complete"})
    await receive()
    hub.close_all()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    await hub.close()
    await send({"type": "lifespan.shutdown.complete"})


async def _http(scope: Scope, receive: Receive, send: Send) -> None:
    path = scope["path"]
    if path == "/healthz":
        await _answer(send, 200, "ok")
        return
    if path == "/readyz":
        well = hub is not None and hub.connected.is_set()
        await _answer(send, 200 if well else 503, "ok" if well else "no database")
        return
    if path not in PATHS:
        await _answer(send, 404, "not found")
        return
    if scope["method"] != "GET":
        await _answer(send, 405, "method not allowed", [(b"allow", b"GET")])
        return
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    origin = headers.get("origin")
    if origin is not None and origin not in allowed_origins():
        await _answer(send, 403, "origin not allowed")
        return
    shared = [(b"access-control-allow-origin", origin.encode()), (b"vary", b"Origin")] if origin else []
    query = parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=8)
    try:
        ticket = unsign("live", query.get("ticket", [""])[0])
        listener = Listener(frozenset(map(str, ticket["topics"])), who=_somebody(ticket))
    except (Invalid, KeyError, TypeError, ValueError):
        await _answer(send, 401, "ticket expired or forged", shared)
        return
    if hub is None or hub.position is None or not hub.connected.is_set() or len(hub.listeners) >= MAX_LISTENERS:
        await _answer(send, 503, "try again soon", [*shared, (b"retry-after", b"3")])
        return
    given = headers.get("last-event-id") or query.get("last_event_id", [""])[0]
    made = _epoch(query.get("made", [""])[0])
    await _stream(hub, hub.position, listener, given, made, shared, receive, send)


def _somebody(ticket: dict[str, Any]) -> Somebody | None:
    """Whoever has the page of a thing open that they may hear of."""
    at = ticket.get("at", "")
    return Somebody(at, int(ticket["staff"]), str(ticket["name"])) if at and at in ticket["topics"] else None


def _epoch(text: str) -> float | None:
    """When the page was made, as it says itself."""
    return float(text) if EPOCH.fullmatch(text) else None


async def _stream(
    hub: Hub,
    start: Cursor,
    listener: Listener,
    given: str,
    made: float | None,
    shared: Iterable[tuple[bytes, bytes]],
    receive: Receive,
    send: Send,
) -> None:
    since = Cursor.parse(given) if given else None
    listener.seen = since
    hub.add(listener)  # from here on nothing new passes by; what came before is read below
    speaking = asyncio.create_task(_speak(hub, listener, start, since, bool(given), made, shared, send))
    leaving = asyncio.create_task(_left(receive))
    try:
        await asyncio.wait((speaking, leaving), return_when=asyncio.FIRST_COMPLETED)
    finally:
        hub.remove(listener)
        for task in (speaking, leaving):
            task.cancel()
        for result in await asyncio.gather(speaking, leaving, return_exceptions=True):
            if isinstance(result, Exception) and not isinstance(result, (OSError, TimeoutError)):
                raise result


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _speak(
    hub: Hub, listener: Listener, start: Cursor, since: Cursor | None, asked: bool,
    made: float | None, shared: Iterable[tuple[bytes, bytes]], send: Send,
) -> None:  # fmt: skip
    await send({
        "type": "http.response.start", "status": 200,
        "headers": [
            (b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"), (b"x-content-type-options", b"nosniff"), *shared,
        ],
    })  # fmt: skip
    await _say(send, await _opening(hub, listener, start, since, asked, made))
    until = time.monotonic() + LONGEST_STREAM
    while (left := until - time.monotonic()) > 0:
        try:
            item = await asyncio.wait_for(listener.queue.get(), min(KEEPALIVE, left))
        except TimeoutError:
            await _say(send, BEAT)
            continue
        if item is None:
            break
        await _say(send, item if isinstance(item, bytes) else message(*item))
    await send({"type": "http.response.body", "body": b""})


async def _opening(
    hub: Hub, listener: Listener, start: Cursor, since: Cursor | None, asked: bool, made: float | None
) -> bytes:
    """The first bytes: a new page learns its cursor and what happened since it was made; a returning one what it
    missed, or that it must look anew.
    """
    told: list[Notice] | None = None
    if asked:
        told = await hub.missed(listener.topics, since, start) if since else None
    elif made is None:
        told = []
    else:
        told = await hub.since(listener.topics, made, start)
    if told is None:
        listener.seen = None
        return b"retry: 3000\n" + message(start, [(0, "reset", topic) for topic in sorted(listener.topics)], reset=True)
    return b"retry: 3000\n" + (message(start, told) if told else f"id: {start}\ndata: {{}}\n\n".encode())


def message(cursor: Cursor, notices: list[Notice], *, reset: bool = False) -> bytes:
    """One SSE event per batch: the browser takes it whole or not at all, so the cursor never stands in its middle."""
    data: dict[str, Any] = {
        "topics": list(dict.fromkeys(topic for _xact, _name, topic in notices)),
        "events": [{"name": name, "topic": topic} for _xact, name, topic in notices],
    }
    if reset:
        data = {"topics": data["topics"], "events": [], "reset": True}
    return f"id: {cursor}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


async def _say(send: Send, body: bytes) -> None:
    await asyncio.wait_for(send({"type": "http.response.body", "body": body, "more_body": True}), SEND_WITHIN)


async def _answer(send: Send, status: int, text: str, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    body = text.encode()
    base = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*base, *headers]})
    await send({"type": "http.response.body", "body": body})
