"""The supervisor's board: what is on the desk now, and how the period went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from yinuo.calendars.queries import current_book
from yinuo.identity.models import Unit
from yinuo.insight.queries import tally
from yinuo.insight.queries.figures import (
    Board,
    Cell,
    Chart,
    Figure,
    Line,
    counted,
    hours_words,
    part_words,
    share,
    span_words,
    top,
)
from yinuo.insight.queries.frame import Frame
from yinuo.insight.queries.naming import Names
from yinuo.insight.queries.slices import Cut
from yinuo.insight.rules.period import preset
from yinuo.insight.rules.spread import percentile, working_seconds
from yinuo.kernel.clock import CST

MOST_PEOPLE, MOST_STANDARDS = 20, 12
DIMENSIONS = ("channel", "trade")


def team_board(frame: Frame, units: Sequence[Unit]) -> Board:
    """Seven statements at most: counts, lengths of time, the calendar, names of staff and of standards."""
    names, today = Names(units), frame.at.astimezone(CST).date()
    week, day = frame.over(preset("week", today)), frame.over(preset("today", today))
    frames = [frame.over(p) for p in frame.period.buckets()]
    by_owner = [(name, Cut(name, frame), "owner") for name in ("open", "late", "risk", "today")]
    found = tally.count(
        [
            *by_owner,
            ("received:today", Cut("received", day), ""), ("closed:today", Cut("closed", day), ""),
            ("kept:week", Cut("kept", week), ""), ("broken:week", Cut("broken", week), ""),
            ("recurred", Cut("recurred", frame), ""), ("checked", Cut("checked", frame), ""),
            *((f"received:{by}", Cut("received", frame), by) for by in DIMENSIONS),
        ],
        *tally.apart_by("standard", ("kept", "broken"), frame),
        *tally.over(("received", "closed"), frames), *tally.over(("complaints", "reopened"), [frame]),
    )  # fmt: skip
    figures = [*_now(found, frame, day), *_rates(found, frame, week), *_times(frame)]
    charts = [
        _flow(found, frames),
        _load(found, frame, names),
        _standards(found, frame, names),
        *(_by(found, frame, names, by) for by in DIMENSIONS),
    ]
    return Board("team", _("班组看板"), frame, tuple(figures), tuple(charts))


def _now(found: tally.Tally, frame: Frame, day: Frame) -> list[Figure]:
    moment = _("此刻，不随期间变化；")
    owed = _("按承诺计，一件事项可有几项承诺。")

    def figure(key: str, label: str, about: str, tone: str = "") -> Figure:
        n = found[key].total()
        return Figure(key, label, counted(n, Cut(key, frame)), about, tone=tone if n else "")

    today = counted(found["received:today"][""], Cut("received", day))
    done = counted(found["closed:today"][""], Cut("closed", day))
    return [
        figure("open", _("办理中"), moment + _("所有尚未办结的事项。")),
        figure("late", _("已逾期"), moment + _("已过期限仍未履行的承诺。") + owed, "late"),
        figure("risk", _("有风险"), moment + _("已经发出预警、还没到期的承诺。") + owed, "soon"),
        figure("today", _("今天到期"), moment + _("今天 24 点前到期、还没到时的承诺。") + owed),
        Figure("received_today", _("今天收到"), today, _("今天 0 点起登记的事项。")),
        Figure("closed_today", _("今天办结"), done, _("今天 0 点起办结的事项，不论何时收到。")),
    ]  # fmt: skip


def _rates(found: tally.Tally, frame: Frame, week: Frame) -> list[Figure]:
    kept, broken = found["kept:standard"].total(), found["broken:standard"].total()
    how = _("按时兑现的承诺 ÷ 期内兑现或违约的承诺；豁免的和还没到期的不计。")
    figures = [
        _rate("on_time_week", _("本周按时率"), found["kept:week"][""], found["broken:week"][""], week, how),
        _rate("on_time", _("本期按时率"), kept, broken, frame, how),
    ]
    whole, again = found["complaints"].total(), found["reopened"].total()
    checked, recurred = found["checked"][""], found["recurred"][""]
    figures.append(
        Figure(
            "reopened", _("重新处理"), counted(again, Cut("reopened", frame)),
            days(frame) + _("期内收到的投诉里，后来重新处理过的；占收到投诉的比例在旁。"),
            part_words(again, whole), "soon" if again else "",
        )
    )  # fmt: skip
    figures.append(
        Figure(
            "recurred", _("再次发生"), counted(recurred, Cut("recurred", frame)),
            days(frame) + _("期内做过纠正措施复查的事项里，复查发现再次发生的。"),
            part_words(recurred, checked), "late" if recurred else "",
        )
    )  # fmt: skip
    return figures


def _rate(key: str, label: str, kept: int, broken: int, frame: Frame, how: str) -> Figure:
    cell = share(kept, kept + broken, Cut("kept", frame))
    tone = "" if cell.value is None else "ok" if cell.value >= 95 else "soon" if cell.value >= 80 else "late"
    return Figure(key, label, cell, days(frame) + how, part_words(kept, kept + broken), tone)


def days(frame: Frame) -> str:
    """The period, as the first words of an explanation."""
    period = frame.period
    if period.first == period.last:
        return _("%(day)s：") % {"day": period.first.isoformat()}
    return _("%(first)s 至 %(last)s：") % {"first": period.first.isoformat(), "last": period.last.isoformat()}


def _times(frame: Frame) -> list[Figure]:
    """How long, half and nine tenths of them, in working time of the company and by the clock on the wall."""
    asked = {
        "responded": (_("首次响应"), _("从承诺开始到首次答复；只计期内已答复的。")),
        "closed": (_("办结用时"), _("从登记到办结；只计期内办结的。")),
    }
    pairs = tally.spans(
        [
            ("responded", Cut("responded", frame), "made_at", "kept_at"),
            ("closed", Cut("closed", frame), "opened_at", "closed_at"),
        ]
    )  # fmt: skip
    calendar = current_book().calendar()
    figures = []
    for what, (label, how) in asked.items():
        known, cut = pairs[what], Cut(what, frame)
        work = working_seconds(known, calendar)
        wall = [b - a for a, b in known]
        note = days(frame) + how + _("中位数为一半的事项不超过的时长，P90 为九成不超过的；主数为公司工作时间。")
        if len(known) == tally.MOST_PAIRS:
            note += _("件数很多，只取最近 20000 件。")
        for key, name, part in (("median", _("中位"), 0.5), ("p90", "P90", 0.9)):
            plain = percentile(wall, part)
            hint = ""
            if plain is not None:
                hint = _("自然时间 %(time)s · %(n)s 件") % {"time": span_words(plain), "n": f"{len(known):,}"}
            cell = _span(percentile(work, part), len(known), cut)
            figures.append(Figure(f"{what}_{key}", f"{label} {name}", cell, note, hint))
    return figures


def _span(seconds: float | None, n: int, cut: Cut) -> Cell:
    return Cell(None, "—", n, cut) if seconds is None else Cell(round(seconds / 3600, 2), hours_words(seconds), n, cut)


def _flow(found: tally.Tally, frames: list[Frame]) -> Chart:
    lines = []
    for one in frames:
        cells = tuple(counted(tally.within(found[what], one.period), Cut(what, one)) for what in ("received", "closed"))
        lines.append(Line(bucket_name(one), cells))
    n, done = found["received"].total(), found["closed"].total()
    about = days(_whole(frames)) + _("收到 %(n)s 件，办结 %(done)s 件。收到按登记时间，办结按办结时间。") % {
        "n": f"{n:,}", "done": f"{done:,}",
    }  # fmt: skip
    return Chart("flow", _("收到与办结"), about, "line", _("日期"), (_("收到"), _("办结")), tuple(lines))


def _whole(frames: list[Frame]) -> Frame:
    period = type(frames[0].period)(frames[0].period.first, frames[-1].period.last)
    return frames[0].over(period)


def bucket_name(frame: Frame) -> str:
    """A day as 11-30, a longer piece by its first and last day."""
    first, last = frame.period.first, frame.period.last
    if first == last:
        return f"{first:%m-%d}"
    return f"{first:%m-%d}–{last:%m-%d}" if (last - first).days < 20 else f"{first:%Y-%m}"


def _load(found: tally.Tally, frame: Frame, names: Names) -> Chart:
    keys = {key for what in ("open", "late", "today") for key in found[what]}
    ranked = top([(k, names.of("owner", k), found["open"][k]) for k in keys], MOST_PEOPLE)
    lines = []
    for key, name, _n in ranked:
        cuts = [Cut(what, frame, "owner", key) for what in ("open", "today", "late")]
        lines.append(Line(name, tuple(counted(found[cut.what][key], cut) for cut in cuts)))
    about = _("此刻，不随期间变化；办理中按事项的负责人计，今天到期与已逾期按承诺的负责人计，共 %(n)s 件办理中。") % {
        "n": f"{found['open'].total():,}"
    }
    heads = (_("办理中"), _("今天到期"), _("已逾期"))
    return Chart("load", _("每人手上"), about, "rank", _("负责人"), heads, tuple(lines))


def _standards(found: tally.Tally, frame: Frame, names: Names) -> Chart:
    met, late = found["kept:standard"], found["broken:standard"]
    ranked = top([(k, names.of("standard", k), late[k]) for k in set(met) | set(late)], MOST_STANDARDS)
    lines = []
    for key, name, broken in ranked:
        kept = met[key]
        lines.append(
            Line(name, (
                counted(broken, Cut("broken", frame, "standard", key)),
                counted(kept, Cut("kept", frame, "standard", key)),
                share(kept, kept + broken, Cut("kept", frame, "standard", key)),
            ))
        )  # fmt: skip
    about = days(frame) + _("期内兑现或违约的承诺共 %(n)s 项，按服务标准分；违约多的在前。") % {
        "n": f"{met.total() + late.total():,}"
    }
    heads = (_("违约"), _("按时"), _("按时率"))
    title, axis = _("各项标准的违约"), _("服务标准")
    return Chart("standards", title, about, "rank", axis, heads, tuple(lines), plain=frozenset({1, 2}))


def _by(found: tally.Tally, frame: Frame, names: Names, by: str) -> Chart:
    counts = found[f"received:{by}"]
    whole = counts.total()
    lines = tuple(
        Line(name, (counted(n, Cut("received", frame, by, key)), share(n, whole, Cut("received", frame, by, key))))
        for key, name, n in top([(k, names.of(by, k), n) for k, n in counts.items()], 12)
    )
    title, axis = {"channel": (_("按渠道"), _("渠道")), "trade": (_("按事项类型"), _("事项类型"))}[by]
    about = days(frame) + _("期内收到的事项共 %(n)s 件。") % {"n": f"{whole:,}"}
    return Chart(by, title, about, "rank", axis, (_("收到"), _("占比")), lines, plain=frozenset({1}))


def oldest(frame: Frame, most: int = 8) -> list[tuple[int, str, str, str, datetime]]:
    """The open matters that have waited longest: key, number, title, owner, since when. One statement."""
    rows = Cut("open", frame).rows().order_by("opened_at", "pk")
    found = rows.values_list("pk", "number", "title", "owner__name", "opened_at")[:most]
    return [(pk, number, title, owner or "", at) for pk, number, title, owner, at in found]
