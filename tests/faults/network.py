"""A piece of network that can be stopped: a relay on loopback between two sides, neither of which knows of it."""

import asyncio
import contextlib
import random
import socket
import struct
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from yinuo.channels.email.tests.servers import free_port

#: refuse: nobody listens. cut: what is open is reset, what is opened is reset in the middle of what it says.
#: swallow: nothing moves, nobody is told. deaf: what is asked arrives, no answer comes back.
WAYS = ("refuse", "cut", "swallow", "deaf")
_RESET = struct.pack("ii", 1, 0)


class Relay:
    """From a port of its own to `target`: a port of this machine, or the path of a socket."""

    def __init__(self, target: int | Path) -> None:
        self.target, self.port, self.way = target, free_port(), ""
        self.carried = 0
        self._listening: tuple[socket.socket, asyncio.Task[None]] | None = None
        self._visits: set[asyncio.Task[None]] = set()
        self._ends: set[asyncio.StreamWriter] = set()
        self._there, self._back = asyncio.Event(), asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._do(self._listen())

    def stop(self, way: str) -> None:
        self._do(self._stop(way))

    def heal(self, *, lost: bool) -> None:
        """The network is back; what hung in it goes on, or was `lost` for good."""
        self._do(self._heal(lost))

    def close(self) -> None:
        self._do(self._stop("refuse"))
        self._do(self._over())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _do(self, what: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(10)

    async def _over(self) -> None:
        self._there.set()
        self._back.set()
        if self._visits:
            await asyncio.wait(self._visits, timeout=2)

    async def _listen(self) -> None:
        self._there.set()
        self._back.set()
        here = socket.create_server(("127.0.0.1", self.port))
        here.setblocking(False)
        self._listening = here, self._loop.create_task(self._accept(here))

    async def _accept(self, here: socket.socket) -> None:
        while True:
            visitor, _from = await self._loop.sock_accept(here)
            visit = self._loop.create_task(self._serve(visitor))
            self._visits.add(visit)
            visit.add_done_callback(self._visits.discard)

    async def _stop(self, way: str) -> None:
        self.way = way
        if way == "refuse" and self._listening is not None:
            here, accepting = self._listening
            accepting.cancel()
            here.close()
            self._listening = None
        if way in ("refuse", "cut"):
            self._reset_all()
        if way in ("swallow", "deaf"):
            self._back.clear()
        if way == "swallow":
            self._there.clear()

    async def _heal(self, lost: bool) -> None:
        if lost:
            self._reset_all()
        self.way = ""
        self._there.set()
        self._back.set()
        if self._listening is None:
            await self._listen()

    def _reset_all(self) -> None:
        for end in self._ends:
            _reset(end)
        self._ends.clear()

    async def _serve(self, visitor: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=visitor)
        ends = {writer}
        self._ends |= ends
        try:
            if isinstance(self.target, int):
                beyond = await asyncio.open_connection("127.0.0.1", self.target)
            else:
                beyond = await asyncio.open_unix_connection(str(self.target))
            ends.add(beyond[1])
            self._ends.add(beyond[1])
            if self.way == "refuse":  # it came in just before nobody listened
                return
            left = random.randrange(1, 3000) if self.way == "cut" else None
            await asyncio.gather(
                self._carry(reader, beyond[1], self._there, left), self._carry(beyond[0], writer, self._back, left)
            )
        except OSError:
            pass
        finally:
            for end in ends:
                _reset(end) if not end.is_closing() else None
            self._ends -= ends

    async def _carry(
        self, source: asyncio.StreamReader, to: asyncio.StreamWriter, gate: asyncio.Event, left: int | None
    ) -> None:
        while data := await source.read(1 << 16):
            await gate.wait()
            if left is not None and len(data) >= left:
                to.write(data[:left])
                raise ConnectionResetError
            left = None if left is None else left - len(data)
            to.write(data)
            self.carried += len(data)
            await to.drain()
        if to.can_write_eof():
            with contextlib.suppress(OSError):
                to.write_eof()


def _reset(end: asyncio.StreamWriter) -> None:
    """Not a farewell: the other side learns of it in the middle of whatever it does."""
    connection = end.get_extra_info("socket")
    if connection is not None and connection.family == socket.AF_INET:
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    end.transport.abort()
