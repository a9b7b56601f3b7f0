"""The monthly complaint report: every figure carries the filter that opens its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import (
    Avg,
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext as _

from yinuo.complaints.models import Callback
from yinuo.complaints.queries.listing import filtered, label
from yinuo.complaints.rules import choices
from yinuo.complaints.rules.pareto import Share, pareto
from yinuo.complaints.states import STAGE_LABELS, Stage
from yinuo.kernel.errors import Invalid
from yinuo.kernel.unnested import unnested
from yinuo.promises.models import Promise

TOP = 15
#: By what the month's complaints are told apart: column → its choices, what its figures are called.
TABLES: dict[str, tuple[Any, str]] = {
    "kind": (choices.Kind, "kind"),
    "subkind": (choices.Subkind, "reason"),
    "judgement": (choices.Judgement, "judgement"),
    "channel": (choices.Channel, "channel"),
    "severity": (choices.Severity, "severity"),
    "stage": (None, "stage"),
    "product": (None, "product"),
    "satisfaction": (None, "satisfaction"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, what it counts, and the list filters that open its rows."""

    key: str
    label: str
    value: int | float | Decimal | None
    filters: Mapping[str, str]
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    key: str
    title: str
    figures: list[Figure] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Report:
    month: str
    first: date
    last: date
    previous: str
    following: str
    figures: list[Figure]
    tables: list[Table]
    pareto: list[tuple[Share, Figure]]


def read_month(text: str) -> date:
    """The first day of "2026-11"."""
    try:
        year, month = (int(part) for part in text.split("-"))
        first = date(year, month, 1)
    except (ValueError, OverflowError):
        raise Invalid(_("月份不对，请按 2026-11 的样子填写"), fields={"month": _("月份不对")}) from None
    if not 1990 <= first.year <= 2200:
        raise Invalid(_("月份不对，请按 2026-11 的样子填写"), fields={"month": _("月份不对")})
    return first


def monthly_report(month: str, filters: Mapping[str, str] | None = None) -> Report:
    """Complaints received in the month (and within `filters`, for example a unit). Four statements."""
    first = read_month(month)
    following = (first + timedelta(days=32)).replace(day=1)
    last, previous = following - timedelta(days=1), (first - timedelta(days=1)).replace(day=1)
    kept = {k: v for k, v in (filters or {}).items() if v and k not in ("received_from", "received_to")}
    base = {**kept, "received_from": str(first), "received_to": str(last)}
    rows = filtered(base).order_by()
    earlier = {**kept, "received_from": str(previous), "received_to": str(first - timedelta(days=1))}
    figures = _figures(rows, base, earlier)
    whole = int(figures[0].value or 0)

    counts = _counts(rows)
    found = {column: _by(counts[column], base, column, *told, whole) for column, told in TABLES.items()}
    tables = [
        Table("kind", _("按类别"), found["kind"][:TOP]),
        Table("reason", _("按原因"), found["subkind"][:TOP]),
        Table("judgement", _("按判断"), found["judgement"][:TOP]),
        Table("channel", _("按渠道"), found["channel"][:TOP]),
        Table("severity", _("按严重程度"), found["severity"][:TOP]),
        Table("stage", _("按阶段"), found["stage"][:TOP]),
        Table("product", _("按产品"), found["product"][:TOP]),
        Table("satisfaction", _("满意度"), found["satisfaction"][:TOP]),
    ]
    named = {f.key: f for f in _reasons(found["kind"], found["subkind"], base)}
    shares = pareto((key, int(f.value or 0)) for key, f in named.items())
    return Report(
        month=f"{first:%Y-%m}", first=first, last=last, previous=f"{previous:%Y-%m}", following=f"{following:%Y-%m}",
        figures=figures, tables=tables, pareto=[(s, named[s.key]) for s in shares],
    )  # fmt: skip


