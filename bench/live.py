"""How much an idle open page costs the live gateway, and how soon all of them hear an event.

DATABASE_URL=postgresql://… python -m bench.live [--pages 5000]
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from bench.server import free_port


async def listen(port: int, ticket: str, opened: asyncio.Semaphore, heard: list[float], ready: list[int]) -> None:
    async with opened:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET /live?ticket={ticket} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        await reader.readuntil(b"data: {}\n\n")
    ready.append(1)
    await reader.readuntil(b'"bench.event"')
    heard.append(time.perf_counter())
    writer.close()


async def run(pages: int, port: int, process: subprocess.Popen[bytes]) -> dict[str, float]:
    import psutil
    import psycopg

    from yinuo.kernel import clock
    from yinuo.kernel.beside import beside
    from yinuo.kernel.tokens import sign

    gateway = psutil.Process(process.pid)
    empty = gateway.memory_info().rss
    ticket = sign("live", {"staff": 1, "topics": ["bench"]}, clock.now() + timedelta(minutes=5))
    heard: list[float] = []
    ready: list[int] = []
    opened = asyncio.Semaphore(100)
    tasks = [asyncio.create_task(listen(port, ticket, opened, heard, ready)) for _n in range(pages)]
    while len(ready) < pages:
        await asyncio.sleep(0.1)
    full = gateway.memory_info().rss
    before = gateway.cpu_times().user + gateway.cpu_times().system
    await asyncio.sleep(10)
    idle = gateway.cpu_times().user + gateway.cpu_times().system - before
    started = time.perf_counter()
    async with await psycopg.AsyncConnection.connect(**beside()) as conn:
        await conn.execute('INSERT INTO kernel_notice (events, at) VALUES (\'[["bench.event", "bench"]]\', now())')
        await conn.execute("SELECT pg_notify('yinuo_live', '')")
    await asyncio.gather(*tasks)
    waits = sorted((t - started) * 1000 for t in heard)
    return {
        "pages": pages, "kb_each": (full - empty) / pages / 1024, "gateway_mb": full / 1e6, "idle_cpu": idle / 10,
        "heard_ms_median": statistics.median(waits), "heard_ms_last": waits[-1],
    }  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(prog="bench.live", description=__doc__)
    options.add_argument("--pages", type=int, default=5000)
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yinuo.settings")
    import resource

    import django

    django.setup()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "yinuo.live.main", "--port", str(port)])
    try:
        wait_for(port)
        found = asyncio.run(run(given.pages, port, process))
    finally:
        process.terminate()
        process.wait(10)
    print(
        f"{found['pages']:.0f} idle pages: {found['kb_each']:.0f} KB each, {found['gateway_mb']:.0f} MB in all, "
        f"{found['idle_cpu']:.1%} of one processor"
    )
    print(f"one event to all: median {found['heard_ms_median']:.0f} ms, last {found['heard_ms_last']:.0f} ms")
    if given.json:
        given.json.write_text(json.dumps(found, indent=1))


def wait_for(port: int) -> None:
    from bench.client import Connection, request

    for _try in range(300):
        try:
            if Connection(port).send(request("GET", "/readyz", {}))[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit("the gateway did not start")


if __name__ == "__main__":
    main()
