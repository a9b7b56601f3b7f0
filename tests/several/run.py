"""One of every two dies under load, then the primary itself. `python -m tests.several.run --seconds 20 --report report.json`

Needs HAProxy and PgBouncer (`apt-get install haproxy pgbouncer`). Prints how fast each state carries the load, how long nobody
answered, and whether anything acknowledged was lost or doubled.
"""

import argparse
import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from tests.faults.ledger import Ledger
from tests.faults.listening import Page
from tests.faults.load import SHORT, Load
from tests.faults.reckoning import reckon
from tests.faults.run import SETTLED, settled
from tests.several.stage import Several


class Watch:
    """Asks a page five times a second and keeps the longest time in which none was answered."""

    def __init__(self, port: int) -> None:
        self.port, self.longest, self.good, self.over = port, 0.0, time.monotonic(), threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        while not self.over.wait(0.2):
            try:
                well = httpx.get(f"http://127.0.0.1:{self.port}/login/", timeout=5).status_code == 200
            except httpx.HTTPError:
                well = False
            now = time.monotonic()
            self.longest = max(self.longest, now - self.good)
            self.good = now if well else self.good

    def take(self) -> float:
        """Seconds; and begins anew."""
        found, self.longest = self.longest, 0.0
        return round(found, 2)


def run(seconds: float, pace: float) -> dict[str, Any]:
    stage = Several()
    try:
        stage.open()
        ledger = Ledger(stage.folder / "ledger.jsonl")
        load, watch = Load(stage, ledger, pace), Watch(stage.port)
        pages = [Page(stage, ledger) for _gateway in range(2)]  # the balancer gives each another
        for page in pages:
            page.begin()
        load.begin()
        rows: list[dict[str, Any]] = []
        for name, harm in harms(stage):
            before = sum(ledger.counts().values())
            began = time.monotonic()
            extra = harm()
            time.sleep(seconds)
            done = sum(ledger.counts().values()) - before
            lag = stage.databases.lag_bytes() if stage.databases.primary is not stage.databases.standby else None
            rows.append({"state": name, "acknowledged": done, "seconds": round(time.monotonic() - began, 1),
                         "nobody_answered_s": watch.take(), "standby_behind_bytes": lag, **(extra or {})})  # fmt: skip
            print(rows[-1], flush=True)
            stage.revive()
            stage.wait_for_web(60)
            time.sleep(4)
            watch.take()
        load.end()
        watch.over.set()
        time.sleep(SHORT.total_seconds())
        verdict, books = settled(stage, ledger, pages[0], SETTLED)
        other = reckon(stage, ledger, pages[1])
        for page in pages:
            page.end()
        return {"rows": rows, "acknowledged": ledger.counts(), "checked": verdict.checked, "lost": verdict.lost, "doubled": verdict.doubled,
                "second page": {"lost": other.lost, "doubled": other.doubled}, "streams": [page.streams for page in pages],
                "books": books, "good": verdict.good and other.good and not books}  # fmt: skip
    finally:
        stage.close()


def harms(stage: Several) -> list[tuple[str, Callable[[], dict[str, Any] | None]]]:
    def pool() -> None:
        stage.pool.stop()
        stage.pool.start()

    return [
        ("all there", lambda: None),
        *((f"{name} killed", lambda name=name: stage.kill(name)) for name in ("web 1", "worker 1", "clock 1", "live 1")),
        ("PgBouncer killed and started", pool),
        ("primary killed, standby promoted", lambda: {"promoted_after_s": round(stage.fail_over(), 2)}),
        ("on the former standby", lambda: None),
    ]  # fmt: skip


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=20)
    options.add_argument("--pace", type=float, default=0.4)
    options.add_argument("--report", type=Path)
    given = options.parse_args()
    found = run(given.seconds, given.pace)
    text = json.dumps(found, ensure_ascii=False, indent=1)
    print(text)
    if given.report:
        given.report.write_text(text + "\n", encoding="utf-8")
    return 0 if found["good"] else 1


if __name__ == "__main__":
    sys.exit(main())
