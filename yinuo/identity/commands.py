"""Writes about who works here."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext as _

from yinuo.identity.grants import GRANT_CODES, ROLE_SEEDS, default_grants
from yinuo.identity.models import ApiKey, Role, Staff, Unit
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused, Stale
from yinuo.kernel.text import clean_line


@command("role.seed", needs="staff.manage")
def seed_roles(*, by: Actor, at: datetime) -> list[Role]:
    """Make the built-in roles that are missing; existing ones keep what an administrator changed."""
    made = []
    for seed in ROLE_SEEDS:
        role, fresh = Role.objects.get_or_create(
            code=seed.code,
            defaults={
                "name": str(seed.name), "grants": default_grants(seed.code), "matter_scope": seed.matter_scope,
                "customer_scope": seed.customer_scope, "approval_limit": seed.approval_limit, "builtin": True,
            },
        )  # fmt: skip
        made += [role] if fresh else []
    record("identity.role", {"made": [r.code for r in made]})
    return made


@command("role.edit", needs="staff.manage")
def edit_role(
    *, role_id: int, grants: Iterable[str], matter_scope: str, customer_scope: str,
    approval_limit: Decimal | None, expected_version: int, by: Actor, at: datetime,
) -> Role:  # fmt: skip
    role = Role.objects.select_for_update().filter(pk=role_id).first()
    if role is None:
        raise Missing(_("没有这个角色"))
    if role.version != expected_version:
        raise Stale(_("这个角色刚被别人改过"), current=role)
    unknown = set(grants) - GRANT_CODES
    if unknown:
        raise Invalid(_("没有这项权限"), fields={"grants": ", ".join(sorted(unknown))})
    if approval_limit is not None and approval_limit < 0:
        raise Invalid(_("审批限额不能为负"), fields={"approval_limit": _("审批限额不能为负")})
    if role.code == "administrator" and "staff.manage" not in grants:
        raise Refused(_("管理员角色必须保留员工管理权限，否则无人能再修改角色"))
    before = {"grants": role.grants, "matter_scope": role.matter_scope, "customer_scope": role.customer_scope}
    role.grants, role.matter_scope, role.customer_scope = sorted(grants), matter_scope, customer_scope
    role.approval_limit, role.version = approval_limit, role.version + 1
    role.save()
    record(role, {"before": before, "after": {"grants": role.grants, "matter_scope": matter_scope}})
    return role


@command("unit.create", needs="staff.manage")
def create_unit(*, name: str, code: str, kind: str, parent_id: int | None, by: Actor, at: datetime) -> Unit:
    name = clean_line(name, 80)
    if not name:
        raise Invalid(_("请填写部门名称"), fields={"name": _("请填写部门名称")})
    if Unit.objects.filter(code=code).exists():
        raise Invalid(_("部门代码已被使用"), fields={"code": _("部门代码已被使用")})
    parent = Unit.objects.get(pk=parent_id) if parent_id else None
    unit = Unit.objects.create(name=name, code=code, kind=kind, parent=parent)
    unit.path = f"{parent.path if parent else '/'}{unit.pk}/"
    unit.save(update_fields=["path"])
    record(unit, {"name": name, "parent": parent_id})
    return unit


@command("unit.edit", needs="staff.manage")
def edit_unit(
    *, unit_id: int, name: str, head_id: int | None, parent_id: int | None, active: bool,
    expected_version: int, by: Actor, at: datetime,
) -> Unit:  # fmt: skip
    """Rename, move (with everything below), appoint a head, close."""
    unit = Unit.objects.select_for_update().get(pk=unit_id)
    if unit.version != expected_version:
        raise Stale(_("这个部门刚被别人改过"), current=unit)
    parent = Unit.objects.get(pk=parent_id) if parent_id else None
    if parent and f"/{unit.pk}/" in parent.path:
        raise Invalid(_("不能把部门移到它自己的下级"), fields={"parent_id": _("不能把部门移到它自己的下级")})
    old_path, unit.path = unit.path, f"{parent.path if parent else '/'}{unit.pk}/"
    unit.name, unit.head_id, unit.parent, unit.active = clean_line(name, 80), head_id, parent, active
    unit.version += 1
    unit.save()
    if old_path != unit.path:
        below = Unit.objects.filter(path__startswith=old_path).exclude(pk=unit.pk)
        below.update(path=Concat(Value(unit.path), Substr(F("path"), len(old_path) + 1)))
    record(unit, {"name": unit.name, "head": head_id, "parent": parent_id, "active": active})
    return unit


def _checked_password(password: str, staff: Staff) -> str:
    try:
        validate_password(password, staff)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), fields={"password": " ".join(error.messages)}) from None
    return password


@command("unit.take_intake", needs="staff.manage")
def set_intake_unit(*, unit_id: int, by: Actor, at: datetime) -> Unit:
    """From now on this unit receives what arrives for nobody in particular (portal, unclaimed mail)."""
    unit = Unit.objects.select_for_update().get(pk=unit_id)
    Unit.objects.exclude(pk=unit_id).update(takes_intake=False)
    unit.takes_intake = True
    unit.save(update_fields=["takes_intake"])
    record(unit, {"takes_intake": True})
    return unit


@command("staff.create", needs="staff.manage")
def create_staff(
    *, username: str, name: str, password: str, unit_id: int, role_codes: Iterable[str], phone: str = "",
    email: str = "", manager_id: int | None = None, by: Actor, at: datetime,
) -> Staff:  # fmt: skip
    username, name = clean_line(username, 60).lower(), clean_line(name, 60)
    missing = {k: _("必填") for k, v in {"username": username, "name": name}.items() if not v}
    if missing:
        raise Invalid(_("请补全员工资料"), fields=missing)
    if Staff.objects.filter(username=username).exists():
        raise Invalid(_("登录名已被使用"), fields={"username": _("登录名已被使用")})
    staff = Staff(
        username=username, name=name, unit_id=unit_id, phone=clean_line(phone, 20), email=clean_line(email, 200),
        manager_id=manager_id,
    )  # fmt: skip
    staff.set_password(_checked_password(password, staff))
    staff.save()
    staff.roles.set(Role.objects.filter(code__in=list(role_codes)))
    record(staff, {"username": username, "unit": unit_id, "roles": sorted(role_codes)})
    return staff


@command("staff.edit", needs="staff.manage")
def edit_staff(
    *, staff_id: int, name: str, unit_id: int, role_codes: Iterable[str], phone: str, email: str, active: bool,
    manager_id: int | None, expected_version: int, by: Actor, at: datetime,
) -> Staff:  # fmt: skip
    staff = Staff.objects.select_for_update().get(pk=staff_id)
    if staff.version != expected_version:
        raise Stale(_("这位员工的资料刚被别人改过"), current=staff)
    if manager_id == staff.pk:
        raise Invalid(_("上级不能是本人"), fields={"manager_id": _("上级不能是本人")})
    if staff.pk == by.id and not active:
        raise Refused(_("不能停用自己的账号"))
    staff.name, staff.unit_id, staff.is_active = clean_line(name, 60), unit_id, active
    staff.phone, staff.email, staff.manager_id = clean_line(phone, 20), clean_line(email, 200), manager_id
    staff.version += 1
    staff.save()
    staff.roles.set(Role.objects.filter(code__in=list(role_codes)))
    record(staff, {"unit": unit_id, "roles": sorted(role_codes), "active": active})
    return staff


@command("staff.password", needs="self.use")
def change_password(*, staff_id: int, old: str, new: str, by: Actor, at: datetime) -> Staff:
    """Change one's own password; an administrator resets another's by `reset_password`."""
    staff = Staff.objects.select_for_update().get(pk=staff_id)
    if staff.pk != by.id or not staff.check_password(old):
        raise Invalid(_("原密码不对"), fields={"old": _("原密码不对")})
    staff.set_password(_checked_password(new, staff))
    staff.save(update_fields=["password"])
    record(staff)
    return staff


@command("staff.reset_password", needs="staff.manage")
def reset_password(*, staff_id: int, new: str, by: Actor, at: datetime) -> Staff:
    staff = Staff.objects.select_for_update().get(pk=staff_id)
    staff.set_password(_checked_password(new, staff))
    staff.save(update_fields=["password"])
    record(staff)
    return staff


@command("staff.signed_in", internal=True)
def note_sign_in(*, staff_id: int, ip: str, by: Actor, at: datetime) -> Staff:
    staff = Staff.objects.get(pk=staff_id)
    Staff.objects.filter(pk=staff_id).update(last_login=at)
    record(staff, {"ip": ip})
    return staff


@command("staff.preferences", needs="self.use")
def set_preferences(*, language: str, theme: str, by: Actor, at: datetime) -> Staff:
    staff = Staff.objects.get(pk=by.staff_key)
    if language not in ("zh-hans", "en") or theme not in ("light", "dark"):
        raise Invalid(_("没有这个选项"))
    staff.language, staff.theme = language, theme
    staff.save(update_fields=["language", "theme"])
    record(staff, {"language": language, "theme": theme})
    return staff


@command("key.create", needs="key.manage")
def create_api_key(
    *,
    name: str,
    staff_id: int,
    grants: Iterable[str],
    expires_at: datetime | None = None,
    by: Actor,
    at: datetime,
) -> dict[str, Any]:
    """Returns the row's id and the secret, which is shown once and never stored."""
    wanted = sorted(set(grants))
    if not wanted or set(wanted) - GRANT_CODES:
        raise Invalid(_("请至少选择一项有效权限"), fields={"grants": _("请至少选择一项有效权限")})
    if not clean_line(name, 60):
        raise Invalid(_("请填写密钥名称"), fields={"name": _("请填写密钥名称")})
    prefix = "yk_" + secrets.token_hex(4)
    secret = f"{prefix}.{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        name=clean_line(name, 60), prefix=prefix, hash=hashlib.sha256(secret.encode()).hexdigest(),
        staff_id=staff_id, grants=wanted, expires_at=expires_at,
    )  # fmt: skip
    record(key, {"name": key.name, "staff": staff_id, "grants": wanted})
    return {"id": key.pk, "secret": secret}


@command("key.revoke", needs="key.manage")
def revoke_api_key(*, key_id: int, by: Actor, at: datetime) -> ApiKey:
    key = ApiKey.objects.select_for_update().filter(pk=key_id).first()
    if key is None:
        raise Missing(_("没有这个密钥"))
    key.revoked_at = key.revoked_at or at
    key.save(update_fields=["revoked_at"])
    record(key, {"name": key.name})
    return key
