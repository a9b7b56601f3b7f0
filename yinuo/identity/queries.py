"""Reads about who works here."""

import hashlib
import hmac
from datetime import datetime

from django.db.models import Q

from yinuo.identity.models import ApiKey, Role, Staff, Unit
from yinuo.kernel.actor import Actor, Scope

_REACH = {Scope.OWN: 0, Scope.TEAM: 1, Scope.ALL: 2}


def actor_for(staff: Staff, *, ip: str = "", request_id: str = "") -> Actor:
    """The actor a signed-in staff member is: all grants and the widest reach of their roles. Two statements."""
    roles = list(staff.roles.all())
    return Actor(
        kind="staff",
        id=staff.pk,
        name=staff.name,
        grants=frozenset(g for r in roles for g in r.grants),
        matter_scope=_widest(r.matter_scope for r in roles),
        customer_scope=_widest(r.customer_scope for r in roles),
        unit_id=staff.unit_id,
        unit_ids=subtree_ids(staff.unit_id),
        ip=ip,
        request_id=request_id,
    )


def _widest(scopes) -> Scope:  # type: ignore[no-untyped-def]
    return max((Scope(s) for s in scopes), key=_REACH.__getitem__, default=Scope.OWN)


def subtree_ids(unit_id: int) -> frozenset[int]:
    """The unit and everything below it."""
    return frozenset(Unit.objects.filter(path__contains=f"/{unit_id}/").values_list("pk", flat=True))


def actor_for_key(secret: str, *, at: datetime, ip: str = "", request_id: str = "") -> tuple[Actor, ApiKey] | None:
    """The actor behind an API key `prefix.secret`, or None if it is unknown, revoked, expired or its staff left."""
    prefix, _dot, _rest = secret.partition(".")
    key = ApiKey.objects.select_related("staff").filter(prefix=prefix, revoked_at=None).first()
    good = key.hash if key else "0" * 64
    same = hmac.compare_digest(good, hashlib.sha256(secret.encode()).hexdigest())
    if not key or not same or not key.staff.is_active or (key.expires_at and key.expires_at <= at):
        return None
    full = actor_for(key.staff, ip=ip, request_id=request_id)
    return (
        Actor(
            kind="api", id=full.id, name=f"{full.name} · {key.name}", grants=full.grants & frozenset(key.grants),
            matter_scope=full.matter_scope, customer_scope=full.customer_scope, unit_id=full.unit_id,
            unit_ids=full.unit_ids, ip=ip, request_id=request_id,
        ),
        key,
    )  # fmt: skip


def manager_of(staff: Staff | None) -> Staff | None:
    """Who answers for `staff`: the named manager, else the head of the nearest unit above that is somebody else."""
    if staff is None:
        return None
    if staff.manager_id:
        return Staff.objects.filter(pk=staff.manager_id, is_active=True).first()
    return unit_head_above(staff.unit, other_than=staff.pk)


def unit_head_above(unit: Unit, *, other_than: int | None = None) -> Staff | None:
    """The head of `unit` or of the nearest unit above it, skipping `other_than`."""
    ids = [int(part) for part in unit.path.strip("/").split("/") if part]
    units = {u.pk: u for u in Unit.objects.filter(pk__in=ids).select_related("head")}
    for unit_id in reversed(ids):
        head = units[unit_id].head if unit_id in units else None
        if head and head.is_active and head.pk != other_than:
            return head
    return None


def holders(role: str) -> list[Staff]:
    """Active staff with a role, by name."""
    return list(Staff.objects.filter(roles__code=role, is_active=True).order_by("name", "pk"))


def staff_choices(*, unit_ids: frozenset[int] | None = None) -> list[Staff]:
    rows = Staff.objects.filter(is_active=True).select_related("unit").order_by("unit__path", "name")
    return list(rows.filter(unit_id__in=unit_ids) if unit_ids is not None else rows)


def units(*, active: bool = True) -> list[Unit]:
    return list(Unit.objects.filter(Q(active=True) if active else Q()).select_related("head").order_by("path"))


def intake_unit_id() -> int | None:
    """Who receives what arrives for nobody in particular: the unit marked for it, else the root."""
    return Unit.objects.filter(active=True).order_by("-takes_intake", "path").values_list("pk", flat=True).first()


def roles() -> list[Role]:
    return list(Role.objects.order_by("pk"))
