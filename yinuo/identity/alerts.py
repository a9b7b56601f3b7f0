"""What was told about accounts: reads, and the link in the mail."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from yinuo.identity.models import SecurityEvent
from yinuo.kernel.tokens import sign, unsign

PURPOSE = "login.disown"
LINK_LIFE = timedelta(days=7)


def told_of(staff_id: int, since: datetime) -> QuerySet[Any]:
    """What this person was told since then, newest first."""
    return SecurityEvent.objects.filter(told__contains=[staff_id], at__gte=since).order_by("-at", "-pk")


def event(pk: int) -> SecurityEvent | None:
    return SecurityEvent.objects.select_related("staff").filter(pk=pk).first()


def link_token(row: SecurityEvent) -> str:
    """For the mail about it: whoever holds it can say that it was not them, and nothing else."""
    return sign(PURPOSE, row.pk, row.at + LINK_LIFE)


def named_by(token: str) -> int:
    """The event a link is about; raises `Invalid`."""
    return int(unsign(PURPOSE, token))