def _figures(rows: QuerySet[Any], base: dict[str, str], earlier: dict[str, str]) -> list[Figure]:
    broken = Exists(Promise.unscoped.filter(matter=OuterRef("pk"), state="broken"))
    late = Case(When(broken, then=Value(1)))
    found = rows.annotate(f_late=late).aggregate(
        all=Count("pk"), open=Count("pk", filter=Q(matter__open=True)), closed=Count("pk", filter=Q(stage="closed")),
        late=Count("f_late"), reopened=Count("pk", filter=Q(reopened__gt=0)),
        satisfied=Count("pk", filter=Q(satisfaction__gte=4)), rated=Count("satisfaction"), mean=Avg("satisfaction"),
        paid=Coalesce(Sum("agreed_total"), Decimal(0)), days=Avg(F("matter__closed_at") - F("received_at")),
        external=Count("pk", filter=Q(stage="escalated_out")),
        serious=Count("pk", filter=Q(severity__in=["serious", "critical"])),
    )  # fmt: skip
    fairness = Callback.unscoped.filter(reached=True, complaint__in=rows.values("pk")).aggregate(
        outcome=Avg("outcome"), process=Avg("process"), treatment=Avg("treatment")
    )
    whole = found["all"]
    asked = {**base, "called_back": "1"}

    def part(n: int, of: int) -> float | None:
        return n / of if of else None

    days = found["days"].total_seconds() / 86400 if found["days"] else None
    return [
        Figure("all", _("本月投诉"), whole, base),
        Figure("before", _("上月投诉"), filtered(earlier).order_by().count(), earlier),
        Figure("open", _("尚未办结"), found["open"], {**base, "open": "1"}, part(found["open"], whole)),
        Figure("closed", _("已结案"), found["closed"], {**base, "stage": "closed"}, part(found["closed"], whole)),
        Figure("serious", _("严重及重大"), found["serious"], {**base, "severity": "serious,critical"},
               part(found["serious"], whole)),
        Figure("on_time", _("按时兑现承诺"), whole - found["late"], {**base, "on_time": "1"},
               part(whole - found["late"], whole)),
        Figure("late", _("有承诺逾期"), found["late"], {**base, "on_time": "0"}, part(found["late"], whole)),
        Figure("reopened", _("重新处理"), found["reopened"], {**base, "reopened": "1"}, part(found["reopened"], whole)),
        Figure("external", _("外部升级中"), found["external"], {**base, "stage": "escalated_out"}),
        Figure("satisfied", _("客户满意"), found["satisfied"], {**base, "satisfaction": "4,5"},
               part(found["satisfied"], found["rated"])),
        Figure("mean", _("满意度均分"), _round(found["mean"]), {**base, "satisfaction": "1,2,3,4,5"}),
        Figure("outcome", _("结果公平均分"), _round(fairness["outcome"]), asked),
        Figure("process", _("过程公平均分"), _round(fairness["process"]), asked),
        Figure("treatment", _("态度公平均分"), _round(fairness["treatment"]), asked),
        Figure("days", _("平均办结天数"), _round(days), {**base, "open": "0"}),
        Figure("paid", _("协议补偿合计（元）"), found["paid"], {**base, "agreed": "1"}),
    ]  # fmt: skip


def _round(value: float | None) -> float | None:
    return round(float(value), 2) if value is not None else None


def _counts(rows: QuerySet[Any]) -> dict[str, list[tuple[str, int]]]:
    """Column → how often each of its values is there ("" for none), the most frequent first. One statement, and one
    look at each complaint: it is told apart by all columns at once.
    """
    told = [Coalesce(Cast(column, TextField()), Value("")) for column in TABLES]
    counted = (
        rows.annotate(r_column=unnested(*map(Value, TABLES)), r_value=unnested(*told))
        .values_list("r_column", "r_value")
        .annotate(n=Count("pk"))
    )
    found: dict[str, list[tuple[str, int]]] = {column: [] for column in TABLES}
    for column, value, n in sorted(counted, key=lambda row: (-row[2], row[1])):
        found[column].append((value, n))
    return found


def _by(
    counts: list[tuple[str, int]], base: dict[str, str], column: str, enumeration: Any, name: str, whole: int
) -> list[Figure]:
    """Each value with its share of all the month's complaints."""
    return [
        Figure(f"{name}:{v or 'none'}", _named(column, enumeration, v), n, {**base, column: v or "none"}, n / whole)
        for v, n in counts
    ]


def _named(column: str, enumeration: Any, value: str) -> str:
    if not value:
        return {"satisfaction": _("未评价"), "product": _("未登记产品")}.get(column, _("未定"))
    if column == "stage":
        return str(STAGE_LABELS[Stage(value)])
    if column == "satisfaction":
        return label(choices.Satisfaction, value)
    return label(enumeration, value) if enumeration else value


def _reasons(kinds: list[Figure], reasons: list[Figure], base: dict[str, str]) -> list[Figure]:
    """Reasons for the Pareto: the finer kind where one was chosen, else the kind, never both for the same case."""
    fine = [f for f in reasons if f.key != "reason:none"]
    parents = {s.value: k for k, subs in choices.SUBKINDS.items() for s in subs}
    covered: dict[str, int] = {}
    for f in fine:
        kind = parents.get(f.key.removeprefix("reason:"), "")
        covered[kind] = covered.get(kind, 0) + int(f.value or 0)
    rest = []
    for f in kinds:
        kind = f.key.removeprefix("kind:")
        left = int(f.value or 0) - covered.get(kind, 0)
        if left > 0:
            name = _("%(kind)s（未细分）") % {"kind": f.label} if covered.get(kind) else f.label
            rest.append(Figure(f.key, name, left, {**base, "kind": kind, "subkind": "none"}))
    return [*fine, *rest]
