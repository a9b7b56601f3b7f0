"""A closed-loop HTTP client that costs little itself: raw sockets, one per caller, keep-alive."""

import contextlib
import socket
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Timing:
    """What a run came to; times in milliseconds."""

    name: str
    clients: int
    warm: int = 0
    times: list[float] = field(default_factory=list)
    seconds: float = 0.0
    failed: int = 0
    statements: int | None = None
    client_cpu: float = 0.0
    web_cpu: float = 0.0
    database_cpu: float = 0.0

    @property
    def median(self) -> float:
        return statistics.median(self.times) if self.times else float("nan")

    @property
    def p99(self) -> float:
        return sorted(self.times)[min(len(self.times) - 1, int(len(self.times) * 0.99))] if self.times else float("nan")

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds if self.seconds else 0.0


class Connection:
    def __init__(self, port: int) -> None:
        self.port = port
        self.socket: socket.socket | None = None

    def send(self, head: bytes, body: bytes = b"") -> tuple[int, bytes]:
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port))
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(head + body)
        data = b""
        while b"\r\n\r\n" not in data:
            more = self.socket.recv(65536)
            if not more:
                self.socket = None
                return 0, b""
            data += more
        header, _blank, rest = data.partition(b"\r\n\r\n")
        length, lowered = 0, header.lower()
        if b"content-length:" in lowered:
            length = int(lowered.split(b"content-length:")[1].split(b"\r\n")[0])
        parts = [rest]
        have = len(rest)
        while have < length:
            more = self.socket.recv(262144)
            if not more:
                break
            parts.append(more)
            have += len(more)
        if b"connection: close" in lowered:
            self.socket.close()
            self.socket = None
        return int(header[9:12]), b"".join(parts)


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *(f"{k}: {v}" for k, v in headers.items())]
    if body or method == "POST":
        lines += [f"Content-Length: {len(body)}", "Content-Type: application/json"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def loop(name: str, one: Callable[[int, int], bool], *, clients: int, seconds: float, warm: int = 3) -> Timing:
    """Each of `clients` threads calls `one(client, n)` as fast as it is answered, for `seconds`.

    What one of them raises ends the run.
    """
    timing = Timing(name, clients, warm=warm)
    lock, go = threading.Lock(), threading.Barrier(clients + 1)
    stop_at, wrong = [0.0], list[Exception]()

    def work(client: int) -> None:
        try:
            answered(client)
        except Exception as error:
            wrong.append(error)
            go.abort()

    def answered(client: int) -> None:
        for n in range(warm):
            one(client, n)
        go.wait()
        mine, failed, n = [], 0, warm
        while (start := time.perf_counter()) < stop_at[0]:
            good = one(client, n)
            mine.append((time.perf_counter() - start) * 1000)
            failed += not good
            n += 1
        with lock:
            timing.times += mine
            timing.failed += failed

    threads = [threading.Thread(target=work, args=(c,), daemon=True) for c in range(clients)]
    for thread in threads:
        thread.start()
    stop_at[0] = time.perf_counter() + 3600
    with contextlib.suppress(threading.BrokenBarrierError):
        go.wait()
    started, cpu = time.perf_counter(), time.process_time()
    stop_at[0] = started + seconds
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]
    timing.seconds, timing.client_cpu = time.perf_counter() - started, time.process_time() - cpu
    return timing
