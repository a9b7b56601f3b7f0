"""/surveys: questionnaires, plans, who was asked, what was answered and what it comes to."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Literal

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Schema

from yinuo.api.nouns.matters import Named
from yinuo.api.operations import Id, Limit, Noun
from yinuo.api.paging import Paged, newest_first, read_cursor, write_cursor
from yinuo.api.verbs import Made, made, verb
from yinuo.kernel.errors import Missing
from yinuo.surveys import commands, queries
from yinuo.surveys.rules.statistics import Estimate

router = Noun("/surveys", "surveys")
FIRST_DAY, LAST_DAY = 1, date.max.toordinal()


class QuestionOut(Schema):
    key: str
    type: str
    title: str
    low: int
    high: int
    labels: list[str]
    ends: list[str]
    options: list[str]
    required: bool
    part: str
    side: str


class QuestionnaireOut(Schema):
    """`edition` is the wording customers get now. `sent`: it went out, so changing it makes the next one."""

    id: int
    kind: str
    name: str
    anonymity: str
    low_at_most: float | None
    low_with_comment: float | None
    opens: str
    active: bool
    version: int
    edition: int
    title: str
    intro: str
    thanks: str
    sent: bool
    questions: list[QuestionOut]


class Questionnaires(Schema):
    items: list[Named]


class SurveyPlanOut(Schema):
    id: int
    name: str
    questionnaire: Named
    trigger: str
    delay_days: int
    sample: int
    grade: str
    status: str
    customer_kind: str
    segment: str
    segment_name: str
    every_months: int | None
    next_on: date | None
    active: bool
    asked: int
    answered: int
    version: int


class SurveyPlans(Schema):
    """`rest_days`: nobody is asked twice within so many days. `valid_days`: how long a link is good for."""

    items: list[SurveyPlanOut]
    rest_days: int
    valid_days: int


class InvitationOut(Schema):
    id: int
    questionnaire: Named
    customer: Named
    matter_id: int | None
    state: str
    way: str
    due_at: datetime
    sent_at: datetime | None
    expires_at: datetime | None
    answered_at: datetime | None


class InvitationPage(Paged):
    items: list[InvitationOut]


class SurveyAnswerOut(Schema):
    """An anonymous one has no customer, matter or moment; its `on` is the first of its month."""

    id: int
    questionnaire: Named
    edition: int
    customer: Named | None
    matter_id: int | None
    anonymous: bool
    on: date
    way: str
    score: float | None
    low: bool
    wants_call: bool
    comment: str
    values: dict[str, Any]
    followup_id: int | None
    followup_open: bool | None


class SurveyAnswerPage(Paged):
    items: list[SurveyAnswerOut]


class EstimateOut(Schema):
    """A figure, from how many answers, and where the true one lies with 95 % confidence."""

    value: float
    n: int
    low: float | None
    high: float | None


class SurveyFigure(Schema):
    key: str
    label: str
    estimate: EstimateOut


class SurveyPart(Schema):
    """A dimension. For SERVQUAL `mean` is the gap: perception less expectation."""

    key: str
    label: str
    mean: EstimateOut | None
    expected: EstimateOut | None
    found: EstimateOut | None


class SurveyResultsOut(Schema):
    """`hidden`: anonymous answers were kept back because they are fewer than five."""

    n: int
    unnamed: int
    hidden: bool
    sent: int
    replied: int
    running: int
    rate: EstimateOut | None
    low: int
    followed: int
    closed: int
    figures: list[SurveyFigure]
    parts: list[SurveyPart]


def _named(row: Any) -> dict[str, Any]:
    return {"id": row.pk, "name": row.name}


def one_questionnaire(questionnaire_id: int) -> dict[str, Any]:
    row = queries.one_questionnaire(questionnaire_id)
    if row is None:
        raise Missing(_("没有这份问卷"))
    edition = queries.editions_of(row.pk)[0]
    return {
        "id": row.pk, "kind": row.kind, "name": row.name, "anonymity": row.anonymity, "low_at_most": row.low_at_most,
        "low_with_comment": row.low_with_comment, "opens": row.opens, "active": row.active, "version": row.version,
        "edition": edition.number, "title": edition.title, "intro": edition.intro, "thanks": edition.thanks,
        "sent": edition.sent, "questions": [q.as_data() for q in edition.questions],
    }  # fmt: skip


def _plan(row: Any) -> dict[str, Any]:
    same = ("name", "trigger", "delay_days", "sample", "grade", "status", "customer_kind", "segment", "segment_name",
            "every_months", "next_on", "active", "asked", "answered", "version")  # fmt: skip
    kept = {name: getattr(row, name) for name in same}
    return {"id": row.pk, "questionnaire": _named(row.questionnaire), **kept}


def _invitation(row: Any) -> dict[str, Any]:
    same = ("matter_id", "state", "way", "due_at", "sent_at", "expires_at", "answered_at")
    kept = {name: getattr(row, name) for name in same}
    return {
        "id": row.pk, "questionnaire": _named(row.questionnaire), "customer": _named(row.customer), **kept,
    }  # fmt: skip


def _answer(row: Any) -> dict[str, Any]:
    same = ("matter_id", "anonymous", "on", "way", "score", "low", "wants_call", "comment", "values", "followup_id")
    return {
        "id": row.pk, "questionnaire": _named(row.questionnaire), "edition": row.edition.number,
        "customer": _named(row.customer) if row.customer else None, **{name: getattr(row, name) for name in same},
        "followup_open": row.followup.open if row.followup else None,
    }  # fmt: skip


def _estimate(e: Estimate | None) -> dict[str, Any] | None:
    return asdict(e) if e else None


def _filters(questionnaire_id: int | None, since: str, until: str, unit_id: int | None) -> dict[str, str]:
    given = {"questionnaire": questionnaire_id, "since": since, "until": until, "unit": unit_id}
    return {name: str(value) for name, value in given.items() if value}


@router.get_("/questionnaires", needs="survey.read", returns=Questionnaires, summary="All questionnaires")
def questionnaires(request: HttpRequest) -> dict[str, Any]:
    return {"items": [_named(row) for row in queries.questionnaires()]}


@router.get_("/questionnaires/{int:questionnaire_id}", needs="survey.read", returns=QuestionnaireOut,
             summary="One questionnaire in its present wording")  # fmt: skip
def questionnaire(request: HttpRequest, questionnaire_id: int) -> dict[str, Any]:
    return one_questionnaire(questionnaire_id)


@router.get_("/plans", needs="survey.read", returns=SurveyPlans, summary="All plans and the days of rest")
def plans(request: HttpRequest) -> dict[str, Any]:
    row = queries.settings_row()
    return {"items": [_plan(p) for p in queries.plans()], "rest_days": row.rest_days, "valid_days": row.valid_days}


@router.get_("/invitations", needs="survey.read", returns=InvitationPage, summary="Whom we asked, newest first")
def invitations(
    request: HttpRequest, cursor: str = "", limit: Limit = 25,
    state: Literal["", "planned", "sent", "to_call", "answered", "expired", "canceled"] = "",
    questionnaire_id: Id | None = None, matter_id: Id | None = None,
) -> dict[str, Any]:  # fmt: skip
    given = {"state": state, "questionnaire_id": questionnaire_id, "matter_id": matter_id}
    rows = queries.invitations().filter(**{k: v for k, v in given.items() if v})
    return newest_first(rows, "due_at", cursor=cursor, limit=limit, show=_invitation)


@router.get_("/answers", needs="survey.read", returns=SurveyAnswerPage, summary="Answers, newest first")
def answers(
    request: HttpRequest, cursor: str = "", limit: Limit = 25, questionnaire_id: Id | None = None,
    since: str = "", until: str = "", unit_id: Id | None = None, low: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """`since` and `until` are months (2026-11). Anonymous answers are left out while they are fewer than five."""
    filters = {**_filters(questionnaire_id, since, until, unit_id), **({"low": "1"} if low else {})}
    rows = queries.answers(filters)
    if (after := read_cursor(cursor, int, int)) is not None:
        day = date.fromordinal(min(max(after[0], FIRST_DAY), LAST_DAY))
        rows = rows.filter(on__lte=day).filter(Q(on__lt=day) | Q(pk__lt=after[1]))
    found = list(rows.order_by("-on", "-pk")[: limit + 1])
    kept = found[:limit]
    last = write_cursor(kept[-1].on.toordinal(), kept[-1].pk) if len(found) > limit else None
    return {"items": [_answer(row) for row in kept], "next": last}


@router.get_("/results", needs="survey.read", returns=SurveyResultsOut, summary="What the answers come to")
def results(
    request: HttpRequest, questionnaire_id: Id, since: str = "", until: str = "", unit_id: Id | None = None
) -> dict[str, Any]:
    """Figures with 95 % confidence intervals. `since` and `until` are months (2026-11)."""
    row = queries.one_questionnaire(questionnaire_id)
    if row is None:
        raise Missing(_("没有这份问卷"))
    asked = queries.editions_of(row.pk)[0].questions
    found = queries.results(row.kind, asked, _filters(questionnaire_id, since, until, unit_id))
    same = ("n", "unnamed", "hidden", "sent", "replied", "running", "low", "followed", "closed")
    return {
        **{name: getattr(found, name) for name in same}, "rate": _estimate(found.rate),
        "figures": [{"key": f.key, "label": str(f.label), "estimate": _estimate(f.estimate)} for f in found.figures],
        "parts": [
            {"key": p.key, "label": p.label, "mean": _estimate(p.mean), "expected": _estimate(p.expected),
             "found": _estimate(p.found)} for p in found.parts
        ],
    }  # fmt: skip


def _saved(row: Any, _row_id: int) -> dict[str, Any]:
    return one_questionnaire(row.pk)


def _seeded(_made: int, _row_id: int) -> dict[str, Any]:
    return {"items": [_named(row) for row in queries.questionnaires()]}


def _setting(row: Any, _row_id: int) -> dict[str, Any]:
    return {"rest_days": row.rest_days, "valid_days": row.valid_days, "version": row.version}


class SurveySettingOut(Schema):
    rest_days: int
    valid_days: int
    version: int


_NEW: dict[str, Any] = {"fixed": {"questionnaire_id": None, "expected_version": None}, "status": 201}
verb(router, "/questionnaires", commands.save_questionnaire, name="new_questionnaire", called="NewQuestionnaire",
     show=_saved, returns=QuestionnaireOut, summary="Write a questionnaire", **_NEW)  # fmt: skip
verb(router, "/questionnaires/{int:row_id}/edit", commands.save_questionnaire, own="questionnaire_id", show=_saved,
     returns=QuestionnaireOut, summary="Change a questionnaire; what was sent stays as it was")  # fmt: skip
verb(router, "/questionnaires/{int:row_id}/copy", commands.copy_questionnaire, own="questionnaire_id", show=_saved,
     returns=QuestionnaireOut, status=201, summary="Another one that starts as this one stands")  # fmt: skip
verb(router, "/questionnaires/seed", commands.seed_questionnaires, show=_seeded, returns=Questionnaires,
     summary="Lay down the shipped questionnaires that are missing")  # fmt: skip
verb(router, "/plans", commands.save_plan, name="new_plan", called="NewSurveyPlan",
     fixed={"plan_id": None, "expected_version": None}, status=201, summary="Make a plan")  # fmt: skip
verb(router, "/plans/{int:row_id}/edit", commands.save_plan, own="plan_id", summary="Change a plan")
verb(router, "/setting", commands.edit_setting, show=_setting, returns=SurveySettingOut,
     summary="How long nobody is asked again, and how long links are good for")  # fmt: skip
verb(router, "/invitations", commands.ask_by_hand, status=201, summary="Ask one customer")
verb(router, "/invitations/{int:row_id}/cancel", commands.cancel_invitation, own="invitation_id",
     summary="Do not ask after all")  # fmt: skip
verb(router, "/invitations/{int:row_id}/answer", commands.enter_answer, own="invitation_id", returns=Made, show=made,
     summary="Write down what the customer said on the phone")  # fmt: skip
