"""Reads about who works here."""

import hashlib
import hmac
from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Min, Q, QuerySet

from yinuo.identity.models import Absence, ApiKey, EntryRules, Role, Staff, Unit
from yinuo.identity.rules import may_act_for
from yinuo.kernel.actor import Actor, Scope
from yinuo.kernel.clock import CST
from yinuo.kernel.prepared import first_read, prepared

_REACH = {Scope.OWN: 0, Scope.TEAM: 1, Scope.ALL: 2}


def actor_for(staff: Staff, *, ip: str = "", request_id: str = "") -> Actor:
    """The actor a signed-in staff member is: all grants and the widest reach of their roles.

    One statement: it stands before every page.
    """
    with prepared(_STAFF, [staff.pk]) as cursor:
        grants, matters, customers, units = cursor.fetchone() or ((), (), (), ())
    return Actor(
        kind="staff", id=staff.pk, name=staff.name, grants=frozenset(grants), matter_scope=_widest(matters),
        customer_scope=_widest(customers), unit_id=staff.unit_id, unit_ids=frozenset(units),
        ip=ip, request_id=request_id,
    )  # fmt: skip


def grants_of(staff: Staff) -> frozenset[str]:
    """All grants of a person's roles."""
    return frozenset(g for r in staff.roles.all() for g in r.grants)


def _widest(scopes) -> Scope:  # type: ignore[no-untyped-def]
    return max((Scope(s) for s in scopes), key=_REACH.__getitem__, default=Scope.OWN)


#: Of staff `s`: grants, reaches among matters and customers, the unit and everything below it.
_HELD = """
           ARRAY(SELECT DISTINCT unnest(r.grants) FROM identity_staff_roles h JOIN identity_role r ON r.id = h.role_id
                 WHERE h.staff_id = s.id),
           ARRAY(SELECT r.matter_scope FROM identity_staff_roles h JOIN identity_role r ON r.id = h.role_id
                 WHERE h.staff_id = s.id),
           ARRAY(SELECT r.customer_scope FROM identity_staff_roles h JOIN identity_role r ON r.id = h.role_id
                 WHERE h.staff_id = s.id),
           ARRAY(SELECT u.id FROM identity_unit u WHERE u.path LIKE '%%/' || s.unit_id || '/%%')
"""
_STAFF = f"SELECT {_HELD} FROM identity_staff s WHERE s.id = %s"  # noqa: S608
_KEY = f"""
    SELECT k.id, k.hash, k.name, k.grants, k.expires_at, k.last_used_at, s.id, s.name,
           s.is_active AND s.locked_at IS NULL, s.unit_id, {_HELD}
    FROM identity_apikey k JOIN identity_staff s ON s.id = k.staff_id
"""  # noqa: S608
_KEY_IN_FORCE = f"{_KEY} WHERE k.prefix = %s AND k.revoked_at IS NULL"
_KEY_LET_IN = f"{_KEY} WHERE k.id = %s"


def actor_for_key(secret: str, *, at: datetime, ip: str = "", request_id: str = "") -> tuple[Actor, ApiKey] | None:
    """The actor behind an API key `prefix.secret`, or None if it is unknown, revoked, expired or its staff left.

    One statement: it stands before every API request.
    """
    prefix, _dot, _rest = secret.partition(".")
    row = first_read(_KEY_IN_FORCE, [prefix])
    same = hmac.compare_digest(row[1] if row else "0" * 64, hashlib.sha256(secret.encode()).hexdigest())
    if not row or not same:
        return None
    pk, kept, name, given, expires_at, used_at, staff_id, _who, active = row[:9]
    if not active or (expires_at and expires_at <= at):
        return None
    key = ApiKey(
        pk=pk, hash=kept, name=name, prefix=prefix, grants=given, expires_at=expires_at, last_used_at=used_at,
        staff_id=staff_id,
    )  # fmt: skip
    return _actor_of_row(row, ip, request_id), key


def actor_let_in(key_id: int, *, ip: str, request_id: str) -> Actor:
    """The actor of a key that was let in earlier and may have been revoked since, with what it may see and do now."""
    with prepared(_KEY_LET_IN, [key_id]) as cursor:
        return _actor_of_row(cursor.fetchone(), ip, request_id)


def _actor_of_row(row: Any, ip: str, request_id: str) -> Actor:
    pk, _hash, name, given, _expires, _used, staff_id, who, _active, unit_id, grants, matters, customers, units = row
    return Actor(
        kind="api", id=staff_id, name=f"{who} · {name}", grants=frozenset(grants) & frozenset(given),
        matter_scope=_widest(matters), customer_scope=_widest(customers), unit_id=unit_id, unit_ids=frozenset(units),
        ip=ip, request_id=request_id, key_id=pk,
    )  # fmt: skip


def manager_of(staff: Staff | None) -> Staff | None:
    """Who answers for `staff`: the named manager, else (also when that one has left) the head of the nearest unit
    above that is somebody else.
    """
    if staff is None:
        return None
    named = Staff.objects.filter(pk=staff.manager_id, is_active=True).first() if staff.manager_id else None
    return named or unit_head_above(staff.unit, other_than=staff.pk)


def line_above(staff: Staff | None, *, most: int = 6) -> list[Staff]:
    """Who answers for `staff`, who answers for them, and so on upward."""
    found: list[Staff] = []
    above = manager_of(staff)
    while above and len(found) < most and above.pk not in {s.pk for s in found}:
        found.append(above)
        above = manager_of(above)
    return found


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


