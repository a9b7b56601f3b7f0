"""What each row must reach on two cores, database included. A figure is met or not; it is never a test's pass or fail."""

from collections.abc import Callable, Iterator
from typing import Any

from bench.client import Timing

#: Name and clients of a row: at least so many per second, median and 99th percentile at most so many milliseconds.
RATES = {
    ("accepted for good by API", 16): 1500,
    ("whole intake by API", 1): 250,
    ("whole intake by API", 16): 750,
    ("bulk path: accepted intakes registered by one worker", 1): 1000,
    ("e-mail: from stored to visible, one worker", 1): 300,
    ("reply by API", 16): 900,
}
SAME_ROWS = "PostgreSQL alone, the same rows in one statement"
PAGES = (10.0, 50.0)
TIMES = {
    "accepted for good by API": (None, 60.0),
    "page: matter with 200 entries": (20.0, None),
    "page: monthly report": (1000.0, None),
    "search": (20.0, 150.0),
}


def verdict(timing: Timing) -> str:
    """`met`, or what would have been; empty where there is no target."""
    wanted = []
    if rate := RATES.get((timing.name, timing.clients)):
        wanted.append((timing.rate >= rate, f"≥ {rate}/s"))
    head = timing.name.split(",")[0]
    limits = TIMES.get(timing.name) or TIMES.get(head) or (PAGES if head.startswith("list page") else (None, None))
    if timing.name == "accepted for good by API" and timing.clients == 1:
        limits = (None, None)
    for limit, value, word in zip(limits, (timing.median, timing.p99), ("median", "p99"), strict=True):
        if limit is not None:
            wanted.append((value <= limit, f"{word} ≤ {limit:g} ms"))
    missed = [text for good, text in wanted if not good]
    return "" if not wanted else "not met: " + ", ".join(missed) if missed else "met"


def summary(kept: dict[str, Any]) -> Iterator[tuple[str, float, Callable[[float], bool]]]:
    """(what, the figure, whether it is good enough) of every target outside the table of `bench.drive`, and how many
    rows of that table miss theirs.
    """
    rows = [row for row in kept.get("drive") or [] if row["target"]]
    yield (
        f"rows of {len(rows)} that miss their target",
        len([r for r in rows if r["target"] != "met"]),
        lambda n: n == 0,
    )
    whole = {row["clients"]: row["rate"] for row in kept.get("drive") or [] if row["name"] == "whole intake by API"}
    plain = {row["clients"]: row["rate"] for row in kept.get("drive") or [] if row["name"] == SAME_ROWS}
    if 16 in whole and 16 in plain:
        yield "whole intake, per cent of plain PostgreSQL at 16", 100 * whole[16] / plain[16], lambda n: n >= 25
    if steady := (kept.get("clock") or {}).get("steady"):
        yield "clock, 1,000 due a second: p99 of waiting, s", steady["waiting_s_p99"], lambda n: n <= 1
    if idle := (kept.get("clock") or {}).get("idle"):
        yield "clock idle, per cent of a core", 100 * (idle["clock"] + idle["database"]), lambda n: n <= 1
    if late := (kept.get("clock") or {}).get("overdue"):
        yield "clock, 100,000 overdue: s", late["seconds"], lambda n: n <= 60
        yield "clock: rungs doubled or missing", late["twice"] + late["missing"], lambda n: n == 0
    if live := kept.get("live"):
        yield f"live, {live['pages']:,.0f} listeners: MB", live["gateway_mb"], lambda n: n <= 500
        yield "live, the last hears after ms", live["heard_ms_last"], lambda n: n <= 1000
    if memory := kept.get("memory"):
        yield "memory idle, all processes: MB", memory["all"], lambda n: n <= 700
