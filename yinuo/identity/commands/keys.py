"""API keys: made, shown once, revoked."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yinuo.identity.grants import GRANT_CODES
from yinuo.identity.models import ApiKey
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing
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
