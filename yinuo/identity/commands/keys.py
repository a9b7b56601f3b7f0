"""API keys: made, shown once, revoked. Who may make one for whom: docs/decisions/api-keys.md."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yinuo.identity.grants import GRANT_CODES
from yinuo.identity.models import ApiKey, Staff
from yinuo.identity.queries import grants_of
from yinuo.identity.rules import key_grants, may_act_for
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Denied, Invalid, Missing
from yinuo.kernel.text import clean_line


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
    """Returns the row's id, the grants it got and the secret, which is shown once and never stored."""
    wanted = sorted(set(grants))
    if not wanted or set(wanted) - GRANT_CODES:
        raise Invalid(_("请至少选择一项有效权限"), fields={"grants": _("请至少选择一项有效权限")})
    if not clean_line(name, 60):
        raise Invalid(_("请填写密钥名称"), fields={"name": _("请填写密钥名称")})
    if expires_at and expires_at <= at:
        raise Invalid(_("到期时间已经过去，这样的密钥用不了"), fields={"expires_at": _("请填写将来的时间，或留空")})
    given = _lendable(_holder(staff_id), wanted, by)
    prefix = "yk_" + secrets.token_hex(4)
    secret = f"{prefix}.{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        name=clean_line(name, 60), prefix=prefix, hash=hashlib.sha256(secret.encode()).hexdigest(),
        staff_id=staff_id, grants=given, expires_at=expires_at,
    )  # fmt: skip
    left_out = sorted(set(wanted) - set(given))
    record(key, {"name": key.name, "staff": staff_id, "grants": given, "left_out": left_out})
    return {"id": key.pk, "secret": secret, "grants": given, "left_out": left_out}


def _holder(staff_id: int) -> Staff:
    """Locked, so that nobody is given more power or stopped in between."""
    rows = Staff.objects.select_for_update(no_key=True, of=("self",)).prefetch_related("roles")
    holder = rows.filter(pk=staff_id, is_active=True).first()
    if holder is None:
        raise Invalid(_("没有这个账号，或已停用"), fields={"staff_id": _("没有这个账号，或已停用")})
    return holder


def _lendable(holder: Staff, wanted: list[str], by: Actor) -> list[str]:
    """The grants the key gets; refuses a key that would lend its maker somebody else's power."""
    theirs = grants_of(holder)
    if not may_act_for(by, holder_id=holder.pk, holder_grants=theirs, integration=holder.is_integration):
        why = _("这位员工能看到或能做的比您多，您不能建立代表他的密钥。请建在自己名下，或请管理员建一个接口账号")
        raise Denied(why, fields={"staff_id": why})
    given = key_grants(by, wanted, holder_grants=theirs, integration=holder.is_integration)
    if not given:
        why = _("这个账号没有所选的任何一项权限，这样的密钥什么也做不了")
        raise Invalid(why, fields={"grants": why})
    return given


@command("key.revoke", needs="key.manage")
def revoke_api_key(*, key_id: int, by: Actor, at: datetime) -> ApiKey:
    key = ApiKey.objects.select_for_update(no_key=True).filter(pk=key_id).first()
    if key is None:
        raise Missing(_("没有这个密钥"))
    key.revoked_at = key.revoked_at or at
    key.save(update_fields=["revoked_at"])
    record(key, {"name": key.name})
    return key
