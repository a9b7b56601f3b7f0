"""Questionnaires and their editions."""

from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from yinuo.surveys.models import Edition, Questionnaire


def questionnaires() -> QuerySet[Any]:
    """Each with its newest edition's number and how many plans use it."""
    newest = Edition.objects.filter(questionnaire=OuterRef("pk")).order_by("-number")
    return Questionnaire.objects.annotate(
        edition=Subquery(newest.values("number")[:1]),
        heading=Subquery(newest.values("title")[:1]),
        sent=Subquery(newest.values("sent")[:1]),
        planned=Count("plans", filter=Q(plans__active=True)),
    ).order_by("pk")


def one_questionnaire(questionnaire_id: int) -> Any:
    return Questionnaire.objects.filter(pk=questionnaire_id).first()


def editions_of(questionnaire_id: int) -> list[Any]:
    """Newest first. One statement."""
    rows = Edition.objects.filter(questionnaire_id=questionnaire_id).select_related("created_by")
    return list(rows.order_by("-number"))
