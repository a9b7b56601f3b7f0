"""Plans and invitations."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from yinuo.surveys.models import Invitation, LowNotice, SurveyPlan, SurveySetting

State = Invitation.State


def plans() -> QuerySet[Any]:
    """With how many each has asked and how many answered."""
    asked = Q(invitations__state__in=(State.SENT, State.TO_CALL, State.ANSWERED, State.EXPIRED))
    return SurveyPlan.objects.select_related("questionnaire").annotate(
        asked=Count("invitations", filter=asked),
        answered=Count("invitations", filter=Q(invitations__state=State.ANSWERED)),
    ).order_by("-active", "pk")  # fmt: skip


def settings_row() -> SurveySetting:
    return SurveySetting.objects.filter(pk=1).first() or SurveySetting(pk=1)


def invitations() -> QuerySet[Any]:
    rows = Invitation.objects.select_related("questionnaire", "customer", "matter", "unit", "plan")
    return rows.defer("customer__search", "customer__profile", "matter__search")


def one_invitation(invitation_id: int) -> Any:
    rows = Invitation.objects.select_related("questionnaire", "edition", "customer", "matter", "unit")
    return rows.defer("customer__search", "customer__profile", "matter__search").filter(pk=invitation_id).first()


def for_link(invitation_id: int) -> Any:
    """What whoever holds the link is asked: the link names it. One statement."""
    rows = Invitation.unscoped.select_related("questionnaire", "edition", "matter", "answer__followup__unit").defer(
        "matter__search", "answer__followup__search"
    )
    return rows.filter(pk=invitation_id).first()


def open_for_matter(matter_id: int, at: datetime) -> list[Any]:
    """What the customer may answer on the progress page of this matter. One statement."""
    rows = Invitation.unscoped.filter(matter_id=matter_id, state__in=(State.SENT, State.TO_CALL), expires_at__gt=at)
    return list(rows.select_related("questionnaire", "edition").order_by("-pk")[:3])


def due_invitations(at: datetime, limit: int = 200) -> Sequence[int]:
    rows = Invitation.unscoped.filter(state=State.PLANNED, due_at__lte=at).order_by("due_at", "pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def rounds_due(day: date) -> Sequence[int]:
    """Periodic plans whose day has come."""
    rows = SurveyPlan.unscoped.filter(active=True, trigger="periodic", next_on__lte=day, questionnaire__active=True)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def low_notices(since: date) -> QuerySet[LowNotice]:
    """Low answers without a name that I was told of, the newest first."""
    return LowNotice.objects.filter(on__gte=since).order_by("-on", "-pk")
