"""Taking figures and rows out of the house: a right of its own, logged, with a watermark, safe to open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yinuo.complaints.queries.listing import Row, complaints_page, filtered
from yinuo.complaints.queries.report import Figure, Report, monthly_report
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.clock import CST
from yinuo.kernel.command import command
from yinuo.kernel.errors import Refused
from yinuo.kernel.sheets import Book

MOST_ROWS = 50_000


@command("complaint.export_report", needs="report.export")
def export_report(*, month: str, filters: Mapping[str, str] | None = None, by: Actor, at: datetime) -> bytes:
    """The monthly report as XLSX: one sheet of figures, one per table, one for the Pareto."""
    report: Report = monthly_report(month, filters)
    out = Book(by, at)
    out.sheet(_("总览"), [_("指标"), _("数值"), _("占比")], [_figure_cells(f) for f in report.figures])
    for table in report.tables:
        out.sheet(table.title, [table.title, _("件数"), _("占比")], [_figure_cells(f) for f in table.figures])
    rows = [[f.label, s.count, s.share, s.running, _("主要原因") if s.vital else ""] for s, f in report.pareto]
    out.sheet(_("帕累托"), [_("原因"), _("件数"), _("占比"), _("累计"), ""], rows)
    record("complaints.report", {"month": report.month, "filters": dict(filters or {})})
    return out.done()


@command("complaint.export_list", needs="report.export")
def export_list(*, filters: Mapping[str, str] | None = None, by: Actor, at: datetime) -> bytes:
    """The chosen complaints as XLSX, exactly what the list shows under these filters."""
    chosen = dict(filters or {})
    count = filtered(chosen).order_by()[: MOST_ROWS + 1].count()
    if count > MOST_ROWS:
        raise Refused(_("一次最多导出 50000 件，请缩小范围"), code="too_many_rows")
    out = Book(by, at)
    heads = [_("编号"), _("标题"), _("客户"), _("级别"), _("阶段"), _("类别"), _("判断"), _("严重程度"), _("渠道"),
             _("负责人"), _("部门"), _("收到时间"), _("下一承诺"), _("到期"), _("满意度"), _("协议金额")]  # fmt: skip
    out.sheet(_("投诉"), heads, (_row_cells(r) for r in _all(chosen)))
    record("complaints.list", {"filters": chosen, "rows": count})
    return out.done()


def _all(filters: Mapping[str, str]) -> Iterable[Row]:
    cursor = ""
    while True:
        page = complaints_page(filters, cursor=cursor, size=2000)
        yield from page.rows
        cursor = page.next_cursor
        if not cursor:
            return


def _figure_cells(f: Figure) -> list[Any]:
    return [f.label, f.value if f.value is not None else "", f.share if f.share is not None else ""]


def _row_cells(r: Row) -> list[Any]:
    return [
        r.number, r.title, r.customer, r.grade, r.stage_label, r.kind_label, r.judgement_label, r.severity_label,
        r.channel_label, r.owner, r.unit, _when(r.received_at), r.promise, _when(r.due_at), r.satisfaction or "",
        r.agreed_total if r.agreed_total is not None else "",
    ]  # fmt: skip


def _when(moment: datetime | None) -> str:
    return f"{moment.astimezone(CST):%Y-%m-%d %H:%M}" if moment else ""
