"""What a board is made of: figures and charts, each number with the rows behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from yinuo.insight.queries.frame import Frame
from yinuo.insight.queries.slices import Cut


@dataclass(frozen=True, slots=True)
class Cell:
    """A number (None: there is nothing to tell), as it is written, and the rows it stands for."""

    value: float | None
    text: str
    rows: int = 0
    cut: Cut | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: `rows` are behind it, `about` says over which period, of how many, counted how; `beside` are the
    same number of other periods.
    """

    key: str
    label: str
    cell: Cell
    about: str
    hint: str = ""
    tone: str = ""
    beside: tuple[tuple[str, Cell], ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    cells: tuple[Cell, ...]
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A table that can be drawn: one line per label, one column per series. `shape`: line, bar, rank or pareto; the
    columns in `percent` are shares on an axis of their own, those in `plain` are shown in the table only.
    """

    key: str
    title: str
    about: str
    shape: str
    axis: str
    heads: tuple[str, ...]
    lines: tuple[Line, ...]
    percent: frozenset[int] = frozenset()
    plain: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Board:
    key: str
    title: str
    frame: Frame
    figures: tuple[Figure, ...]
    charts: tuple[Chart, ...]
    notes: tuple[str, ...] = field(default=())

    def cells(self) -> Iterable[Cell]:
        """Every number on it."""
        for figure in self.figures:
            yield figure.cell
            yield from (cell for _label, cell in figure.beside)
        for chart in self.charts:
            for line in chart.lines:
                yield from line.cells


def counted(n: int, cut: Cut) -> Cell:
    return Cell(n, f"{n:,}", n, cut)


def share(n: int, of: int, cut: Cut) -> Cell:
    """A share opens the rows above the line."""
    return Cell(100 * n / of, f"{100 * n / of:.1f}%", n, cut) if of else Cell(None, "—", 0, cut)


def money(total: Decimal, n: int, cut: Cut) -> Cell:
    return Cell(float(total), f"¥{total:,.2f}", n, cut)


def length(seconds: float | None, n: int, cut: Cut) -> Cell:
    """A length of time; the rows are all it is typical of."""
    return Cell(None, "—", n, cut) if seconds is None else Cell(round(seconds / 3600, 2), span_words(seconds), n, cut)


def span_words(seconds: float) -> str:
    """Hours and minutes, or days from three of them on; of working time the days would mislead, so hours it is."""
    minutes = round(seconds / 60)
    if minutes < 60:
        return _("%d 分") % minutes
    hours, rest = divmod(minutes, 60)
    if hours >= 72:
        return _("%.1f 天") % (seconds / 86400)
    return _("%(hours)d 小时 %(minutes)d 分") % {"hours": hours, "minutes": rest} if rest else _("%d 小时") % hours


def hours_words(seconds: float) -> str:
    """As `span_words`, never in days: a working day is no fixed number of hours."""
    return _("%.1f 小时") % (seconds / 3600) if seconds >= 72 * 3600 else span_words(seconds)


def part_words(n: int, of: int) -> str:
    return f"{n:,} / {of:,}"


def top(lines: Sequence[tuple[str, str, int]], most: int) -> list[tuple[str, str, int]]:
    """The largest, ties by name: (key, name, number)."""
    return sorted(lines, key=lambda line: (-line[2], line[1], line[0]))[:most]
