"""Wall screens: a link that shows figures without anybody signed in, until it ends or is taken back."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F
from django.utils.translation import gettext as _

from yinuo.identity.models import Unit
from yinuo.insight.models import Display
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record, record_seldom
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused
from yinuo.kernel.text import clean_line

LONGEST_DAYS, MOST = 366, 20


@command("display.create", needs="report.export")
def create_display(*, name: str, days: int, unit_id: int | None = None, by: Actor, at: datetime) -> Display:
    """A screen of the figures its maker may see, of a unit or of all."""
    wrong = {}
    clean = clean_line(name, 60)
    if not clean:
        wrong["name"] = _("请填写屏幕名称，例如：投诉中心大厅")
    if not 1 <= days <= LONGEST_DAYS:
        wrong["days"] = _("有效期在 1 到 366 天之间")
    if unit_id is not None and not Unit.objects.filter(pk=unit_id, active=True).exists():
        wrong["unit_id"] = _("没有这个部门")
    if by.staff_id is None:
        raise Refused(_("显示链接只能由员工建立"))
    if wrong:
        raise Invalid(_("还有内容没有填对"), fields=wrong)
    live = Display.unscoped.filter(made_by_id=by.staff_id, revoked_at=None, expires_at__gt=at)
    if live.count() >= MOST:
        raise Refused(_("您已有 20 个有效的显示链接，请先收回不用的"))
    row: Display = Display.unscoped.create(
        name=clean, unit_id=unit_id, made_by_id=by.staff_id, created_at=at, expires_at=at + timedelta(days=days)
    )
    record(row, {"name": clean, "unit": unit_id, "expires_at": row.expires_at.isoformat()})
    return row


@command("display.revoke", needs="report.export")
def revoke_display(*, display_id: int, by: Actor, at: datetime) -> Display:
    """The link shows nothing from now on; a second time changes nothing."""
    if not Display.objects.filter(pk=display_id).exists():
        raise Missing(_("没有这个显示链接，或您无权查看"))
    row: Display = Display.unscoped.select_for_update(no_key=True).get(pk=display_id)
    row.revoked_at = row.revoked_at or at
    row.save(update_fields=["revoked_at"])
    record(row, {"name": row.name})
    return row


@command("display.open", internal=True)
def open_display(*, display_id: int, by: Actor, at: datetime) -> None:
    """The screen was switched on: kept on the row each time, in the audit once an hour."""
    Display.unscoped.filter(pk=display_id).update(seen_at=at, seen_from=by.ip[:45], opened=F("opened") + 1)
    record_seldom(Display(pk=display_id), {"from": by.ip}, every=timedelta(hours=1), at=at)
