"""What each process counts while it works, for Prometheus. Where several processes serve one installation they share
their counts through files of the data folder, so that whichever of them is asked answers for all.

Labels are names of the product (routes, states), never of people; what a visitor may choose is not a label.
"""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

import psutil
from django.conf import settings

SHARED = bool(settings.METRICS_TOKEN)
if SHARED:  # the library looks for this when it is imported
    settings.METRICS_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(settings.METRICS_DIR)

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, disable_created_metrics  # noqa: E402
from prometheus_client.metrics_core import Metric  # noqa: E402
from prometheus_client.multiprocess import MultiProcessCollector  # noqa: E402
from prometheus_client.registry import CollectorRegistry  # noqa: E402

disable_created_metrics()  # type: ignore[no-untyped-call]  # files do not keep them, so neither does one process alone
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REQUESTS = Counter("yinuo_requests", "Answered requests", ["route", "method", "status"])
SECONDS = Histogram(
    "yinuo_request_seconds", "Time to the answer's beginning, by route", ["route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)  # fmt: skip
ANNOUNCED = Counter("yinuo_promises_announced", "Promises the clock took up when their time had come")
LISTENERS = Gauge("yinuo_live_listeners", "Open pages that hear what happens", multiprocess_mode="livesum")


def answered(route: str, method: str, status: int, seconds: float) -> None:
    """Count one answered request; `route` is the name of a page or operation, or "-" for no such address."""
    REQUESTS.labels(route, method if method in METHODS else "other", str(status)).inc()
    SECONDS.labels(route).observe(seconds)


def collected() -> Iterable[Metric]:
    """What the processes of this data folder have counted."""
    if not SHARED:
        return [one for one in REGISTRY.collect() if one.name.startswith("yinuo_")]
    forget_dead(settings.METRICS_DIR)
    shared = MultiProcessCollector(CollectorRegistry(), path=str(settings.METRICS_DIR))  # type: ignore[no-untyped-call]
    return list(shared.collect())  # type: ignore[no-untyped-call]


def forget_dead(folder: Path) -> None:
    """What a process said of its present state ends with it, however it ended; what it counted stays counted."""
    for path in folder.glob("gauge_live*.db"):
        number = path.stem.rpartition("_")[2]
        if number.isdecimal() and not psutil.pid_exists(int(number)):
            with contextlib.suppress(OSError):
                path.unlink()
