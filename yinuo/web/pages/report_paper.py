"""月报 on paper: the figures of the page as a form to be signed, and as a file. Each is written down."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yinuo.complaints.commands.printing import note_report_printed
from yinuo.identity.queries import units
from yinuo.web.pages.reports import asked, shown_report
from yinuo.web.pdf import paper
from yinuo.web.render import render
from yinuo.web.routes import page


def _report(request: HttpRequest) -> dict[str, Any]:
    month, filters = asked(request)
    found = shown_report(month, filters)
    unit = filters.get("unit", "")
    named = next((u.name for u in units() if str(u.pk) == unit), _("全公司"))
    month = found["report"].month
    note_report_printed(month=month, unit_id=int(unit) if unit else None)
    number = f"YB-{month}" + (f"-{unit}" if unit else "")
    return {**found, "unit_name": named, "number": number, "asked": {"month": month, **filters}}


@require_GET
def on_screen(request: HttpRequest) -> HttpResponse:
    return render(request, "reports/paper.jinja", _report(request))


@require_GET
def as_file(request: HttpRequest) -> HttpResponse:
    shown = _report(request)
    return paper(request, "reports/paper.jinja", shown, f"{_('投诉月报')} {shown['report'].month} {shown['unit_name']}")


routes = [
    page("reports/print/", on_screen, needs="report.read", name="report_print"),
    page("reports/monthly.pdf", as_file, needs="report.read", name="report_pdf"),
]
