"""Reads about screens and schedules."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Prefetch, Q, QuerySet

from yinuo.identity.models import Staff
from yinuo.identity.queries import actor_for
from yinuo.insight.models import Display, ReportMail, ReportPlan
from yinuo.kernel.actor import Actor
from yinuo.kernel.errors import Invalid
from yinuo.kernel.tokens import sign, unsign

PURPOSE = "display"
FURTHEST = timedelta(days=1, hours=1)


def displays() -> QuerySet[Display]:
    """Those of the actor; who sees everything, everybody's."""
    return Display.objects.select_related("unit", "made_by")


def display_token(row: Display) -> str:
    """What stands in the link: names the row, so that taking it back works at once."""
    return sign(PURPOSE, row.pk, row.expires_at)


def display_of(token: str, at: datetime) -> Display:
    """The screen of a link that is still good; `Invalid` otherwise. One statement."""
    pk = unsign(PURPOSE, token)
    if type(pk) is not int:
        raise Invalid("display", code="token_forged")
    live = Q(revoked_at=None, expires_at__gt=at, made_by__is_active=True)
    row = Display.unscoped.select_related("made_by", "unit").filter(live, pk=pk).first()
    if row is None:
        raise Invalid("display", code="token_expired")
    return row


def display_actor(row: Display, ip: str) -> Actor | None:
    """What the maker sees, and nothing the maker may do; None once the maker may see no reports. One statement."""
    maker = actor_for(row.made_by, ip=ip)
    return replace(maker, grants=frozenset({"report.read"})).named(row.name) if maker.may("report.read") else None


def plans() -> QuerySet[ReportPlan]:
    """Schedules with who gets them and how the last reports went."""
    last = ReportMail.objects.select_related("staff").order_by("-planned_at", "-pk")
    people = Staff.objects.select_related("unit").order_by("pk")
    return ReportPlan.objects.select_related("made_by").prefetch_related(
        Prefetch("recipients", people), Prefetch("mails", last[:200], to_attr="last")
    )


def plan(plan_id: int) -> ReportPlan | None:
    return plans().filter(pk=plan_id).first()


def readers() -> QuerySet[Staff]:
    """Who may be sent a report."""
    people = Staff.objects.filter(is_active=True).exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    found = people.filter(roles__grants__contains=["report.read"])
    return found.select_related("unit").order_by("unit__path", "name", "pk").distinct()


def due_plans(at: datetime, most: int = 50) -> list[int]:
    rows = ReportPlan.unscoped.filter(active=True, next_at__lte=at)
    return list(rows.order_by("next_at", "pk").values_list("pk", flat=True)[:most])


def due_mails(at: datetime, most: int = 100) -> list[int]:
    due = Q(state="queued", next_try_at__lte=at) | Q(state="sending", claimed_until__lte=at)
    due |= Q(state__in=("queued", "sending"), next_try_at__gt=at + FURTHEST)  # the clock was set back
    return list(ReportMail.unscoped.filter(due).order_by("next_try_at", "pk").values_list("pk", flat=True)[:most])


def to_send(mail_id: int) -> Any:
    return ReportMail.unscoped.select_related("plan", "staff").get(pk=mail_id)
