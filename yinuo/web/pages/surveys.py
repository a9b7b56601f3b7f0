"""满意度: what the answers of one questionnaire come to, each figure with its bounds and the way to its rows."""

from typing import Any
from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yinuo.identity.queries import units
from yinuo.kernel import clock
from yinuo.kernel.errors import Missing
from yinuo.matters.models import Matter
from yinuo.surveys import queries
from yinuo.surveys.commands import export_answers, export_results
from yinuo.surveys.queries.answers import read_month
from yinuo.surveys.rules.statistics import FEWEST, Estimate
from yinuo.web.render import render
from yinuo.web.routes import page

TYPES = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8"}
FILTERS = ("questionnaire", "since", "until", "unit", "kind")
ROWS = (*FILTERS, "key", "value", "low", "words", "loop")


def tabs() -> list[dict[str, Any]]:
    """The pages of this noun."""
    return [
        {"key": "results", "label": _("结果"), "href": reverse("surveys")},
        {"key": "answers", "label": _("答卷"), "href": reverse("survey_answers")},
        {"key": "asked", "label": _("邀请"), "href": reverse("survey_asked")},
        {"key": "questionnaires", "label": _("问卷"), "href": reverse("questionnaires")},
        {"key": "plans", "label": _("计划"), "href": reverse("survey_plans")},
    ]


def chosen(params: Any, names: tuple[str, ...] = FILTERS) -> dict[str, str]:
    """The filters of the address, without what cannot be one."""
    found = {name: params.get(name, "").replace("\x00", "")[:80] for name in names}
    return {name: value for name, value in found.items() if value}


def number(estimate: Estimate | None, *, as_share: bool = False, points: bool = False) -> str:
    """A figure in words."""
    if estimate is None:
        return "—"
    return f"{estimate.value:.1%}" if as_share else f"{estimate.value:+.1f}" if points else f"{estimate.value:.2f}"


def bounds(estimate: Estimate | None, *, as_share: bool = False, points: bool = False) -> str:
    """Where the true figure lies, with 95 % confidence."""
    if estimate is None or estimate.low is None or estimate.high is None:
        return ""
    if as_share:
        return f"{estimate.low:.1%} – {estimate.high:.1%}"
    if points:
        return f"± {(estimate.high - estimate.low) / 2:.2f}"
    return f"{estimate.low:.2f} – {estimate.high:.2f}"


@require_GET
def results(request: HttpRequest, questionnaire_id: int = 0) -> HttpResponse:
    filters = chosen(request.GET)
    if questionnaire_id:
        filters["questionnaire"] = str(questionnaire_id)
    offered = list(queries.questionnaires())
    wanted = filters.get("questionnaire", "")
    row = next((q for q in offered if str(q.pk) == wanted), offered[0] if offered else None)
    if questionnaire_id and (row is None or row.pk != questionnaire_id):
        raise Missing(_("没有这份问卷"))
    context: dict[str, Any] = {
        "section": "surveys", "tabs": tabs(), "offered": offered, "row": row, "units": units(), "filters": filters,
        "kinds": Matter.Kind.choices, "found": None, "fewest": FEWEST, "number": number, "bounds": bounds,
        "wrong": _("月份的先后反了，或不是月份。") if _no_months(filters) else "",
    }  # fmt: skip
    if row is not None:
        filters = {**filters, "questionnaire": str(row.pk)}
        asked = queries.editions_of(row.pk)[0].questions
        context |= {"found": queries.results(row.kind, asked, filters), "filters": filters}
        context["rows"] = lambda **more: f"{reverse('survey_answers')}?{urlencode({**filters, **more})}"
    return render(request, "surveys/results.jinja", context, status=422 if context["wrong"] else 0)


def _no_months(filters: dict[str, str]) -> bool:
    since, until = (read_month(filters.get(name, "")) for name in ("since", "until"))
    unread = any(filters.get(name) and read_month(filters[name]) is None for name in ("since", "until"))
    return unread or bool(since and until and since > until)


@require_POST
def export(request: HttpRequest, questionnaire_id: int) -> HttpResponse:
    """The figures as they stand under the filters of the address."""
    kind = _format(request)
    content = export_results(questionnaire_id=questionnaire_id, filters=chosen(request.GET), format=kind)
    return file(content, _("满意度结果"), kind)


@require_POST
def export_rows(request: HttpRequest) -> HttpResponse:
    kind = _format(request)
    return file(export_answers(filters=chosen(request.GET, ROWS), format=kind), _("满意度答卷"), kind)


def _format(request: HttpRequest) -> str:
    return "csv" if request.POST.get("format") == "csv" else "xlsx"


def file(content: bytes, name: str, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=TYPES[kind])
    day = f"{clock.now().astimezone(clock.CST):%Y%m%d}"
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'{name}-{day}.{kind}')}"
    return response


routes = [
    page("surveys/", results, needs="survey.read", name="surveys"),
    page("surveys/<int:questionnaire_id>/", results, needs="survey.read", name="survey_results_of"),
    page("surveys/<int:questionnaire_id>/export/", export, needs="report.export", name="survey_export"),
    page("surveys/answers/export/", export_rows, needs="report.export", name="survey_answers_export"),
]
