"""The results page: figures of one questionnaire under filters. A fixed number of statements."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _

from yinuo.surveys.models import Invitation, SurveyMark
from yinuo.surveys.queries.answers import chosen_answers, comments_of, narrow
from yinuo.surveys.rules import statistics as st
from yinuo.surveys.rules.questions import DIMENSIONS, FAIRNESS, Question
from yinuo.surveys.rules.scoring import EXPECTED, FOUND, GAP, MEAN, SCORE

Filters = Mapping[str, str]
Counts = dict[float, int]


@dataclass(frozen=True, slots=True)
class Bar:
    """One step of a scale or one option: how many, which share with its bounds, and the filters that open its rows."""

    label: str
    count: int
    share: st.Estimate | None
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A main figure. `as_share`: shown in percent."""

    key: str
    label: str
    estimate: st.Estimate
    as_share: bool = False
    filters: Mapping[str, str] = field(default_factory=dict)
    points: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A dimension: its mean, or expectation, perception and gap."""

    key: str
    label: str
    mean: st.Estimate | None = None
    expected: st.Estimate | None = None
    found: st.Estimate | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    question: Question
    n: int
    bars: list[Bar]
    mean: st.Estimate | None = None


@dataclass(frozen=True, slots=True)
class Month:
    month: date
    n: int
    value: st.Estimate | None


@dataclass(slots=True)
class Results:
    """`n` answers are counted, `hidden` kept back. Of `sent` invitations `replied` were answered."""

    n: int = 0
    unnamed: int = 0
    hidden: bool = False
    sent: int = 0
    replied: int = 0
    running: int = 0
    rate: st.Estimate | None = None
    low: int = 0
    followed: int = 0
    closed: int = 0
    figures: list[Figure] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    months: list[Month] = field(default_factory=list)
    comments: list[Any] = field(default_factory=list)


def results(kind: str, questions: tuple[Question, ...], filters: Filters) -> Results:
    """What the answers under `filters` come to. Six statements; fewer when there is nothing."""
    rows, total, hidden = chosen_answers(filters)
    found = Results(hidden=bool(hidden), n=total - hidden)
    _rate(found, filters)
    if not found.n:
        return found
    summed = rows.aggregate(
        low=Count("pk", filter=Q(low=True)), followed=Count("followup"),
        closed=Count("followup", filter=Q(followup__open=False)), unnamed=Count("pk", filter=Q(anonymous=True)),
    )  # fmt: skip
    found.low, found.followed, found.closed = summed["low"], summed["followed"], summed["closed"]
    found.unnamed = summed["unnamed"]
    numbers, options = _counted(rows)
    found.figures = figures(kind, numbers[SCORE])
    found.parts = parts(kind, numbers)
    found.asked = [
        _asked(q, numbers.get(q.key, {}), options.get(q.key, {}), found.n) for q in questions if q.type != "text"
    ]
    found.months = _months(kind, rows, filters)
    found.comments = comments_of(rows)
    return found


def _rate(found: Results, filters: Filters) -> None:
    """Of those that went out in these months: how many were answered. Who could not be reached is not asked."""
    state = Invitation.State
    rows = narrow(Invitation.objects.all(), filters, day="sent_at")
    out = Q(state__in=(state.SENT, state.TO_CALL, state.ANSWERED, state.EXPIRED))
    got = rows.aggregate(
        sent=Count("pk", filter=out), replied=Count("pk", filter=Q(state=state.ANSWERED)),
        running=Count("pk", filter=Q(state__in=(state.SENT, state.TO_CALL))),
    )  # fmt: skip
    found.sent, found.replied, found.running = got["sent"], got["replied"], got["running"]
    found.rate = st.share(found.replied, found.sent)


def _counted(rows: Any) -> tuple[dict[str, Counts], dict[str, dict[str, int]]]:
    """How often each number and each option occurs, by key. One statement."""
    numbers: dict[str, Counts] = defaultdict(dict)
    options: dict[str, dict[str, int]] = defaultdict(dict)
    marks = SurveyMark.unscoped.filter(answer__in=rows.order_by().values("pk"))
    for key, number, option, n in marks.values_list("key", "number", "option").annotate(n=Count("pk")).order_by():
        if number is None:
            options[key][option] = n
        else:
            numbers[key][number] = n
    return numbers, options


def figures(kind: str, counts: Counts) -> list[Figure]:
    """What a questionnaire of this kind is summed up in."""
    middle = st.mean(counts)
    if middle is None:
        return []
    average = Figure("mean", _("平均分"), middle)
    if kind == "csat":
        return [_top(counts, 4, _("满意率（满意、很满意）"), 5), average]
    if kind == "ces":
        return [_top(counts, 5, _("轻松的占比（5 分以上）"), 7), average]
    if kind == "nps" and (net := st.nps(counts)):
        n = net.n
        return [
            Figure("nps", _("净推荐值 NPS"), net.estimate, points=True),
            _group(_("推荐者（9–10）"), net.promoters, n, "9..10"),
            _group(_("中立者（7–8）"), net.passives, n, "7..8"),
            _group(_("贬损者（0–6）"), net.detractors, n, "0..6"),
        ]
    if kind == "servqual":
        return [Figure("gap", _("总差距（感受 − 期望）"), middle)]
    return [average]


def _top(counts: Counts, edge: float, label: str, most: int) -> Figure:
    hits = sum(k for value, k in counts.items() if value >= edge)
    return _group(label, hits, sum(counts.values()), f"{edge:g}..{most}")


def _group(label: str, hits: int, n: int, span: str) -> Figure:
    estimate = st.share(hits, n) or st.Estimate(0, 0, None, None)
    return Figure(span, label, estimate, True, {"key": SCORE, "value": span})


def parts(kind: str, numbers: Mapping[str, Counts]) -> list[Part]:
    if kind == "servqual":
        return [
            Part(part, str(label), st.mean(numbers.get(GAP + part, {})), st.mean(numbers.get(EXPECTED + part, {})),
                 st.mean(numbers.get(FOUND + part, {})))
            for part, (label, _n) in DIMENSIONS.items() if numbers.get(GAP + part)
        ]  # fmt: skip
    if kind == "fairness":
        return [
            Part(part, str(FAIRNESS.get(part, part)), st.mean(counts))
            for key, counts in sorted(numbers.items()) if key.startswith(MEAN) and (part := key.removeprefix(MEAN))
        ]  # fmt: skip
    return []


def _asked(q: Question, numbers: Counts, options: Mapping[str, int], n: int) -> Asked:
    if q.type == "scale":
        answered = sum(numbers.values())
        bars = [
            Bar(q.label(step), numbers.get(step, 0), st.share(numbers.get(step, 0), answered), q.key, str(step))
            for step in reversed(q.steps)
        ]
        return Asked(q, answered, bars, st.mean(numbers))
    answered = n if q.type == "many" else sum(options.values())
    return Asked(
        q, answered, [Bar(o, options.get(o, 0), st.share(options.get(o, 0), answered), q.key, o) for o in q.options]
    )


def _months(kind: str, rows: Any, filters: Filters) -> list[Month]:
    """The main figure month by month; one of too few anonymous answers is left out. One statement."""
    marks = SurveyMark.unscoped.filter(answer__in=rows.order_by().values("pk"), key=SCORE)
    counted: dict[date, Counts] = defaultdict(dict)
    unnamed: Counter[date] = Counter()
    grouped = marks.annotate(month=TruncMonth("answer__on")).values_list("month", "number", "answer__anonymous")
    for month, number, anonymous, n in grouped.annotate(n=Count("pk")).order_by("month"):
        counted[month][number] = counted[month].get(number, 0) + n
        unnamed[month] += n if anonymous else 0
    made = []
    for month, counts in counted.items():
        shown = figures(kind, counts) if st.enough(sum(counts.values()), unnamed[month]) else []
        made.append(Month(month, sum(counts.values()), shown[0].estimate if shown else None))
    return made[-24:]
