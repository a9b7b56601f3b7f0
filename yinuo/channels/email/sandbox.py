"""Parsing behind a wall: another process with a memory limit, killed when a message takes too long."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from yinuo.channels.contract import Inbound, Unparseable
from yinuo.channels.email.parsing.wire import load

SECONDS = 40.0
MEMORY_MB = 1536
MESSAGES_PER_PROCESS = 5000
_ROOT = Path(__file__).resolve().parents[3]


class Sandbox:
    """One parsing process, started when needed, replaced after a crash, a timeout or many messages."""

    def __init__(self, *, seconds: float = SECONDS, memory_mb: int = MEMORY_MB) -> None:
        self.seconds = seconds
        self.memory_mb = memory_mb
        self._process: subprocess.Popen[bytes] | None = None
        self._served = 0
        self._lock = threading.Lock()

    def parse(self, raw: bytes) -> Inbound:
        """Understand a message, or raise ``Unparseable`` for any reason at all, a dying parser included."""
        if not raw.strip():
            raise Unparseable("empty")
        with self._lock:
            try:
                ((header, body),) = self._exchange([raw], self.seconds)
            except TimeoutError:
                self._stop()
                raise Unparseable("too_slow") from None
            except (OSError, EOFError, struct.error):
                self._stop()
                raise Unparseable("parser_died") from None
        return _understood(header, body)

    def parse_many(self, raws: Sequence[bytes], seconds: float) -> list[Inbound | None]:
        """Each understood; None whatever has to be looked at by itself, with `parse`: what cannot be understood, and
        from the message on at which the parser died or `seconds` for all of them were over.
        """
        answers: list[tuple[bytes, bytes]] = []
        with self._lock:
            try:
                answers.extend(self._exchange(raws, seconds))
            except (OSError, EOFError, struct.error):  # a TimeoutError is an OSError
                self._stop()
        return [_or_none(answer) for answer in answers] + [None] * (len(raws) - len(answers))

    def close(self) -> None:
        with self._lock:
            self._stop()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and (self._process.poll() is not None or self._served >= MESSAGES_PER_PROCESS):
            self._stop()
        if self._process is None:
            # The parser gets no environment of ours: no database address, no keys.
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", "yinuo.channels.email.parsing.worker", str(self.memory_mb)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=_ROOT,
                env={"PYTHONPATH": str(_ROOT), "PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
            )
            self._served = 0
        return self._process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(OSError):
            process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _exchange(self, raws: Sequence[bytes], seconds: float) -> Iterator[tuple[bytes, bytes]]:
        """The answers in order, as they come."""
        process = self._running()
        deadline = time.monotonic() + seconds
        sender = threading.Thread(target=self._send, args=(process, raws), daemon=True)
        sender.start()
        for _raw in raws:
            sizes = struct.unpack("<IQ", self._receive(process, 12, deadline))
            yield self._receive(process, sizes[0], deadline), self._receive(process, sizes[1], deadline)
            self._served += 1
        sender.join(1)

    @staticmethod
    def _send(process: subprocess.Popen[bytes], raws: Sequence[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError):
            for raw in raws:
                if process.stdin is not None:
                    process.stdin.write(struct.pack("<Q", len(raw)))
                    process.stdin.write(raw)
                    process.stdin.flush()

    @staticmethod
    def _receive(process: subprocess.Popen[bytes], size: int, deadline: float) -> bytes:
        assert process.stdout is not None  # noqa: S101
        descriptor = process.stdout.fileno()
        parts: list[bytes] = []
        with selectors.DefaultSelector() as ready:
            ready.register(descriptor, selectors.EVENT_READ)
            while size:
                left = deadline - time.monotonic()
                if left <= 0 or not ready.select(left):
                    raise TimeoutError
                part = os.read(descriptor, min(size, 1 << 20))
                if not part:
                    raise EOFError
                parts.append(part)
                size -= len(part)
        return b"".join(parts)


def _understood(header: bytes, body: bytes) -> Inbound:
    if header.startswith(b'{"unparseable"'):
        told = json.loads(header)
        raise Unparseable(told["unparseable"], told["detail"])
    return load(header, body)


def _or_none(answer: tuple[bytes, bytes]) -> Inbound | None:
    try:
        return _understood(*answer)
    except Unparseable:
        return None


_shared: Sandbox | None = None
_shared_pid = 0


def shared() -> Sandbox:
    """The process-wide sandbox; a forked child gets its own."""
    global _shared, _shared_pid
    if _shared is None or _shared_pid != os.getpid():
        _shared, _shared_pid = Sandbox(), os.getpid()
    return _shared