def who_can_help(staff_id: int | None) -> list[str]:
    """Whom to ask for what one may not do oneself: one's manager, then who gives out rights. At most four names."""
    me = Staff.objects.select_related("unit", "manager").filter(pk=staff_id or 0).first()
    above = manager_of(me)
    managing = Staff.objects.filter(is_active=True, roles__grants__contains=["staff.manage"])
    people = managing.exclude(pk=staff_id or 0).exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    first = people.order_by("name", "pk").distinct().values_list("name", flat=True)[:3]
    return list(dict.fromkeys([*([above.name] if above else []), *first]))


def deciders(*, limit: Decimal | None = None) -> QuerySet[Staff]:
    """Active staff who may decide requests; with `limit`, only those whose authority reaches that far, least first."""
    rows = Staff.objects.filter(is_active=True, roles__grants__contains=["approval.decide"])
    if limit is None:
        return rows.order_by("name", "pk").distinct()
    reach = rows.filter(roles__approval_limit__gte=limit).annotate(reach=Min("roles__approval_limit"))
    return reach.order_by("reach", "name", "pk")


def away(at: datetime) -> QuerySet[Absence]:
    """Absences that hold at this moment."""
    day = at.astimezone(CST).date()
    return Absence.objects.filter(canceled_at=None, starts_on__lte=day, ends_on__gte=day)


def stood_in_for(staff_id: int, at: datetime) -> QuerySet[Absence, int]:
    """Ids of those in whose place somebody decides now, directly or for a substitute who is away too; for a filter."""
    direct = away(at).filter(substitute_id=staff_id).values("staff_id")
    return away(at).filter(Q(substitute_id=staff_id) | Q(substitute_id__in=direct)).values_list("staff_id", flat=True)


def substitutes(staff_ids: list[int], at: datetime) -> dict[int, Absence]:
    """The absences of those who are away now, with their substitutes. One statement."""
    rows = away(at).filter(staff_id__in=staff_ids).select_related("substitute").order_by("pk")
    return {row.staff_id: row for row in rows}


def absences_of(staff_id: int, at: datetime) -> list[Absence]:
    """What is planned or running, soonest first. One statement."""
    rows = Absence.objects.filter(staff_id=staff_id, canceled_at=None, ends_on__gte=at.astimezone(CST).date())
    return list(rows.select_related("substitute").order_by("starts_on", "pk"))


def receivers() -> list[Staff]:
    """Active staff who receive customers as leaders."""
    rows = Staff.objects.filter(is_active=True, roles__grants__contains=["leader.receive"]).select_related("unit")
    return list(rows.order_by("unit__path", "name", "pk").distinct())


def staff_choices(*, unit_ids: frozenset[int] | None = None) -> list[Staff]:
    """People work can be given to; accounts for programs are none."""
    people = Staff.objects.filter(is_active=True).exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    rows = people.select_related("unit").order_by("unit__path", "name")
    return list(rows.filter(unit_id__in=unit_ids) if unit_ids is not None else rows)


def names_of(staff_ids: Iterable[int]) -> dict[int, str]:
    """One statement, none without ids."""
    wanted = set(staff_ids)
    return dict(Staff.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def team(actor: Actor, *, start: int = 0, most: int = 24) -> list[Staff]:
    """Those `actor` answers for who owe work, from number `start` on, one more than `most`. One statement."""
    people = Staff.objects.filter(is_active=True, roles__grants__contains=["promise.handle"])
    people = people.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    if actor.matter_scope is not Scope.ALL:
        people = people.filter(unit_id__in=sorted(actor.unit_ids))
    rows = people.select_related("unit").order_by("unit__path", "name", "pk").distinct()
    return list(rows[start : start + most + 1])


def key_holders(maker: Actor) -> list[Staff]:
    """For whom `maker` may make a key. Two statements."""
    rows = Staff.objects.filter(is_active=True).select_related("unit").prefetch_related("roles")
    return [
        s for s in rows.order_by("unit__path", "name")
        if may_act_for(maker, holder_id=s.pk, holder_grants=grants_of(s), integration=s.is_integration)
    ]  # fmt: skip


def units(*, active: bool = True) -> list[Unit]:
    return list(Unit.objects.filter(Q(active=True) if active else Q()).select_related("head").order_by("path"))


def lineages(codes: Collection[str]) -> dict[str, list[str]]:
    """The codes of the units above each of these, itself included. One statement, none without codes."""
    if not codes:
        return {}
    rows = list(Unit.objects.values_list("pk", "code", "path"))
    code_of = {pk: code for pk, code, _path in rows}
    return {
        code: [code_of[int(part)] for part in path.split("/") if part]
        for _pk, code, path in rows if code in codes
    }  # fmt: skip


def intake_unit_id() -> int | None:
    """Who receives what arrives for nobody in particular: the unit marked for it, else the root."""
    return Unit.objects.filter(active=True).order_by("-takes_intake", "path").values_list("pk", flat=True).first()


def roles() -> list[Role]:
    return list(Role.objects.order_by("pk"))


def entry_rules() -> EntryRules:
    """The house's rules about getting in; as they are shipped until somebody changes them. One statement."""
    return EntryRules.objects.filter(pk=1).first() or EntryRules(pk=1)
