"""What the promise clock costs with many open promises, how late it is, and how fast it catches up after an outage.

    DATABASE_URL=postgresql://… python -m bench.clock --open 1000000 --due-per-second 1000 --seconds 30 --overdue 100000

For a database made by `bench.fill`, which it fills up with open promises of far future, one after the other on every
matter. It starts the product's own clock process and stops it again. Lateness is what the announcements say of
themselves (`at` − `planned_at`); "waiting" is what somebody who looks meanwhile finds committed: how long ago the
longest due promise came due.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.client import Timing
from bench.promises import Due, add_open, make_due, spoken
from bench.watching import Spent, sessions

LOOKS_EVERY = 0.25
#: Seconds from the rows being ready to the first coming due.
AHEAD = 5


def main() -> None:
    options = argparse.ArgumentParser(
        prog="bench.clock", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--open", type=int, default=1_000_000)
    options.add_argument("--due-per-second", type=int, default=1000)
    options.add_argument("--seconds", type=int, default=30)
    options.add_argument("--overdue", type=int, default=100_000)
    options.add_argument("--kind", choices=("warned", "broken"), default="broken", help="what comes due")
    options.add_argument("--idle", type=int, default=20, help="seconds of looking at a clock with nothing to do")
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yinuo.settings")
    import django

    django.setup()
    found: dict[str, Any] = {"kind": given.kind, "open": add_open(given.open)}
    if given.overdue:
        due = make_due(given.overdue, given.kind, overdue=True)
        with clock_process() as process:
            found["overdue"] = measured(process, due)
    with clock_process() as process:
        if given.idle:
            found["idle"] = idle(process, given.idle)
        if given.due_per_second:
            due = make_due(
                given.due_per_second * given.seconds, given.kind, per_second=given.due_per_second, ahead=AHEAD
            )
            found["steady"] = measured(process, due)
    show(found)
    if given.json:
        given.json.write_text(json.dumps(found, indent=1))


@contextlib.contextmanager
def clock_process() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-m", "yinuo", "clock"], stderr=subprocess.DEVNULL)
    try:
        for _try in range(300):
            if sessions():
                break
            time.sleep(0.1)
        else:
            raise SystemExit("the clock did not start")
        yield process
    finally:
        process.terminate()
        process.wait(30)


def idle(process: subprocess.Popen[bytes], seconds: int) -> dict[str, float]:
    time.sleep(5)  # its first look is done
    with Spent(process.pid) as spent:
        time.sleep(seconds)
    return {"clock": spent.clock / seconds, "database": spent.database / seconds}


def measured(process: subprocess.Popen[bytes], due: Due) -> dict[str, Any]:
    """From the first coming due until every one is announced."""
    timing, waiting = Timing("", 1), []
    began = None
    with Spent(process.pid) as spent:
        while True:
            left, longest = due.waiting()
            now = time.monotonic()
            if began is None and longest > 0:
                began = now - longest if due.steady else now  # what is overdue counts from the start of the process
            if longest > 0:
                waiting.append(longest)
            if not left:
                break
            if process.poll() is not None or (began and now - began > due.count / 20 + 60):
                raise SystemExit(f"{left} of {due.count} promises were not announced")
            time.sleep(LOOKS_EVERY)
    timing.seconds = time.monotonic() - (began or 0)
    said = spoken(due)
    timing.times = said.late_ms
    waiting.sort()
    return {
        "promises": due.count, "announced": said.count, "twice": said.twice, "missing": said.missing,
        "seconds": timing.seconds, "per_second": timing.rate,
        "late_ms_median": timing.median, "late_ms_p99": timing.p99,
        "waiting_s_p99": waiting[int(len(waiting) * 0.99)] if waiting else 0.0,
        "clock_ms_each": spent.clock * 1000 / due.count, "database_ms_each": spent.database * 1000 / due.count,
    }  # fmt: skip


def show(found: dict[str, Any]) -> None:
    print(f"open promises: {found['open']:,}; what comes due: {found['kind']}")
    if idle := found.get("idle"):
        print(f"idle: clock {idle['clock']:.2%}, the database server {idle['database']:.2%} of one processor")
    print(
        f"{'':10} {'promises':>9} {'each once':>9} {'s':>7} {'/s':>7} {'clock ms':>9} {'db ms':>7}  late: median, p99; waiting: p99"
    )
    for name in ("steady", "overdue"):
        if row := found.get(name):
            once = "yes" if row["twice"] == row["missing"] == 0 else "NO"
            late = f"{row['late_ms_median']:.0f} ms, {row['late_ms_p99']:.0f} ms; {row['waiting_s_p99']:.2f} s"
            print(
                f"{name:10} {row['promises']:>9,} {once:>9} {row['seconds']:>7.1f} {row['per_second']:>7.0f}"
                f" {row['clock_ms_each']:>9.2f} {row['database_ms_each']:>7.2f}  {late if name == 'steady' else '–'}"
            )


if __name__ == "__main__":
    main()
