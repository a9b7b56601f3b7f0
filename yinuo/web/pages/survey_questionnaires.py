"""问卷: writing them, seeing them as the customer will, and the editions they have had."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yinuo.kernel.errors import Missing
from yinuo.surveys import queries
from yinuo.surveys.commands import copy_questionnaire, save_questionnaire, seed_questionnaires
from yinuo.surveys.rules.questions import DIMENSIONS, FAIRNESS
from yinuo.web.forms.base import act, submit
from yinuo.web.forms.surveys import BLANK, QuestionnaireForm, row_initial
from yinuo.web.pages.surveys import tabs
from yinuo.web.render import go, render
from yinuo.web.routes import page

EDIT = "survey.edit"


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    rows = list(queries.questionnaires())
    return render(request, "surveys/questionnaires.jinja", {"section": "surveys", "tabs": tabs(), "rows": rows})


def _row(questionnaire_id: int) -> Any:
    row = queries.one_questionnaire(questionnaire_id)
    if row is None:
        raise Missing(_("没有这份问卷"))
    return row


@require_GET
def show(request: HttpRequest, questionnaire_id: int) -> HttpResponse:
    """As the customer sees it, in the newest edition or an earlier one."""
    row = _row(questionnaire_id)
    editions = queries.editions_of(questionnaire_id)
    wanted = request.GET.get("edition", "")
    edition = next((e for e in editions if str(e.number) == wanted), editions[0])
    parts = {**FAIRNESS, **{key: label for key, (label, _n) in DIMENSIONS.items()}}
    context = {"section": "surveys", "row": row, "editions": editions, "edition": edition, "parts": parts}
    return render(request, "surveys/questionnaire.jinja", context)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, questionnaire_id: int) -> HttpResponse:
    row = _row(questionnaire_id)
    edition = queries.editions_of(questionnaire_id)[0]
    names = ("kind", "name", "anonymity", "low_at_most", "low_with_comment", "opens", "active")
    head = {name: _plainly(getattr(row, name)) for name in names}
    words = {"title": edition.title, "intro": edition.intro, "thanks": edition.thanks}
    initial = {**head, **words, **row_initial(edition.questions)}
    form = QuestionnaireForm.of(
        request, initial, version=row.version, rows=_rows(request, len(edition.questions) + BLANK)
    )
    return _form(request, form, row, edition)


def _plainly(value: Any) -> Any:
    """3 rather than 3.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    initial = {"kind": "own", "anonymity": "named", "opens": "suggestion", "active": True, "required_0": True}
    return _form(request, QuestionnaireForm.of(request, initial, rows=_rows(request, 5)), None, None)


def _rows(request: HttpRequest, least: int) -> int:
    """As many rows as the form had when it was sent."""
    sent = request.POST.get("rows", "")
    return max(least, int(sent)) if sent.isascii() and sent.isdecimal() and len(sent) < 4 else least


def _form(request: HttpRequest, form: QuestionnaireForm, row: Any, edition: Any) -> HttpResponse:
    fixed = {"questionnaire_id": row.pk} if row else {}
    sent = submit(request, form, save_questionnaire, stale=row is not None, **fixed)
    if sent:
        pk = getattr(sent.result, "pk", sent.result)
        if "more" in request.POST:
            return go(request, "questionnaire_edit", pk, toast=_("已保存，下面又有空的题"))
        return go(request, "questionnaire", pk, toast=_("已保存"))
    context = {"section": "surveys", "form": form, "row": row, "sent": bool(edition and edition.sent)}
    return render(request, "surveys/questionnaire_edit.jinja", context)


@require_POST
def copy(request: HttpRequest, questionnaire_id: int) -> HttpResponse:
    sent = act(request, copy_questionnaire, questionnaire_id=questionnaire_id)
    pk = getattr(sent.result, "pk", sent.result)
    return go(request, "questionnaire_edit", pk, toast=_("已复制一份，可以修改了"))


@require_POST
def seed(request: HttpRequest) -> HttpResponse:
    act(request, seed_questionnaires)
    return go(request, "questionnaires", toast=_("现成的问卷已放好，都可以改"))


routes = [
    page("surveys/questionnaires/", index, needs="survey.read", name="questionnaires"),
    page("surveys/questionnaires/new/", new, needs=EDIT, name="questionnaire_new"),
    page("surveys/questionnaires/seed/", seed, needs=EDIT, name="questionnaire_seed"),
    page("surveys/questionnaires/<int:questionnaire_id>/", show, needs="survey.read", name="questionnaire"),
    page("surveys/questionnaires/<int:questionnaire_id>/edit/", edit, needs=EDIT, name="questionnaire_edit"),
    page("surveys/questionnaires/<int:questionnaire_id>/copy/", copy, needs=EDIT, name="questionnaire_copy"),
]
