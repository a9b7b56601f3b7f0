"""Reads about webhooks."""

import time
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from yinuo.channels.webhook.models import Attempt, Delivery, Endpoint
from yinuo.channels.webhook.sealing import unseal

#: Seconds another process may take to notice a new subscription.
FRESH = 5.0
_subscribed: tuple[float, frozenset[str]] = (0.0, frozenset())


def subscribed() -> frozenset[str]:
    """The events anybody wants, remembered for a moment: an event nobody wants costs no statement."""
    global _subscribed
    until, events = _subscribed
    if time.monotonic() < until:
        return events
    rows = Endpoint.unscoped.filter(active=True).values_list("events", flat=True)
    events = frozenset(event for row in rows for event in row)
    _subscribed = (time.monotonic() + FRESH, events)
    return events


def forget_subscribed() -> None:
    global _subscribed
    _subscribed = (0.0, frozenset())


def signing_secrets(endpoint: Endpoint, at: datetime) -> list[str]:
    """What signs for it now: its secret, and the one before as long as that signs along."""
    sealed = [endpoint.secret]
    if endpoint.former_until is not None and endpoint.former_until > at:
        sealed.append(endpoint.former_secret)
    return [unseal(one) for one in sealed]


def endpoints() -> list[Any]:
    """Every endpoint the actor may manage, the ones in trouble first. One statement."""
    return list(Endpoint.objects.order_by("disabled_at", "failing_since", "pk"))


def in_trouble() -> list[Any]:
    """Endpoints that were switched off or fail at present: the warning on the settings page and in `yinuo doctor`."""
    rows = Endpoint.unscoped.exclude(disabled_at=None, failing_since=None)
    return list(rows.order_by("pk"))


def deliveries(endpoint_id: int) -> QuerySet[Any]:
    """The log of an endpoint, newest first."""
    return Delivery.objects.filter(endpoint_id=endpoint_id).order_by("-created_at", "-pk")


def attempts(delivery_id: int) -> list[Any]:
    return list(Attempt.objects.filter(delivery_id=delivery_id).order_by("pk"))
