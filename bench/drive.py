"""Measure an installation: a closed loop over real HTTP, with statement counts and raw PostgreSQL in the same run.

    DATABASE_URL=postgresql://… python -m bench.drive --key-file /path/to/key [--seconds 10] [--json out.json]

The database is one made by `bench.fill`. Intakes are written to it.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.client import Connection, Timing, loop, request
from bench.server import Web, cpu, database_pids

INTAKE = {
    "content": "发动机加注后漏油，怀疑产品质量问题。" + "现场情况说明：设备停机检查，油品外观正常。" * 20,
    "product": "柴机油 20W-50", "batch": "B2026-11", "demand": "退货并说明原因", "demand_amount": "1280.50",
}  # fmt: skip


#: Each thread of each worker has a database connection that prepares a statement at its fifth use.
WARM = 100


class Bench:
    def __init__(self, key: str, seconds: float) -> None:
        from django.test import Client

        self.key, self.seconds = {"Authorization": f"Bearer {key}"}, seconds
        self.web = Web()
        self.inside = Client(raise_request_exception=True)
        self.cookies = {who: session_of(who) for who in ("leader", "agent")}
        self.connections: dict[int, Connection] = {}
        self.results: list[Timing] = []

    def timed(self, run: Callable[[], Timing]) -> Timing:
        """The run, with the processor time that the web server and our database sessions took per answer."""
        web, base = cpu(self.web.pids()), cpu(database_pids())
        timing = run()
        done = max(len(timing.times) + timing.warm * timing.clients, 1)
        timing.web_cpu = (cpu(self.web.pids()) - web) * 1000 / done
        timing.database_cpu = (cpu(database_pids()) - base) * 1000 / done
        return timing

    def connection(self, client: int) -> Connection:
        return self.connections.setdefault(client, Connection(self.web.port))

    def get(self, name: str, path: str, *, page: str = "") -> None:
        """An API operation; or a page as somebody sees it."""
        headers = {"Cookie": f"sessionid={self.cookies[page]}"} if page else self.key
        head = request("GET", path, headers)

        def one(client: int, _n: int) -> bool:
            return self.connection(client).send(head)[0] == 200

        timing = self.timed(lambda: loop(name, one, clients=1, seconds=self.seconds, warm=WARM))
        timing.statements = self.statements("GET", path, headers)
        self.keep(timing)

    def intake(self, clients: int, *, idempotent: bool = False) -> None:
        stamp = time.time_ns()

        def one(client: int, n: int) -> bool:
            phone = f"139{(stamp + client * 100_003 + n * 17) % 10**8:08d}"
            body = json.dumps({**INTAKE, "name": f"客户{client}号{n}", "phone": phone}).encode()
            headers = {**self.key, "Idempotency-Key": f"{stamp}-{client}-{n}"} if idempotent else self.key
            return self.connection(client).send(request("POST", "/api/v1/complaints", headers, body), body)[0] == 201

        name = "whole intake by API" + (" with an idempotency key" if idempotent else "")
        timing = self.timed(lambda: loop(name, one, clients=clients, seconds=self.seconds))
        headers = {**self.key, "Idempotency-Key": f"{stamp}-s"} if idempotent else self.key
        timing.statements = self.statements("POST", "/api/v1/complaints", headers, {**INTAKE, "name": "计数"})
        self.keep(timing)

    def statements(self, method: str, path: str, headers: dict[str, str], body: Any = None, turns: int = 2) -> int:
        """Of the last of so many times in a row."""
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        content = json.dumps(body).encode() if body else b""
        given = {**headers, "Host": "localhost"}
        for turn in range(turns):
            if "Idempotency-Key" in given:
                given["Idempotency-Key"] += str(turn)
            with CaptureQueriesContext(connection) as caught:
                self.inside.generic(method, path, content, content_type="application/json", headers=given)
        return len(caught)

    def keep(self, timing: Timing) -> None:
        self.results.append(timing)
        print(row(timing), flush=True)


def session_of(username: str) -> str:
    """A signed-in browser session, without the log-in page."""
    from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY

    from yinuo.identity.models import Staff
    from yinuo.identity.sessions import SessionStore

    staff = Staff.objects.get(username=username)
    session = SessionStore()
    session.update({
        SESSION_KEY: str(staff.pk), "_auth_user_backend": "yinuo.identity.backends.Backend",
        HASH_SESSION_KEY: staff.get_session_auth_hash(),
    })  # fmt: skip
    session.create()
    return str(session.session_key)


def caught_intake(bench: Bench) -> Any:
    """The write statement of one intake, as the product sends it."""
    from bench.raw import Template
    from yinuo.kernel import single_write

    kept: list[Any] = []
    original = single_write.prepared

    def keeping(sql: str, params: list[Any]) -> Any:
        kept.append((sql, params))
        return original(sql, params)

    single_write.prepared = keeping
    phone = f"137{time.time_ns() // 1000 % 10**8:08d}"
    bench.statements("POST", "/api/v1/complaints", bench.key, {**INTAKE, "name": "样本客户", "phone": phone})
    single_write.prepared = original
    return Template(*kept[0])  # the second of the two recognises the customer of the first


def row(t: Timing) -> str:
    """One line of the table; the last word is whether the target of `bench.targets` is met."""
    from bench.targets import verdict

    count = "" if t.statements is None else str(t.statements)
    failed = f"  {t.failed} failed" if t.failed else ""
    return f"{t.name:52} {t.clients:>3} {t.rate:>8.1f} {t.median:>8.2f} {t.p99:>8.2f} {count:>5} {t.web_cpu:>8.2f} {t.database_cpu:>8.2f}  {verdict(t)}{failed}"


def measure(bench: Bench) -> None:
    from bench import accepted, mail, pages, raw, replies
    from yinuo.complaints.models import Complaint
    from yinuo.kernel.beside import beside

    newest = Complaint.unscoped.order_by("-pk").values_list("pk", flat=True)[0]
    for name, path in (
        ("API: 25 newest matters", "/api/v1/matters"), ("API: 25 newest open matters", "/api/v1/matters?open=true"),
        ("API: matters of one owner", "/api/v1/matters?owner_id=1&open=true"), ("API: 25 newest complaints", "/api/v1/complaints"),
        ("API: search, a rare word", "/api/v1/matters?q=%E6%A0%B7%E6%9C%AC%E5%AE%A2%E6%88%B7"),
        ("API: search, a common word", "/api/v1/matters?q=%E6%9C%BA%E6%B2%B9"),
        ("API: search, a word nobody wrote", "/api/v1/matters?q=%E9%BA%92%E9%BA%9F"), ("API: customers by name", "/api/v1/customers/search?q=%E7%8E%8B%E5%B0%8F"),
        ("API: one complaint and its moves", f"/api/v1/complaints/{newest}"), ("API: timeline", f"/api/v1/matters/{newest}/timeline"),
        ("API: promises, soonest due", "/api/v1/promises"),
    ):  # fmt: skip
        bench.get(name, path)
    pages.measure(bench)
    template = caught_intake(bench)
    for clients in (1, 16):
        bench.intake(clients)
        bench.keep(bench.timed(lambda n=clients: raw.write(template, beside(), clients=n, seconds=bench.seconds)))
    bench.intake(16, idempotent=True)
    for clients in (1, 16):
        accepted.accepted(bench, INTAKE, clients)
        accepted.same_row(bench, INTAKE, beside(), clients)
    accepted.accepted(bench, INTAKE, 16, idempotent=True)
    accepted.bulk(bench, beside())
    for clients in (1, 16):
        replies.replies(bench, beside(), clients)
    mail.understood(bench)


def main() -> None:
    options = argparse.ArgumentParser(prog="bench.drive", description=__doc__)
    options.add_argument("--key-file", type=Path, required=True)
    options.add_argument("--seconds", type=float, default=10.0)
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yinuo.settings")
    import django

    django.setup()
    from bench.targets import verdict

    bench = Bench(given.key_file.read_text().strip(), given.seconds)
    print(
        f"{'work':52} {'at':>3} {'per s':>8} {'median':>8} {'p99':>8} {'SQL':>5} {'web CPU':>8} {'PG CPU':>8}   load {os.getloadavg()[0]:.1f}"
    )
    try:
        measure(bench)
    finally:
        bench.web.stop()
    if given.json:
        kept = [
            {"name": t.name, "clients": t.clients, "rate": t.rate, "median_ms": t.median, "p99_ms": t.p99,
             "statements": t.statements, "web_cpu_ms": t.web_cpu, "database_cpu_ms": t.database_cpu, "failed": t.failed, "client_cpu_s": t.client_cpu, "target": verdict(t)}
            for t in bench.results
        ]  # fmt: skip
        given.json.write_text(json.dumps(kept, ensure_ascii=False, indent=1))
    sys.exit(1 if any(t.failed for t in bench.results) else 0)


if __name__ == "__main__":
    main()
