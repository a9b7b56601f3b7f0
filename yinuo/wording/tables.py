"""The rules written out as a table, and a table read into rules."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yinuo.kernel import sheets
from yinuo.kernel.actor import Actor
from yinuo.kernel.errors import Invalid
from yinuo.wording.commands.editing import cleaned
from yinuo.wording.models import WordingRule
from yinuo.wording.rules.sheets import COLUMNS, SEPARATOR, Unreadable, as_row, table
from yinuo.wording.words import CHANNELS, KINDS


def heads() -> list[str]:
    return [
        _("编号"), _("不妥的说法"), _("可以说"), _("为什么不妥"), _("类别"), _("级别"), _("性质"), _("渠道"), _("启用"),
    ]  # fmt: skip


def labels() -> dict[str, dict[str, str]]:
    """For each column what its codes are called."""
    return {
        "category": {value: str(label) for value, label in WordingRule.Category.choices},
        "level": {value: str(label) for value, label in WordingRule.Level.choices},
        "kinds": {value: str(label) for value, label in KINDS.items()},
        "channels": {value: str(label) for value, label in CHANNELS.items()},
        "active": {"1": _("是"), "0": _("否")},
    }


def lines() -> list[list[Any]]:
    named = labels()
    return [
        [
            row.pk, row.phrases, row.instead, row.why,
            named["category"][row.category], named["level"][row.level],
            SEPARATOR.join(named["kinds"].get(kind, kind) for kind in row.kinds),
            SEPARATOR.join(named["channels"].get(channel, channel) for channel in row.channels),
            named["active"]["1" if row.active else "0"],
        ]
        for row in WordingRule.objects.order_by("pk")
    ]  # fmt: skip


def as_csv(by: Actor, at: datetime) -> bytes:
    return sheets.as_csv([(_("话术规则"), heads(), lines())], by, at)


def as_xlsx(by: Actor, at: datetime) -> bytes:
    book = sheets.Book(by, at)
    book.sheet(_("话术规则"), heads(), lines(), wide=(1, 2, 3))
    return book.done()


def read(data: bytes, name: str) -> tuple[list[dict[str, Any]], list[list[str]]]:
    """Rules read from a file, and what is wrong with which line: number, words of the line, why."""
    try:
        rows = table(data, name)
    except Unreadable as wrong:
        raise Invalid(_unreadable(str(wrong.args[0])), fields={"file": _unreadable(str(wrong.args[0]))}) from None
    if len(rows) < 2 or len(rows[0]) < len(COLUMNS) - 1:
        raise Invalid(_unreadable("heads"), fields={"file": _unreadable("heads")})
    codes: Mapping[str, Mapping[str, str]] = {
        name: {label: code for code, label in named.items()} for name, named in labels().items()
    }
    good: list[dict[str, Any]] = []
    wrong_lines: list[list[str]] = []
    for number, cells in enumerate(rows[1:], 2):
        given = as_row(cells, codes)
        try:
            good.append({"id": given["id"], **cleaned(given)})
        except Invalid as problem:
            sentences = SEPARATOR.join(problem.fields.values()) or problem.message
            wrong_lines.append([str(number), given["phrases"].replace("\n", SEPARATOR)[:80], sentences])
    return good, wrong_lines


def _unreadable(code: str) -> str:
    return {
        "type": _("只能读 CSV 或 XLSX 文件"), "large": _("文件太大，最多 2 MB"),
        "broken": _("文件读不出来，请重新另存后再试"),
        "heads": _("表格要有表头和至少一行规则，列的顺序和导出的一样"), "rows": _("最多 2000 行"),
    }[code]  # fmt: skip
