"""计划: who is asked by itself, when, and how long everybody is left in peace."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from yinuo.customers.models import Customer
from yinuo.kernel.errors import Missing
from yinuo.matters.queries import saved_views
from yinuo.surveys import queries
from yinuo.surveys.commands import edit_setting, save_plan
from yinuo.surveys.rules.statistics import share
from yinuo.web.forms.base import submit
from yinuo.web.forms.surveys import PlanForm, RestForm
from yinuo.web.pages.surveys import tabs
from yinuo.web.render import go, render
from yinuo.web.routes import page

EDIT = "survey.edit"
FIELDS = (
    "name", "questionnaire_id", "trigger", "delay_days", "sample", "every_months", "next_on", "grade", "status",
    "customer_kind", "segment", "active",
)  # fmt: skip


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    rows = [{"plan": plan, "rate": share(plan.answered, plan.asked)} for plan in queries.plans()]
    context = {"section": "surveys", "tabs": tabs(), "rows": rows, "setting": queries.settings_row()}
    context |= {"statuses": dict(Customer.Status.choices), "kinds": dict(Customer.Kind.choices)}
    return render(request, "surveys/plans.jinja", context)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    initial = {"trigger": "complaint.closed", "delay_days": 1, "sample": 100, "active": True}
    return _form(request, PlanForm.of(request, initial), None)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, survey_plan_id: int) -> HttpResponse:
    row = queries.plans().filter(pk=survey_plan_id).first()
    if row is None:
        raise Missing(_("没有这个计划"))
    return _form(request, PlanForm.of(request, {f: getattr(row, f) for f in FIELDS}, version=row.version), row)


def _form(request: HttpRequest, form: PlanForm, row: Any) -> HttpResponse:
    offered = [q for q in queries.questionnaires() if q.active or (row and q.pk == row.questionnaire_id)]
    form.offer("questionnaire_id", [(q.pk, q.name) for q in offered])
    form.offer_segments(row, saved_views("customers"))
    fixed = {"plan_id": row.pk} if row else {}
    if submit(request, form, save_plan, stale=row is not None, **fixed):
        return go(request, "survey_plans", toast=_("已保存"))
    return render(request, "surveys/plan.jinja", {"section": "surveys", "form": form, "row": row})


@require_http_methods(["GET", "POST"])
def rest(request: HttpRequest) -> HttpResponse:
    row = queries.settings_row()
    form = RestForm.of(request, {"rest_days": row.rest_days, "valid_days": row.valid_days}, version=row.version)
    if submit(request, form, edit_setting, stale=True):
        return go(request, "survey_plans", toast=_("已保存"))
    context = {"section": "surveys", "form": form, "title": _("多久问一次"), "back": "survey_plans", "crumb": _("计划")}
    return render(request, "settings/form.jinja", context)


routes = [
    page("surveys/plans/", index, needs="survey.read", name="survey_plans"),
    page("surveys/plans/new/", new, needs=EDIT, name="survey_plan_new"),
    page("surveys/plans/<int:survey_plan_id>/", edit, needs=EDIT, name="survey_plan"),
    page("surveys/plans/rest/", rest, needs=EDIT, name="survey_rest"),
]
