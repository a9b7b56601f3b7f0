"""Accepted first: what a client waits for, and how fast one worker registers what was accepted.

Beside each stand plain psycopg rows of the same run: the same row inserted, and the rows of the same groups written.
"""

import json
import threading
import time
from typing import Any

import psycopg

from bench.client import Timing, loop, request
from bench.raw import STEP, Template, write

PATH = "/api/v1/complaints"
LATER = {"Prefer": "respond-async"}
#: A group's rows have more keys than those of one intake.
GROUP_STEP = 50 * STEP


def accepted(bench: Any, intake: dict[str, Any], clients: int, *, idempotent: bool = False) -> None:
    stamp = time.time_ns()
    headers = {**bench.key, **LATER}

    def one(client: int, n: int) -> bool:
        phone = f"136{(stamp + client * 100_003 + n * 17) % 10**8:08d}"
        body = json.dumps({**intake, "name": f"来件{client}号{n}", "phone": phone}).encode()
        more = {**headers, "Idempotency-Key": f"{stamp}-{client}-{n}"} if idempotent else headers
        return bench.connection(client).send(request("POST", PATH, more, body), body)[0] == 202

    name = "accepted for good by API" + (" with an idempotency key" if idempotent else "")
    timing = bench.timed(lambda: loop(name, one, clients=clients, seconds=bench.seconds))
    more = {**headers, "Idempotency-Key": f"{stamp}-s"} if idempotent else headers
    timing.statements = bench.statements("POST", PATH, more, {**intake, "name": "计数"})
    bench.keep(timing)


def same_row(bench: Any, intake: dict[str, Any], conninfo: dict[str, Any], clients: int) -> None:
    """The statement of an acceptance, from plain psycopg."""
    from yinuo.complaints.intake import accepting

    caught: list[Any] = []
    original = accepting.prepared
    accepting.prepared = lambda sql, given: caught.append((sql, given)) or original(sql, given)  # type: ignore[func-returns-value]
    bench.statements("POST", PATH, {**bench.key, **LATER}, {**intake, "name": "样本来件", "phone": "13600000000"})
    accepting.prepared = original
    (sql, given), local = caught[0], threading.local()

    def one(_client: int, _n: int) -> bool:
        if not hasattr(local, "conn"):
            local.conn = psycopg.connect(**conninfo, autocommit=True, prepare_threshold=1)
        return local.conn.execute(sql, given).fetchone() is not None

    name = "PostgreSQL alone, the same row"
    bench.keep(bench.timed(lambda: loop(name, one, clients=clients, seconds=bench.seconds)))


def bulk(bench: Any, conninfo: dict[str, Any]) -> None:
    """One worker at what waits, group after group; then the rows of such a group from plain psycopg."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from yinuo.complaints.intake.group import _REGISTERED, MOST, register_group
    from yinuo.kernel import single_write

    caught: list[Any] = []
    original = single_write.prepared
    single_write.prepared = lambda sql, given: caught.append((sql, given)) or original(sql, given)  # type: ignore[func-returns-value]
    with CaptureQueriesContext(connection) as statements:
        register_group()
    single_write.prepared = original
    timing = bench.timed(lambda: _worker(register_group, bench.seconds))
    timing.statements = len(statements)
    bench.keep(timing)
    sql, given = caught[0]
    rows = Template(sql.replace(f", a0 AS ({_REGISTERED})", ""), [*given[:-2], given[-1]])
    raw = bench.timed(lambda: write(rows, conninfo, clients=1, seconds=bench.seconds, step=GROUP_STEP))
    raw.name, raw.times = (
        "PostgreSQL alone, the rows of such groups",
        [t / MOST for t in raw.times for _n in range(MOST)],
    )
    bench.keep(raw)


def _worker(register_group: Any, seconds: float) -> Timing:
    """Times are those of one intake: a group's, divided by how many were in it."""
    timing = Timing("bulk path: accepted intakes registered by one worker", 1)
    started, cpu = time.perf_counter(), time.process_time()
    while time.perf_counter() - started < seconds:
        before = time.perf_counter()
        seen, left = register_group()
        if not seen or left:
            break
        timing.times += [(time.perf_counter() - before) * 1000 / len(seen)] * len(seen)
    timing.seconds, timing.client_cpu = time.perf_counter() - started, time.process_time() - cpu
    return timing
