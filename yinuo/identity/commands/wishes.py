"""What one wants to be told of, and up to where one has read; and what of the introduction one has seen."""

import re
from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from yinuo.identity.models import Staff
from yinuo.identity.wishes import KINDS, Wishes, kept
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


@command("notice.set_wishes", needs="self.use")
def set_wishes(
    *, shown: Sequence[str], desktop: Sequence[str], sound: Sequence[str], volume: int = 60, hide: bool = False,
    quiet: bool = False, quiet_from: str = "20:00", quiet_to: str = "08:00",
    quiet_days: Sequence[str] = ("0", "1", "2", "3", "4", "5", "6"), quiet_off_work: bool = False,
    through: bool = True, by: Actor, at: datetime,
) -> Staff:  # fmt: skip
    """One's own notices: which kinds in the product, on the desktop and with a sound, and when it is quiet. Times are
    "HH:MM"; `quiet_days` are "0" (Monday) to "6", the days on which a quiet time begins.
    """
    staff = Staff.objects.select_for_update(no_key=True, of=("self",)).get(pk=by.staff_key)
    wrong: dict[str, str] = {}
    for name, chosen in (("shown", shown), ("desktop", desktop), ("sound", sound)):
        if not set(chosen) <= set(KINDS):
            wrong[name] = _("没有这个选项")
    if not set(quiet_days) <= set("0123456"):
        wrong["quiet_days"] = _("没有这个选项")
    elif quiet and not quiet_days:
        wrong["quiet_days"] = _("请至少选一天，或关掉免打扰时段")
    if not 0 <= volume <= 100:
        wrong["volume"] = _("音量在 0 到 100 之间")
    minutes = {"quiet_from": _minutes(quiet_from), "quiet_to": _minutes(quiet_to)}
    wrong |= {name: _("请填写时间，例如 20:00") for name, value in minutes.items() if value is None}
    if wrong:
        raise Invalid(_("通知设置没有填对"), fields=wrong)
    in_order = {
        name: tuple(kind for kind in KINDS if kind in chosen)
        for name, chosen in (("shown", shown), ("desktop", desktop), ("sound", sound))
    }
    wishes = Wishes(
        shown=in_order["shown"], desktop=in_order["desktop"], sound=in_order["sound"], volume=volume, hide=hide,
        quiet=quiet, quiet_from=minutes["quiet_from"] or 0, quiet_to=minutes["quiet_to"] or 0,
        quiet_days=tuple(sorted(int(day) for day in set(quiet_days))), quiet_off_work=quiet_off_work, through=through,
    )  # fmt: skip
    staff.wishes = kept(wishes)
    staff.save(update_fields=["wishes"])
    record(staff, staff.wishes)
    return staff


def _minutes(text: str) -> int | None:
    found = _TIME.fullmatch(text.strip())
    return int(found[1]) * 60 + int(found[2]) if found else None


@command("notice.read", needs="self.use")
def read_news(*, by: Actor, at: datetime) -> Staff:
    """One has looked at one's notices; what comes from now on is new."""
    staff = Staff.objects.select_for_update(no_key=True, of=("self",)).get(pk=by.staff_key)
    staff.news_read_at = at
    staff.save(update_fields=["news_read_at"])
    record(staff)
    return staff


@command("tour.seen", needs="self.use")
def see_tour(*, by: Actor, at: datetime) -> Staff:
    """The introduction was gone through, or skipped: it does not come by itself again."""
    staff = Staff.objects.select_for_update(no_key=True, of=("self",)).get(pk=by.staff_key)
    staff.toured_at = at
    staff.save(update_fields=["toured_at"])
    record(staff)
    return staff


@command("tour.hide_start", needs="staff.manage")
def hide_start(*, by: Actor, at: datetime) -> Staff:
    """An administrator wants to be reminded of the first settings no longer."""
    staff = Staff.objects.select_for_update(no_key=True, of=("self",)).get(pk=by.staff_key)
    staff.start_hidden_at = at
    staff.save(update_fields=["start_hidden_at"])
    record(staff)
    return staff
