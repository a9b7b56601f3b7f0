"""Who looked at whose personal data."""

from datetime import datetime

from django.db.models import QuerySet

from yinuo.customers.models import RevealAlert
from yinuo.kernel.models import AuditEntry

REVEAL = "customer.reveal"
#: What is written down when somebody looks at a customer's personal data, or takes it along.
LOOKED = ("customer.view", REVEAL, "customer.print")


def reveals_of(staff_id: int, since: datetime) -> QuerySet[AuditEntry]:
    """What this colleague revealed since then, by whichever way. For the watch, and for those it told."""
    return AuditEntry.unscoped.filter(command=REVEAL, actor_id=staff_id, actor_kind__in=("staff", "api"), at__gt=since)


def lookers(customer_id: int) -> list[AuditEntry]:
    """Who looked lately, for whom the audit may be read by. One statement."""
    rows = AuditEntry.objects.filter(subject_type="customers.customer", subject_id=str(customer_id), command__in=LOOKED)
    return list(rows.order_by("-pk")[:10])


def alert(alert_id: int) -> RevealAlert | None:
    """One statement."""
    return RevealAlert.objects.select_related("staff__unit").filter(pk=alert_id).first()


def alerts_for(staff_id: int, since: datetime) -> QuerySet[RevealAlert]:
    """What this person was told of, the newest first."""
    return RevealAlert.objects.filter(told__contains=[staff_id], at__gte=since).order_by("-at", "-pk")
