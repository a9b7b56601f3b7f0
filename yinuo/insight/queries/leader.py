"""The leader's board: how the period went beside the one before and last year's, and where it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from yinuo.complaints.rules.pareto import pareto
from yinuo.identity.models import Unit
from yinuo.insight.queries import tally
from yinuo.insight.queries.figures import Board, Cell, Chart, Figure, Line, counted, money, part_words, share
from yinuo.insight.queries.frame import Frame
from yinuo.insight.queries.naming import Names
from yinuo.insight.queries.slices import Cut
from yinuo.insight.queries.team import days
from yinuo.insight.rules.period import months_to
from yinuo.surveys.rules.statistics import share as interval

MONTHS, MOST_UNITS, MOST_REASONS = 13, 15, 12
#: Counted over the period, the one before and the same of last year; the first four over the months of the trends, too.
TRENDS = ("received", "closed", "kept", "broken")
MARKS = ("told", "told_satisfied", "answered", "answered_satisfied")
COMPARED = ("complaints", "reopened", *MARKS, "paid", "compensation")
#: Whoever was asked in a callback is not counted a second time for a survey.
BOTH = {"rated": ("told", "answered"), "satisfied": ("told_satisfied", "answered_satisfied")}
#: Counted anew for each period: what happened twice in it happened to one matter.
EVENTS = ("escalated", "external", "published")


def leader_board(frame: Frame, units: Sequence[Unit]) -> Board:
    """One statement."""
    names = Names(units)
    spans = {"now": frame, "before": frame.over(frame.period.before()), "year": frame.over(frame.period.year_ago())}
    months = [frame.over(p) for p in months_to(frame.period.last, MONTHS)]
    found = tally.count(
        [
            *((f"{what}:{when}", Cut(what, span), "") for what in EVENTS for when, span in spans.items()),
            ("reason", Cut("complaints", frame), "reason"),
        ],
        *tally.apart_by("unit", ("kept", "broken"), frame),
        *tally.over(TRENDS, [*spans.values(), *months]), *tally.over(COMPARED, spans.values()),
    )  # fmt: skip
    charts = (
        _trend(found, months), _punctual(found, months), _reasons(found, frame, names), _ranking(found, frame, names),
        _sources(found, frame),
    )  # fmt: skip
    return Board("leader", _("经营看板"), frame, tuple(_Reading(found, spans).figures()), charts)


class _Reading:
    """The figures, each over the three periods."""

    def __init__(self, found: tally.Tally, spans: dict[str, Frame]) -> None:
        self.found, self.spans = found, spans

    def n(self, what: str, when: str) -> int:
        if what in EVENTS:
            return self.found[f"{what}:{when}"][""]
        return int(sum(tally.within(self.found[name], self.spans[when].period) for name in BOTH.get(what, (what,))))

    def figures(self) -> list[Figure]:
        how = _("按时兑现的承诺 ÷ 期内兑现或违约的承诺；豁免的和还没到期的不计。")
        return [
            self.plain("received", _("收到事项"), _("期内登记的各类事项。")),
            self.plain("complaints", _("收到投诉"), _("期内登记的投诉。")),
            self.plain("closed", _("办结事项"), _("期内办结的事项，不论何时收到。")),
            self.part("on_time", _("承诺按时率"), "kept", ("kept", "broken"), how),
            self.part("satisfied", _("客户满意率"), "satisfied", ("rated",),
                      _("期内办结、客户评为满意或很满意的 ÷ 期内办结且客户作了评价的；"
                        "以回访为准，没有回访评价的看满意度问卷，匿名问卷不在内。"),
                      self.sources()),
            self.part("reopened", _("重新处理率"), "reopened", ("complaints",),
                      _("期内收到的投诉里后来重新处理过的 ÷ 期内收到的投诉。")),
            self.sum(),
            self.plain("escalated", _("承诺升级"), _("期内有承诺因逾期升级到上一级的事项。")),
            self.plain("external", _("外部升级"), _("期内转到外部机构的投诉。")),
            self.plain("published", _("内部通报"), _("期内做过内部通报的投诉。")),
        ]  # fmt: skip

    def plain(self, what: str, label: str, how: str) -> Figure:
        cells = {when: counted(self.n(what, when), Cut(what, span)) for when, span in self.spans.items()}
        return self.figure(what, label, cells, how)

    def compensation(self, when: str) -> Decimal:
        return Decimal(tally.within(self.found["compensation"], self.spans[when].period))

    def sources(self) -> str:
        """How many of the marks were told and how many answered."""
        told, answered = (f"{self.n(what, 'now'):,}" for what in BOTH["rated"])
        return _("回访 %(told)s，问卷 %(answered)s") % {"told": told, "answered": answered}

    def part(self, key: str, label: str, what: str, of: tuple[str, ...], how: str, more: str = "") -> Figure:
        wholes = {when: sum(self.n(name, when) for name in of) for when in self.spans}
        cells = {w: share(self.n(what, w), wholes[w], Cut(what, span)) for w, span in self.spans.items()}
        hint = part_words(self.n(what, "now"), wholes["now"])
        return self.figure(key, label, cells, how, f"{hint} · {more}" if more else hint)

    def sum(self) -> Figure:
        cells = {
            when: money(
                Decimal(tally.within(self.found["compensation"], span.period)), self.n("paid", when), Cut("paid", span)
            )
            for when, span in self.spans.items()
        }
        how = _("期内办结的投诉里，协议约定的补偿合计；件数为有补偿的投诉。")
        return self.figure("paid", _("补偿合计"), cells, how, _("%(n)s 件") % {"n": f"{self.n('paid', 'now'):,}"})

    def figure(self, key: str, label: str, cells: dict[str, Cell], how: str, hint: str = "") -> Figure:
        """With the other periods beside it where there was anything at all then."""
        beside = tuple(
            (name, cells[when]) for when, name in (("before", _("上期")), ("year", _("去年同期")))
            if self.n("received", when) or self.n("closed", when) or self.n("kept", when) or self.n("broken", when)
        )  # fmt: skip
        about = days(self.spans["now"]) + how
        for when, name in (("before", _("上期")), ("year", _("去年同期"))):
            period = self.spans[when].period
            when_words = {"name": name, "first": period.first, "last": period.last}
            about += _(" %(name)s为 %(first)s 至 %(last)s。") % when_words
        return Figure(key, label, cells["now"], about, hint, beside=beside)


def _trend(found: tally.Tally, months: list[Frame]) -> Chart:
    lines = tuple(
        Line(f"{m.period.first:%Y-%m}", tuple(
            counted(tally.within(found[what], m.period), Cut(what, m)) for what in ("received", "closed")))
        for m in months
    )  # fmt: skip
    about = _("至 %(month)s 的 13 个月，各类事项；收到按登记时间，办结按办结时间。") % {"month": lines[-1].label}
    return Chart("trend", _("逐月收到与办结"), about, "bar", _("月份"), (_("收到"), _("办结")), lines)


def _punctual(found: tally.Tally, months: list[Frame]) -> Chart:
    lines = []
    for month in months:
        kept, broken = (tally.within(found[what], month.period) for what in ("kept", "broken"))
        lines.append(
            Line(f"{month.period.first:%Y-%m}", (
                share(kept, kept + broken, Cut("kept", month)), counted(kept + broken, Cut("due", month)),
                counted(broken, Cut("broken", month)),
            ))
        )  # fmt: skip
    about = _("至 %(month)s 的 13 个月；按时兑现 ÷ 当月兑现或违约的承诺，豁免的不计。") % {"month": lines[-1].label}
    heads = (_("按时率"), _("承诺数"), _("违约"))
    return Chart(
        "punctual", _("逐月按时率"), about, "line", _("月份"), heads, tuple(lines),
        percent=frozenset({0}), plain=frozenset({1, 2}),
    )  # fmt: skip


def _reasons(found: tally.Tally, frame: Frame, names: Names) -> Chart:
    counts = found["reason"]
    shares = pareto((key, n) for key, n in counts.items())
    lines = []
    for part in shares[:MOST_REASONS]:
        cut = Cut("complaints", frame, "reason", part.key)
        running = Cell(100 * part.running, f"{part.running:.1%}", part.count, cut)
        lines.append(
            Line(names.of("reason", part.key), (counted(part.count, cut), running), tone="soon" if part.vital else "")
        )
    words = _("期内收到的投诉共 %(n)s 件，按评审的原因；着色的合起来占到八成。")
    about = days(frame) + words % {"n": f"{counts.total():,}"}
    heads = (_("件数"), _("累计占比"))
    title, axis = _("投诉原因（帕累托）"), _("原因")
    return Chart("reasons", title, about, "pareto", axis, heads, tuple(lines), percent=frozenset({1}))


def _ranking(found: tally.Tally, frame: Frame, names: Names) -> Chart:
    """By the lower end of the interval: three of three is no better than ninety-eight of a hundred."""
    rows = []
    settled, late = found["kept:unit"], found["broken:unit"]
    for key in set(settled) | set(late):
        kept, n = settled[key], settled[key] + late[key]
        sure = interval(kept, n)
        low, high = (sure.low or 0.0, sure.high or 1.0) if sure else (0.0, 1.0)
        rows.append((low, names.of("unit", key), key, kept, n, high))
    lines = []
    for low, name, key, kept, n, high in sorted(rows, key=lambda r: (-r[0], r[1], r[2]))[:MOST_UNITS]:
        cut = Cut("kept", frame, "unit", key)
        between = Cell(None, f"{low:.0%}–{high:.0%}", kept, cut)
        lines.append(Line(name, (share(kept, n, cut), between, counted(n, Cut("due", frame, "unit", key)))))
    about = days(frame) + _("承诺按时率，附 95%% 置信区间和承诺数；按区间下限排，承诺少的不会因碰巧全对排到前面。") % {}
    heads = (_("按时率"), _("区间"), _("承诺数"))
    return Chart(
        "ranking", _("部门排名"), about, "rank", _("部门"), heads, tuple(lines),
        percent=frozenset({0}), plain=frozenset({1, 2}),
    )  # fmt: skip


def _sources(found: tally.Tally, frame: Frame) -> Chart:
    n = {name: int(tally.within(found[name], frame.period)) for name in MARKS}
    whole = n["told"] + n["answered"]
    lines = tuple(
        Line(name, (
            share(n[pleased], n[asked], Cut(pleased, frame)),
            counted(n[pleased], Cut(pleased, frame)), counted(n[asked], Cut(asked, frame)),
        ))
        for name, pleased, asked in (
            (_("回访"), "told_satisfied", "told"), (_("问卷"), "answered_satisfied", "answered"),
        )
        if whole
    )  # fmt: skip
    about = days(frame) + _("期内办结且客户作了评价的 %(n)s 件，按评价从哪里来；每件只算一次，以回访为准。") % {
        "n": f"{whole:,}"
    }
    heads = (_("满意率"), _("满意"), _("作了评价"))
    return Chart(
        "sources", _("满意率的来源"), about, "rank", _("评价来源"), heads, lines,
        percent=frozenset({0}), plain=frozenset({1, 2}),
    )  # fmt: skip
