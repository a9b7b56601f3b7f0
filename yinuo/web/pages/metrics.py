"""What Prometheus collects. Asked with the token of `YINUO_METRICS_TOKEN`; without one there is no such address."""

import json
import shutil
from collections.abc import Iterable
from hmac import compare_digest

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import CollectorRegistry

from yinuo.insight.queries.running import GAUGES, gauges
from yinuo.kernel.measuring import collected
from yinuo.web.routes import PUBLIC, page


class Everything:
    """The counts of the processes, the state of the database (one statement), and the ground it stands on."""

    def collect(self) -> Iterable[Metric]:
        yield from collected()
        yield from of_database()
        yield from of_ground()


def of_database() -> Iterable[Metric]:
    try:
        found = gauges()
    except Error:
        found = {}
    yield GaugeMetricFamily("yinuo_database_up", "Whether the database answers", float(bool(found)))
    for one in GAUGES if found else ():
        family = GaugeMetricFamily(f"yinuo_{one.name}", one.told, labels=[one.label] if one.label else [])
        for value, number in found[one.name].items():
            family.add_metric([value] if one.label else [], number)
        yield family


def of_ground() -> Iterable[Metric]:
    info = GaugeMetricFamily("yinuo_info", "The version that runs", labels=["version"])
    info.add_metric([settings.VERSION], 1)
    yield info
    usage = shutil.disk_usage(settings.HOME)
    yield GaugeMetricFamily("yinuo_disk_free_bytes", "Free on the disk of the data folder", usage.free)
    yield GaugeMetricFamily("yinuo_disk_bytes", "Size of the disk of the data folder", usage.total)
    if made := last_backup():
        yield GaugeMetricFamily("yinuo_backup_timestamp_seconds", "When the last backup was made here", made)


def last_backup() -> float | None:
    """Seconds since 1970; None when none was made from this data folder."""
    try:
        return float(json.loads((settings.HOME / "backup.json").read_text(encoding="utf-8"))["made"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not settings.METRICS_TOKEN:
        return HttpResponse("no metrics\n", content_type="text/plain", status=404)
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        refused = HttpResponse("token\n", content_type="text/plain", status=401)
        refused.headers["WWW-Authenticate"] = "Bearer"
        return refused
    registry = CollectorRegistry()
    registry.register(Everything())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


routes = [page("metrics", metrics, needs=PUBLIC, name="metrics")]
