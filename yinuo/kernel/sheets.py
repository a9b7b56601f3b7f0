"""Tables for the house's own spreadsheets: text is always text, and who took it out is written under it."""

import csv
import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from yinuo.kernel.actor import Actor
from yinuo.kernel.clock import CST
from yinuo.kernel.text import clean_text

CELL = 32_000
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def mark_of(by: Actor, at: datetime) -> str:
    return _("%(name)s 于 %(when)s 导出，仅限内部使用") % {
        "name": by.name, "when": f"{at.astimezone(CST):%Y-%m-%d %H:%M}",
    }  # fmt: skip


def plain(cell: Any) -> str:
    """A cell of text. The quote keeps it text even after somebody saves the sheet as CSV."""
    text = clean_text(str(cell)[:CELL], CELL)
    return "'" + text if _FORMULA.match(text) else text


def unquoted(cell: str) -> str:
    """The text that `plain` wrote so."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def as_csv(sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[Any]]]], by: Actor, at: datetime) -> bytes:
    """All sheets one after the other, each under its name; with a mark by which spreadsheets know UTF-8."""
    out = StringIO()
    writer = csv.writer(out)
    for name, heads, rows in sheets:
        writer.writerow([name])
        writer.writerow(heads)
        writer.writerows([c if isinstance(c, int | float | Decimal) else plain(c) for c in row] for row in rows)
        writer.writerow([])
    writer.writerow([mark_of(by, at)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


class Book:
    """A workbook where no cell of a user's becomes a formula or a link."""

    def __init__(self, by: Actor, at: datetime) -> None:
        self.buffer = BytesIO()
        options = {
            "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
        }  # fmt: skip
        self.book = xlsxwriter.Workbook(self.buffer, options)
        self.bold = self.book.add_format({"bold": True, "bottom": 1})
        self.percent = self.book.add_format({"num_format": "0.0%"})
        self.mark = mark_of(by, at)

    def sheet(
        self, name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]], *, shares: Collection[int] = (),
        wide: Collection[int] = (),
    ) -> None:  # fmt: skip
        """One sheet; the columns in `shares`, and those headed as shares, are written as percentages."""
        sheet = self.book.add_worksheet(name[:31])
        for column in range(len(heads)):
            sheet.set_column(column, column, 40 if column in wide else 16)
        sheet.freeze_panes(1, 0)
        sheet.set_footer("&C" + self.mark.replace("&", "&&"))
        for column, head in enumerate(heads):
            sheet.write_string(0, column, str(head), self.bold)
        line = 0
        percent = {n for n, head in enumerate(heads) if head in (_("占比"), _("累计"))} | set(shares)
        for line, cells in enumerate(rows, 1):
            for column, cell in enumerate(cells):
                self._write(sheet, line, column, cell, self.percent if column in percent else None)
        sheet.write_string(line + 2, 0, self.mark)

    def _write(self, sheet: Any, line: int, column: int, cell: Any, form: Any) -> None:
        if isinstance(cell, int | float | Decimal):
            sheet.write_number(line, column, cell, form)
        elif cell != "":
            sheet.write_string(line, column, plain(cell))

    def done(self) -> bytes:
        self.book.close()
        return self.buffer.getvalue()
