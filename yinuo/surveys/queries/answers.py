"""The answers themselves. Anonymous ones are seen only in the company of enough others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from yinuo.kernel.clock import CST
from yinuo.surveys.models import SurveyAnswer, SurveyMark
from yinuo.surveys.rules.statistics import FEWEST


def read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except (ValueError, TypeError):
        return None


def read_month(text: str) -> date | None:
    """The first day of "2026-11"; None for what is no month."""
    found = read_day(f"{text}-01") if len(text) == 7 else None
    return found if found and 1900 <= found.year <= 2999 else None


def after(month: date) -> date:
    """The first day of the next month."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _edge(day: date, field: str) -> date | datetime:
    """Where a day begins: as a day, or as a moment in China."""
    return day if field == "on" else datetime.combine(day, time.min, CST)


def narrow(rows: QuerySet[Any], filters: Mapping[str, str], day: str = "on") -> QuerySet[Any]:
    """By questionnaire, first and last month, unit and kind of matter; the same for answers and invitations."""
    if (since := read_month(filters.get("since", ""))) is not None:
        rows = rows.filter(**{f"{day}__gte": _edge(since, day)})
    if (until := read_month(filters.get("until", ""))) is not None:
        rows = rows.filter(**{f"{day}__lt": _edge(after(until), day)})
    for name, field in (("questionnaire", "questionnaire_id"), ("unit", "unit_id")):
        value = filters.get(name, "")
        if value.isascii() and value.isdecimal() and len(value) < 19:
            rows = rows.filter(**{field: int(value)})
    if filters.get("kind"):
        rows = rows.filter(matter_kind=filters["kind"])
    return rows


def chosen_answers(filters: Mapping[str, str]) -> tuple[QuerySet[Any], int, int]:
    """The answers that may be shown under these filters, how many there are in all, and how many are kept back: the
    anonymous ones, while they are fewer than five. One statement besides the rows.
    """
    rows = narrow(SurveyAnswer.objects.all(), filters)
    counted = rows.aggregate(n=Count("pk"), unnamed=Count("pk", filter=Q(anonymous=True)))
    hidden = counted["unnamed"] if 0 < counted["unnamed"] < FEWEST else 0
    return (rows.filter(anonymous=False) if hidden else rows), counted["n"], hidden


def answers(filters: Mapping[str, str]) -> QuerySet[Any]:
    """Rows for the list: also by one mark (`key` and `value`), low ones, those with words, and their follow-up. What is
    kept back is judged before it is narrowed further, and once more after: five in all, and five of this.
    """
    rows, _n, _hidden = chosen_answers(filters)
    narrower = _of_mark(rows, filters)
    if narrower is not rows:
        unnamed = narrower.filter(anonymous=True).values("pk")[:FEWEST].count()
        rows = narrower.filter(anonymous=False) if 0 < unnamed < FEWEST else narrower
    related = rows.select_related("questionnaire", "edition", "customer", "matter", "followup", "unit")
    return related.defer("customer__search", "customer__profile", "matter__search", "followup__search")


def _of_mark(rows: QuerySet[Any], filters: Mapping[str, str]) -> QuerySet[Any]:
    found = rows
    if key := filters.get("key", "")[:40]:
        marked = SurveyMark.unscoped.filter(answer=OuterRef("pk"), key=key)
        value = filters.get("value", "")
        span = value.partition("..")
        if span[1] and _number(span[0]) is not None and _number(span[2]) is not None:
            marked = marked.filter(number__gte=_number(span[0]), number__lte=_number(span[2]))
        elif value and _number(value) is not None:
            marked = marked.filter(Q(number=_number(value)) | Q(option=value[:80]))
        elif value:
            marked = marked.filter(option=value[:80])
        found = found.filter(Exists(marked))
    if filters.get("low") == "1":
        found = found.filter(low=True)
    if filters.get("words") == "1":
        found = found.exclude(comment="")
    loop = filters.get("loop", "")
    if loop in ("open", "closed"):
        found = found.filter(followup__open=loop == "open")
    elif loop == "any":
        found = found.filter(followup__isnull=False)
    return found


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if -1000 <= found <= 1000 else None


def comments_of(rows: QuerySet[Any], most: int = 20) -> list[Any]:
    """What people wrote, newest first. One statement."""
    told = rows.exclude(comment="").select_related("customer", "edition", "questionnaire")
    return list(told.defer("customer__search", "customer__profile").order_by("-on", "-id")[:most])


def one_answer(answer_id: int) -> Any:
    """One answer; an anonymous one only while there are four more of its questionnaire."""
    rows = SurveyAnswer.objects.select_related(
        "questionnaire", "edition", "customer", "matter", "followup", "unit", "entered_by"
    )
    found = rows.defer("customer__search", "customer__profile", "matter__search", "followup__search").filter(
        pk=answer_id
    )
    row = found.first()
    if row is not None and row.anonymous:
        alike = SurveyAnswer.objects.filter(questionnaire_id=row.questionnaire_id, anonymous=True, unit=row.unit)
        if alike.values("pk")[:FEWEST].count() < FEWEST:
            return None
    return row
