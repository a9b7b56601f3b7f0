"""The wall screen: a few large figures, nobody's name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from yinuo.insight.queries import tally
from yinuo.insight.queries.frame import Frame
from yinuo.insight.queries.slices import Cut
from yinuo.insight.rules.period import preset
from yinuo.kernel.clock import CST


@dataclass(frozen=True, slots=True)
class Big:
    label: str
    text: str
    about: str
    tone: str = ""


def wall(frame: Frame) -> list[Big]:
    """Counts only. One statement."""
    today = frame.at.astimezone(CST).date()
    day, week = frame.over(preset("today", today)), frame.over(preset("week", today))
    found = tally.count(
        [
            *((name, Cut(name, frame), "") for name in ("open", "late", "risk", "today")),
            ("received", Cut("received", day), ""), ("closed", Cut("closed", day), ""),
            ("kept", Cut("kept", week), ""), ("broken", Cut("broken", week), ""),
        ]
    )  # fmt: skip
    n = {name: found[name][""] for name in ("open", "late", "risk", "today", "received", "closed", "kept", "broken")}
    due = n["kept"] + n["broken"]
    rate = 100 * n["kept"] / due if due else None
    tone = "" if rate is None else "ok" if rate >= 95 else "soon" if rate >= 80 else "late"
    monday = today - timedelta(days=today.weekday())
    of_week = _("%(first)s 起，%(kept)s / %(due)s 项承诺") % {"first": f"{monday:%m-%d}", "kept": n["kept"], "due": due}
    return [
        Big(_("已逾期"), f"{n['late']:,}", _("此刻未履行的承诺"), "late" if n["late"] else "ok"),
        Big(_("有风险"), f"{n['risk']:,}", _("此刻已预警的承诺"), "soon" if n["risk"] else ""),
        Big(_("今天到期"), f"{n['today']:,}", _("还没到时的承诺")),
        Big(_("办理中"), f"{n['open']:,}", _("此刻未办结的事项")),
        Big(_("今天收到"), f"{n['received']:,}", _("0 点起登记的事项")),
        Big(_("今天办结"), f"{n['closed']:,}", _("0 点起办结的事项")),
        Big(_("本周按时率"), "—" if rate is None else f"{rate:.1f}%", of_week, tone),
    ]  # fmt: skip
