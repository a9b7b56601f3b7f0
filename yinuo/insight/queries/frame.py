"""What a page of figures is about: a period, and what narrows it. Read from an address, written back into links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from yinuo.complaints.queries.listing import midnight
from yinuo.complaints.rules.choices import Kind
from yinuo.conversations.models import Channel
from yinuo.identity.models import Unit
from yinuo.insight.rules.period import BadPeriod, Period, preset, read_own
from yinuo.kernel.clock import CST
from yinuo.matters.models import Matter

NARROWING = ("unit", "kind", "channel", "trade")
CHOICES = {"kind": Kind, "channel": Channel, "trade": Matter.Kind}


def preset_labels() -> dict[str, str]:
    return {
        "today": _("今天"), "week": _("本周"), "d30": _("近 30 天"), "month": _("本月"), "last_month": _("上月"),
        "quarter": _("本季度"), "year": _("今年"),
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Frame:
    """`unit_ids` is the chosen unit with all below it; "" and None narrow nothing."""

    period: Period
    at: datetime
    unit: int | None = None
    unit_ids: frozenset[int] = frozenset()
    kind: str = ""
    channel: str = ""
    trade: str = ""
    #: What the address asked for and could not have, in sentences.
    wrong: tuple[str, ...] = field(default=(), compare=False)

    @property
    def since(self) -> datetime:
        return midnight(self.period.first)

    @property
    def until(self) -> datetime:
        return midnight(self.period.last + timedelta(days=1))

    def over(self, period: Period) -> Frame:
        return replace(self, period=period)

    def narrowing(self) -> dict[str, str]:
        """What narrows it, as an address says it."""
        found = {name: str(getattr(self, name) or "") for name in NARROWING}
        return {name: value for name, value in found.items() if value}

    def address(self) -> dict[str, str]:
        """The frame with its days written out, so that a link means the same tomorrow."""
        return {"from": self.period.first.isoformat(), "to": self.period.last.isoformat(), **self.narrowing()}

    def choosing(self) -> dict[str, str]:
        """As `address`, with the preset where one was chosen."""
        chosen = self.period.preset
        return {"period": chosen, **self.narrowing()} if chosen != "own" else {"period": "own", **self.address()}


def read_frame(params: Mapping[str, str], units: Iterable[Any], at: datetime, *, usual: str) -> Frame:
    """The frame of an address. What is wrong in it is left out and said; `units` are all there are."""
    wrong: list[str] = []
    today = at.astimezone(CST).date()
    chosen, first, last = (params.get(name, "")[:40] for name in ("period", "from", "to"))
    period = preset(usual, today)
    if chosen == "own" or (not chosen and (first or last)):
        try:
            period = read_own(first, last)
        except BadPeriod as bad:
            wrong.append(_why(bad))
    elif chosen in preset_labels():
        period = preset(chosen, today)
    elif chosen:
        wrong.append(_("没有这样的期间，已改看%(usual)s") % {"usual": preset_labels()[usual]})
    picked = {name: _one_of(name, params.get(name, ""), wrong) for name in CHOICES}
    unit, unit_ids = _unit(params.get("unit", ""), list(units), wrong)
    return Frame(period, at, unit, unit_ids, wrong=tuple(wrong), **picked)


def frame_of(period: Period, at: datetime, unit: int | None = None, unit_ids: frozenset[int] = frozenset()) -> Frame:
    """A frame that no address asked for: a schedule's, a wall screen's."""
    return Frame(period, at, unit, unit_ids)


def below(unit_id: int, units: Iterable[Unit]) -> frozenset[int]:
    """The unit and all below it."""
    return frozenset(u.pk for u in units if f"/{unit_id}/" in u.path)


def _why(bad: BadPeriod) -> str:
    return {
        "date": _("日期不对，请按 2026-11-30 的样子填写开始和结束"),
        "order": _("结束日期早于开始日期"),
        "long": _("期间最长三年，请缩短"),
    }[bad.what]


def _one_of(name: str, value: str, wrong: list[str]) -> str:
    if not value or value in CHOICES[name].values:
        return value
    wrong.append(_("筛选条件里有已经没有的选项，已忽略"))
    return ""


def _unit(value: str, units: list[Unit], wrong: list[str]) -> tuple[int | None, frozenset[int]]:
    if not value:
        return None, frozenset()
    found = next((u.pk for u in units if str(u.pk) == value), None)
    if found is None:
        wrong.append(_("没有这个部门，已忽略"))
        return None, frozenset()
    return found, below(found, units)
