"""How fast this machine is, so that its figures can be read beside those of another.

Two things that have nothing of the product in them: a bare Django view behind the product's web server, and pgbench
writing three rows with 2 KB of text in one statement. Next to each stands what the machine of the targets reached.
"""

import argparse
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.client import Connection, Timing, loop, request
from bench.server import Web, cpu

#: The machine on which the targets were set: CPU ms of a bare view (the middle of 0.15 and 0.25), rows' writes per second.
VIEW_CPU, WRITES = 0.20, {1: 2380, 16: 6100}
TABLES = ("a", "b", "c")
SETUP = "".join(
    f"CREATE TABLE bench_machine_{t} (id bigserial PRIMARY KEY, at timestamptz DEFAULT now(), x text);" for t in TABLES
)
DROP = "".join(f"DROP TABLE IF EXISTS bench_machine_{t};" for t in TABLES)
WRITE = (
    "WITH one AS (INSERT INTO bench_machine_a (x) VALUES (repeat('x', 2048))), "
    "two AS (INSERT INTO bench_machine_b (x) VALUES ('y')) INSERT INTO bench_machine_c (x) VALUES ('z');"
)


def application() -> object:
    """A WSGI application with one view and no middleware."""
    import django
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.http import HttpResponse
    from django.urls import path

    settings.configure(ALLOWED_HOSTS=["*"], SECRET_KEY="bench", ROOT_URLCONF=__name__, MIDDLEWARE=[])
    globals()["urlpatterns"] = [
        path("healthz", lambda _request: HttpResponse("hello", headers={"Content-Length": "5"}))
    ]
    django.setup(set_prefix=False)
    return get_wsgi_application()


def views(seconds: float) -> list[tuple[Timing, float]]:
    """The bare view at 1 and 16 clients, with the server's CPU milliseconds per answer."""
    web, head, found = Web("bench.machine:application", "--factory"), request("GET", "/healthz", {}), []

    def measure(clients: int) -> tuple[Timing, float]:
        lines = [Connection(web.port) for _n in range(clients)]
        before = cpu(web.pids())
        answered = lambda client, _n: lines[client].send(head)[0] == 200  # noqa: E731
        timing = loop("Django, a bare view", answered, clients=clients, seconds=seconds)
        return timing, (cpu(web.pids()) - before) * 1000 / (len(timing.times) + 3 * clients)

    try:
        found = [measure(clients) for clients in (1, 16)]
    finally:
        web.stop()
    return found


def writes(clients: int, seconds: float) -> float:
    """Transactions per second of pgbench with the three-row statement."""
    url = os.environ["DATABASE_URL"]
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "write.sql"
        script.write_text(WRITE)
        ran = subprocess.run(
            ["pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(int(seconds)), "-f", script, url],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    found = re.search(r"tps = ([\d.]+)", ran.stdout)
    assert found, ran.stdout
    return float(found[1])


def main() -> None:
    options = argparse.ArgumentParser(prog="bench.machine", description=__doc__)
    options.add_argument("--seconds", type=float, default=5.0)
    seconds = options.parse_args().seconds
    print(f"{'work':44} {'clients':>7} {'per s':>9} {'CPU ms':>7}   beside the machine of the targets")
    for timing, each in views(seconds):
        print(
            f"{timing.name:44} {timing.clients:>7} {timing.rate:>9.0f} {each:>7.2f}   {each / VIEW_CPU:.1f} times the CPU"
        )
    if not shutil.which("pgbench"):
        sys.exit("pgbench is not on the PATH")
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as line:
        line.execute(DROP + SETUP)
        durable = line.execute("SHOW fsync").fetchone()
        try:
            for clients, theirs in WRITES.items():
                rate = writes(clients, seconds)
                print(
                    f"{'PostgreSQL, three rows in one statement':44} {clients:>7} {rate:>9.0f} {'':>7}   {theirs / rate:.1f} times as fast there"
                )
        finally:
            with contextlib.suppress(psycopg.Error):
                line.execute(DROP)
    print(f"fsync is {durable[0] if durable else '?'} here; it was on there")


if __name__ == "__main__":
    main()
