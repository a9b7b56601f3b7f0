"""Who has a second step, and who must have one: reads."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q

from yinuo.identity.models import CodeApp, EntryRules, Passkey, RecoveryCode, Staff


@dataclass(frozen=True, slots=True)
class Steps:
    """What somebody can show as a second step; recovery codes are no step of their own, they stand in for one."""

    app: bool
    passkeys: int
    codes: int

    @property
    def any(self) -> bool:
        return self.app or self.passkeys > 0


def steps_of(staff_id: int) -> Steps:
    """One statement."""
    found = Staff.objects.filter(pk=staff_id).annotate(
        app=Exists(CodeApp.objects.filter(staff_id=OuterRef("pk"))),
        keys=Count("passkeys", distinct=True),
        left=Count("recovery_codes", filter=Q(recovery_codes__used_at=None), distinct=True),
    )
    return Steps(*(found.values_list("app", "keys", "left").first() or (False, 0, 0)))


def passkeys_of(staff_id: int) -> list[Passkey]:
    return list(Passkey.objects.filter(staff_id=staff_id).order_by("created_at", "pk"))


def codes_left(staff_id: int) -> int:
    return RecoveryCode.objects.filter(staff_id=staff_id, used_at=None).count()


def due_at(staff: Any, rules: EntryRules) -> datetime | None:
    """From when this person gets no further without a second step; None: need not have one. One statement at most."""
    if not rules.step_roles or rules.step_since is None:
        return None
    if not staff.roles.filter(code__in=rules.step_roles).exists():
        return None
    since: datetime = max(rules.step_since, staff.created_at)
    return since + timedelta(days=rules.grace_days)
