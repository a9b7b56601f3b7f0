"""By what counted rows may be told apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Case, F, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils.translation import gettext_lazy as _

from yinuo.surveys.models import SurveyAnswer

#: What an empty key of a dimension is called in an address.
NONE = "none"


def answers() -> QuerySet[SurveyAnswer]:
    """What customers who gave their name answered, on the five steps of satisfaction, about a matter."""
    return SurveyAnswer.unscoped.filter(questionnaire__kind="csat", score__isnull=False, matter__isnull=False)


def _text(path: str) -> Any:
    return Coalesce(Cast(F(path), TextField()), Value(""), output_field=TextField())


def _reason(prefix: str) -> Any:
    """The finer kind where one was chosen, else the kind."""
    fine, coarse = f"{prefix}complaint__subkind", f"{prefix}complaint__kind"
    named = {"output_field": TextField()}
    return Case(
        When(**{f"{prefix}complaint__isnull": True}, then=Value("", **named)),
        When(**{fine: ""}, then=Case(
            When(**{coarse: ""}, then=Value("", **named)), default=Concat(Value("kind:"), F(coarse), **named))),
        default=Concat(Value("sub:"), F(fine), **named),
        **named,
    )  # fmt: skip


#: By what rows may be told apart, per kind of row.
DIMENSIONS: dict[str, dict[str, Callable[[], Any]]] = {
    "matter": {
        "channel": lambda: _text("channel"), "trade": lambda: _text("kind"), "owner": lambda: _text("owner_id"),
        "unit": lambda: _text("unit_id"), "reason": lambda: _reason(""),
    },
    "promise": {
        "owner": lambda: _text("owner_id"), "unit": lambda: _text("unit_id"),
        "standard": lambda: _text("standard__key"), "trade": lambda: _text("matter__kind"),
        "channel": lambda: _text("matter__channel"),
    },
}  # fmt: skip
LABELS = {
    "channel": _("渠道"), "trade": _("事项类型"), "owner": _("负责人"), "unit": _("部门"), "reason": _("原因"),
    "standard": _("服务标准"),
}  # fmt: skip
