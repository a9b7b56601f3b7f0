"""Taking survey figures and answers out of the house: exactly what the page shows under its filters."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused
from yinuo.kernel.sheets import Book, as_csv
from yinuo.surveys.queries.answers import answers
from yinuo.surveys.queries.questionnaires import editions_of, one_questionnaire
from yinuo.surveys.queries.results import Results, results
from yinuo.surveys.rules.statistics import Estimate

MOST_ROWS = 50_000
FORMATS = ("csv", "xlsx")
Sheet = tuple[str, Sequence[str], Iterable[Sequence[Any]]]


@command("survey.export_results", needs="report.export")
def export_results(
    *, questionnaire_id: int, filters: Mapping[str, str] | None = None, format: str = "xlsx", by: Actor, at: datetime
) -> bytes:
    """The figures of one questionnaire, as CSV or XLSX."""
    row = one_questionnaire(questionnaire_id)
    if row is None:
        raise Missing(_("没有这份问卷"))
    chosen = {**(filters or {}), "questionnaire": str(row.pk)}
    found = results(row.kind, editions_of(row.pk)[0].questions, chosen)
    record(row, {"filters": chosen, "format": format})
    return _file(_sheets(found), format, by, at)


@command("survey.export_answers", needs="report.export")
def export_answers(*, filters: Mapping[str, str] | None = None, format: str = "xlsx", by: Actor, at: datetime) -> bytes:
    """The chosen answers, as CSV or XLSX."""
    chosen = dict(filters or {})
    rows = answers(chosen).order_by("-on", "-id")
    count = rows.values("pk")[: MOST_ROWS + 1].count()
    if count > MOST_ROWS:
        raise Refused(_("一次最多导出 50000 份，请缩小范围"), code="too_many_rows")
    heads = [
        _("日期"),
        _("问卷"),
        _("客户"),
        _("事项"),
        _("部门"),
        _("分数"),
        _("低分"),
        _("客户的话"),
        _("跟进事项"),
        _("跟进状态"),
    ]
    record("surveys.surveyanswer", {"filters": chosen, "rows": count, "format": format})
    return _file([(_("答卷"), heads, (_cells(row) for row in rows.iterator(chunk_size=2000)))], format, by, at)


def _cells(row: Any) -> list[Any]:
    loop = "" if row.followup is None else _("办理中") if row.followup.open else _("已办结")
    return [
        f"{row.on:%Y-%m}" if row.anonymous else f"{row.on:%Y-%m-%d}", row.questionnaire.name,
        row.customer.name if row.customer else _("匿名"), row.matter.number if row.matter else "",
        row.unit.name if row.unit else "", "" if row.score is None else row.score, _("是") if row.low else "",
        row.comment, row.followup.number if row.followup else "", loop,
    ]  # fmt: skip


def _sheets(found: Results) -> list[Sheet]:
    bounds = [_("下限（95%）"), _("上限（95%）")]
    main = [[f.label, *_estimate(f.estimate)] for f in found.figures]
    rate = [[_("回收率"), *_estimate(found.rate)]] if found.rate else []
    sheets: list[Sheet] = [(_("总览"), [_("指标"), _("数值"), _("答卷数"), *bounds], [*main, *rate])]
    if found.parts:
        heads = [_("维度"), _("数值"), _("答卷数"), *bounds, _("期望"), _("感受")]
        cells = [
            [p.label, *_estimate(p.mean), *(e.value if e else "" for e in (p.expected, p.found))] for p in found.parts
        ]
        sheets.append((_("维度"), heads, cells))
    bars = [
        [a.question.title, b.label, b.count, *(_estimate(b.share)[0:1]), *(_estimate(b.share)[2:])]
        for a in found.asked for b in a.bars
    ]  # fmt: skip
    sheets.append((_("各题"), [_("问题"), _("回答"), _("份数"), _("占比"), *bounds], bars))
    months = [[f"{m.month:%Y-%m}", *_estimate(m.value)] for m in found.months]
    sheets.append((_("逐月"), [_("月份"), _("数值"), _("答卷数"), *bounds], months))
    return sheets


def _estimate(e: Estimate | None) -> list[Any]:
    if e is None:
        return ["", "", "", ""]
    return [round(e.value, 4), e.n, *("" if b is None else round(b, 4) for b in (e.low, e.high))]


def _file(sheets: Iterable[Sheet], format: str, by: Actor, at: datetime) -> bytes:
    if format not in FORMATS:
        raise Invalid(_("请选择 CSV 或 XLSX"), fields={"format": _("请选择 CSV 或 XLSX")})
    if format == "csv":
        return as_csv(sheets, by, at)
    book = Book(by, at)
    for name, heads, rows in sheets:
        book.sheet(name, heads, rows)
    return book.done()
