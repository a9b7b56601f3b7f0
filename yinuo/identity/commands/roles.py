"""Roles: made from the shipped seeds, edited by an administrator."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from yinuo.identity.commands.administering import somebody_still_manages
from yinuo.identity.grants import GRANT_CODES, ROLE_SEEDS, default_grants
from yinuo.identity.models import Role
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused, Stale


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
    role = Role.objects.select_for_update(no_key=True).filter(pk=role_id).first()
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
    with somebody_still_manages():
        role.grants, role.matter_scope, role.customer_scope = sorted(grants), matter_scope, customer_scope
        role.approval_limit, role.version = approval_limit, role.version + 1
        role.save()
    record(role, {"before": before, "after": {"grants": role.grants, "matter_scope": matter_scope}})
    return role
