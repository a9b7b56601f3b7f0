"""A chart as plain shapes, for paper: where each bar and point lies. On the screen ECharts draws the same table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, BAR, GAP, LABEL, FOOT = 660.0, 11.0, 7.0, 150.0, 34.0
HEIGHT = 190.0


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    series: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    x: float
    y: float
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Drawing:
    height: float
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    width: float = WIDTH


def lying(labels: Sequence[str], columns: Sequence[Sequence[tuple[float | None, str]]], most: float | None) -> Drawing:
    """Bars that lie, one group per label, the words of each number at its end."""
    top = most or max((value or 0 for column in columns for value, _text in column), default=0) or 1
    room = WIDTH - LABEL - 90
    bars, marks, y = [], [], 4.0
    for at, label in enumerate(labels):
        middle = y + len(columns) * BAR / 2 + 4
        marks.append(Mark(LABEL - 8, middle, label[:14], "end"))
        for series, column in enumerate(columns):
            value, text = column[at]
            bars.append(Bar(LABEL, y, max(room * (value or 0) / top, 0), BAR - 1, series, text))
            y += BAR
        y += GAP
    return Drawing(y + 2, tuple(bars), tuple(marks))


def standing(
    labels: Sequence[str], columns: Sequence[Sequence[tuple[float | None, str]]], most: float | None
) -> Drawing:
    """Bars that stand, one group per label; every second (third, …) label is written where there are many."""
    top = most or max((value or 0 for column in columns for value, _text in column), default=0) or 1
    step = WIDTH / max(len(labels), 1)
    thick = min((step - 2) / max(len(columns), 1), 22)
    every = -(-len(labels) // 13)
    bars, marks = [], []
    for at, label in enumerate(labels):
        left = step * at + (step - thick * len(columns)) / 2
        if at % every == 0:
            marks.append(Mark(step * (at + 0.5), HEIGHT - FOOT + 16, label, "middle"))
        for series, column in enumerate(columns):
            tall = max((HEIGHT - FOOT - 12) * (column[at][0] or 0) / top, 0)
            words = column[at][1] if len(labels) <= 14 else ""
            bars.append(Bar(left + thick * series, HEIGHT - FOOT - tall, max(thick - 1, 1), tall, series, words))
    return Drawing(HEIGHT, tuple(bars), tuple(marks))
