"""What each row must reach on two cores, database included. A figure is met or not; it is never a test's pass or fail."""

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
