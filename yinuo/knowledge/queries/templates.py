"""Reply templates."""

from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from yinuo.knowledge.models import ReplyTemplate

MOST = 200


def templates() -> QuerySet[Any]:
    """Those in use and those put away, the actor's own and everybody's."""
    return ReplyTemplate.objects.select_related("owner").defer("search")


def template(template_id: int) -> Any:
    return templates().filter(pk=template_id).first()


def templates_for(stage: str = "", channel: str = "") -> list[Any]:
    """To choose from in an answer: those meant for this stage first, the much used before the rest; none of another
    channel. One statement.
    """
    rows = templates().filter(retired_at=None)
    if channel:
        rows = rows.filter(Q(channel="") | Q(channel=channel))
    here = Case(When(stage=stage or "-", then=Value(0)), When(stage="", then=Value(1)), default=Value(2),
                output_field=IntegerField())  # fmt: skip
    return list(rows.annotate(distance=here).order_by("distance", "-used", "name", "pk")[:MOST])
