"""月报: the monthly complaint report, each figure linked to its rows, and what may be exported."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yinuo.complaints.commands.exporting import export_list, export_report
from yinuo.complaints.queries.report import Figure, monthly_report
from yinuo.identity.queries import units
from yinuo.kernel import clock
from yinuo.kernel.errors import Invalid
from yinuo.web.formats import money
from yinuo.web.pages.complaints import chosen
from yinuo.web.reads.picked import parsed
from yinuo.web.render import render
from yinuo.web.routes import page

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SCORES = ("mean", "outcome", "process", "treatment")
TONES = {"late": "late", "external": "late", "reopened": "soon", "serious": "soon", "on_time": "ok", "satisfied": "ok"}


def this_month() -> str:
    return f"{clock.now().astimezone(clock.CST):%Y-%m}"


def asked(request: HttpRequest) -> tuple[str, dict[str, str]]:
    """The month and the unit of the address; a month that is none falls back to this one."""
    params = request.POST if request.method == "POST" else request.GET
    unit = params.get("unit", "")
    return params.get("month") or this_month(), {"unit": unit} if unit.isdecimal() else {}


def shown(figure: Figure) -> dict[str, Any]:
    """A figure as the page shows it: the value in words, its share, and where its rows are."""
    value = figure.value
    if value is None:
        text = "—"
    elif figure.key == "paid":
        text = money(value)
    elif figure.key in (*SCORES, "days"):
        text = f"{float(value):.2f}"
    else:
        text = f"{value:,}"
    return {
        "key": figure.key,
        "label": figure.label,
        "text": text,
        "value": value or 0,
        "share": figure.share,
        "percent": "" if figure.share is None else f"{figure.share:.0%}",
        "tone": TONES.get(figure.key, "") if value else "",
        "href": reverse("complaints") + "?" + urlencode(figure.filters),
    }


def shown_report(month: str, filters: dict[str, str]) -> dict[str, Any]:
    """The report in words, for the page and for paper; raises `Invalid` for a month that is none."""
    report = monthly_report(month, filters)
    pareto = [
        {**shown(figure), "whole": share, "running": f"{share.running:.0%}", "part": f"{share.share:.0%}"}
        for share, figure in report.pareto
    ]
    return {
        "report": report,
        "figures": [shown(f) for f in report.figures],
        "tables": [{"title": t.title, "rows": [shown(f) for f in t.figures]} for t in report.tables if t.figures],
        "pareto": pareto,
        "now": clock.now(),
        "last": report.last,
        "ended": report.last + timedelta(days=1) <= clock.now().astimezone(clock.CST).date(),
    }


@require_GET
def monthly(request: HttpRequest) -> HttpResponse:
    month, filters = asked(request)
    wrong = ""
    try:
        found = shown_report(month, filters)
    except Invalid as problem:
        wrong = problem.message
        found = shown_report(this_month(), filters)
    total = next((f.value for f in found["report"].figures if f.key == "all"), 0)
    own = {"section": "board_team", "units": units(), "unit": filters.get("unit", ""), "wrong": wrong, "total": total}
    return render(request, "reports/monthly.jinja", {**found, **own}, status=422 if wrong else 0)


def _file(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


@require_POST
def export_month(request: HttpRequest) -> HttpResponse:
    month, filters = asked(request)
    return _file(export_report(month=month, filters=filters), _("投诉月报-%(month)s.xlsx") % {"month": month})


@require_POST
def export_rows(request: HttpRequest) -> HttpResponse:
    """Exactly what the list shows under its filters, or what was picked in it."""
    filters = chosen(request.GET)
    if request.POST.get("ids"):
        filters = {"ids": ",".join(key[1:] for key in parsed(request.POST["ids"].split()) if key[0] == "m") or "0"}
    if request.GET.get("q"):
        filters["q"] = request.GET["q"][:100]
    day = f"{clock.now().astimezone(clock.CST):%Y%m%d}"
    return _file(export_list(filters=filters), _("投诉-%(day)s.xlsx") % {"day": day})


routes = [
    page("reports/", monthly, needs="report.read", name="reports"),
    page("reports/export/", export_month, needs="report.export", name="report_export"),
    page("complaints/export/", export_rows, needs="report.export", name="complaint_export"),
]
