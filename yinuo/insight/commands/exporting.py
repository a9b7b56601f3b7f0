"""A board taken out of the house: what it shows, logged, with a watermark, safe to open."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yinuo.insight.queries.figures import Board, Cell, Chart
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.sheets import Book


@command("board.export", needs="report.export")
def export_board(*, board: Board, form: str, by: Actor, at: datetime) -> bytes:
    """The board as XLSX; for a PDF, which the page makes, only the trace that it was."""
    record(f"board.{board.key}", {"form": form, **board.frame.address()})
    return workbook(board, by, at) if form == "xlsx" else b""


def workbook(board: Board, by: Actor, at: datetime) -> bytes:
    """One sheet of figures with how each was counted, one per chart."""
    out = Book(by, at)
    names = list(dict.fromkeys(name for figure in board.figures for name, _cell in figure.beside))
    heads = [_("指标"), _("数值"), _("口径人数或件数"), *names, _("记录数"), _("怎么算")]
    rows = []
    for figure in board.figures:
        beside = {name: cell.text for name, cell in figure.beside}
        rows.append(
            [
                figure.label,
                figure.cell.text,
                figure.hint,
                *(beside.get(n, "") for n in names),
                figure.cell.rows,
                figure.about,
            ]
        )
    out.sheet(board.title, heads, rows)
    for chart in board.charts:
        shares = {n + 1 for n in range(len(chart.heads)) if _is_share(chart, n)}
        lines = [
            [line.label, *(_cell(cell, n + 1 in shares) for n, cell in enumerate(line.cells))] for line in chart.lines
        ]
        out.sheet(chart.title, [chart.axis, *chart.heads], [*lines, [], [chart.about]], shares=shares)
    return out.done()


def _is_share(chart: Chart, column: int) -> bool:
    return any(line.cells[column].text.endswith("%") and line.cells[column].value is not None for line in chart.lines)


def _cell(cell: Cell, share: bool) -> Any:
    if cell.value is None:
        return cell.text
    return cell.value / 100 if share else cell.value
