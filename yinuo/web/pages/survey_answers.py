"""Answers and invitations: the rows behind the figures, whom we asked, and writing down what was said on the phone."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yinuo.customers.queries import standing
from yinuo.kernel.errors import Missing
from yinuo.matters.models import Matter
from yinuo.surveys import queries
from yinuo.surveys.commands import ask_by_hand, cancel_invitation, enter_answer
from yinuo.surveys.commands.answering import in_words
from yinuo.surveys.models import Invitation
from yinuo.web.forms.base import act, submit
from yinuo.web.forms.surveys import AskForm, heard_form
from yinuo.web.listing import Column, Filter, Listing, Sort
from yinuo.web.pages.surveys import ROWS, chosen, tabs
from yinuo.web.render import go, render
from yinuo.web.routes import page

State = Invitation.State
TONES = {
    "answered": "ok",
    "to_call": "soon",
    "expired": "paused",
    "canceled": "plain",
    "sent": "accent",
    "planned": "plain",
}


@require_GET
def answers(request: HttpRequest) -> HttpResponse:
    """Under the same filters as the figures. The count of anonymous ones, then count and page."""
    filters = chosen(request.GET, ROWS)
    found = Listing(
        request,
        queries.answers(filters),
        sorts=(Sort("new", _("最近"), "-on"), Sort("new-", _("最早"), "on")),
        filters=(
            Filter("low", _("分数"), (("1", _("低分")),), lambda rows, _v: rows),
            Filter("words", _("意见"), (("1", _("有意见的")),), lambda rows, _v: rows),
            Filter(
                "loop", _("跟进"), (("open", _("办理中")), ("closed", _("已办结")), ("any", _("有跟进的"))),
                lambda rows, _v: rows,
            ),
        ),
        columns=(
            Column(_("答卷")), Column(_("分数")), Column(_("客户的话"), wide=True), Column(_("跟进")),
            Column(_("日期"), sort="new", cls="nowrap"),
        ),
        empty=_("还没有答卷。问卷发出、客户答了以后会出现在这里。"),
        view=_answer,
    )  # fmt: skip
    context = {"section": "surveys", "tabs": tabs(), "listing": found, "filters": filters}
    return render(request, "surveys/answers.jinja", context)


def _answer(row: Any) -> dict[str, Any]:
    return {"answer": row, "score": in_words(row, row.edition.questions)}


@require_GET
def answer(request: HttpRequest, survey_answer_id: int) -> HttpResponse:
    row = queries.one_answer(survey_answer_id)
    if row is None:
        raise Missing(_("没有这份答卷，或您无权查看"))
    given = [(q, row.values.get(q.key)) for q in row.edition.questions]
    context = {"section": "surveys", "row": row, "given": given, "score": in_words(row, row.edition.questions)}
    return render(request, "surveys/answer.jinja", context)


@require_GET
def asked(request: HttpRequest) -> HttpResponse:
    """Whom we asked, and whom somebody has to call."""
    found = Listing(
        request,
        queries.invitations(),
        sorts=(Sort("new", _("最近"), "-due_at"), Sort("new-", _("最早"), "due_at")),
        filters=(
            Filter("state", _("状态"), State.choices, lambda rows, v: rows.filter(state=v)),
            Filter("way", _("方式"), Invitation.Way.choices, lambda rows, v: rows.filter(way=v)),
        ),
        columns=(
            Column(_("客户")), Column(_("问卷"), wide=True), Column(_("方式")), Column(_("状态")),
            Column(_("时间"), sort="new", cls="nowrap"),
        ),
        empty=_("还没有问过客户。可以建一个计划，或在事项、客户页上手工发出。"),
    )  # fmt: skip
    context = {"section": "surveys", "tabs": tabs(), "listing": found, "tones": TONES}
    return render(request, "surveys/asked.jinja", context)


def _invitation(invitation_id: int) -> Any:
    row = queries.one_invitation(invitation_id)
    if row is None:
        raise Missing(_("没有这份邀请，或您无权查看"))
    return row


@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """The questions as they are to be read out, and what the customer says."""
    row = _invitation(invitation_id)
    form = heard_form(row.edition.questions).of(request)
    sent = submit(request, form, enter_answer, invitation_id=invitation_id)
    if sent:
        return go(request, "survey_asked", toast=_("已记下客户的回答"))
    context = {"section": "surveys", "row": row, "form": form, "open": row.open}
    return render(request, "surveys/enter.jinja", context)


@require_POST
def cancel(request: HttpRequest, invitation_id: int) -> HttpResponse:
    act(request, cancel_invitation, invitation_id=invitation_id)
    return go(request, "survey_asked", toast=_("已取消，链接不能再用"))


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask one customer by hand: about a matter, or in general."""
    matter, customer = _about(request.GET)
    form = AskForm.of(request)
    form.offer("questionnaire_id", [(q.pk, q.name) for q in queries.questionnaires() if q.active])
    whom: dict[str, Any] = {"matter_id": matter.pk} if matter else {"customer_id": customer.pk}
    if submit(request, form, ask_by_hand, **whom):
        return go(request, "survey_asked", toast=_("问卷已发出"))
    context = {"section": "surveys", "form": form, "matter": matter, "customer": customer}
    return render(request, "surveys/ask.jinja", context)


def _about(params: Any) -> tuple[Any, Any]:
    def number(name: str) -> int:
        text = params.get(name, "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0

    matter = Matter.objects.select_related("customer").defer("search").filter(pk=number("matter")).first()
    customer = matter.customer if matter else standing(number("customer"))
    if customer is None:
        raise Missing(_("请从事项页或客户页上发出问卷"))
    return matter, customer


routes = [
    page("surveys/answers/", answers, needs="survey.read", name="survey_answers"),
    page("surveys/answers/<int:survey_answer_id>/", answer, needs="survey.read", name="survey_answer"),
    page("surveys/asked/", asked, needs="survey.read", name="survey_asked"),
    page("surveys/asked/<int:invitation_id>/enter/", enter, needs="survey.ask", name="survey_enter"),
    page("surveys/asked/<int:invitation_id>/cancel/", cancel, needs="survey.ask", name="survey_cancel"),
    page("surveys/ask/", ask, needs="survey.ask", name="survey_ask"),
]
