"""What goes on after and beside the cases: checks that are due, receptions, what was made known."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef

from yinuo.complaints.models import CorrectiveAction, LeaderReception, Publication
from yinuo.complaints.rules.choices import ReceptionState, Recurrence


def publications(limit: int = 50) -> list[Any]:
    """Cases made known inside the company that the actor may read, newest first. One statement."""
    return list(Publication.objects.select_related("unit", "by").order_by("-pk")[:limit])


def to_check(*, until: Any) -> list[Any]:
    """Corrective actions whose recurrence check is due by `until` (a date). One statement."""
    rows = CorrectiveAction.objects.filter(checked_at=None, check_on__lte=until)
    return list(rows.select_related("complaint__matter", "owner").order_by("check_on", "pk")[:200])


def recurred() -> list[Any]:
    """What happened again although something was done, with nothing new planned since. One statement."""
    newer = CorrectiveAction.unscoped.filter(complaint=OuterRef("complaint"), at__gte=OuterRef("checked_at"))
    rows = CorrectiveAction.objects.filter(~Exists(newer), recurrence=Recurrence.RECURRED)
    return list(rows.select_related("complaint__matter", "owner").order_by("checked_at", "pk")[:200])


def leader_calendar(leader_id: int, start: Any, end: Any) -> list[Any]:
    """Receptions a leader has between two moments. One statement; times only matter to all, so it is unscoped."""
    rows = LeaderReception.unscoped.filter(leader_id=leader_id, state="booked", starts_at__lt=end, ends_at__gt=start)
    return list(rows.order_by("starts_at"))


def receptions_asked() -> list[Any]:
    """Customers who asked for a leader and have no time yet, or did not come, longest waiting first. One statement."""
    rows = LeaderReception.objects.filter(state__in=[ReceptionState.REQUESTED, ReceptionState.MISSED])
    return list(_with_case(rows).filter(complaint__matter__open=True).order_by("at", "pk")[:100])


def receptions_booked(start: Any, end: Any) -> list[Any]:
    """Booked receptions of cases the actor sees that begin between two moments. One statement."""
    rows = LeaderReception.objects.filter(state=ReceptionState.BOOKED, starts_at__gte=start, starts_at__lt=end)
    return list(_with_case(rows).order_by("starts_at", "pk")[:200])


def _with_case(rows: Any) -> Any:
    seen = rows.select_related("leader", "complaint__matter__customer")
    return seen.defer("complaint__search", "complaint__matter__search", "complaint__matter__customer__search")
