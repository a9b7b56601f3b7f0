"""A board on paper: its figures, each chart drawn and as a table, how each number was counted."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.template import engines

from yinuo.identity.models import Unit
from yinuo.insight.queries.figures import Board, Chart
from yinuo.insight.queries.frame import CHOICES
from yinuo.insight.rules.drawing import Drawing, lying, standing
from yinuo.kernel.actor import Actor
from yinuo.web.pdf import language, page_numbers, printed

STYLES = ("css/paper.css", "css/board_paper.css")
STATIC = Path(__file__).parent / "static"


def pdf(board: Board, by: Actor, at: datetime) -> bytes:
    """The file; raises `Unprintable` where none can be made."""
    environment = engines["jinja2"].env  # type: ignore[attr-defined]
    template = environment.get_template("boards/paper.jinja")
    html = template.render(
        {
            "board": board, "by": by, "at": at, "actor": by, "language": language(), "drawn": drawn,
            "columns": columns, "narrowing": narrowing(board),
            "beside": list(dict.fromkeys(name for figure in board.figures for name, _cell in figure.beside)),
        }
    )  # fmt: skip
    return printed(html, [*((STATIC / style).read_text("utf-8") for style in STYLES), page_numbers()], {})


def narrowing(board: Board) -> list[str]:
    """What the board was narrowed to, in words."""
    frame, found = board.frame, []
    if frame.unit_ids:
        found.append(
            "、".join(Unit.objects.filter(pk__in=frame.unit_ids).order_by("path").values_list("name", flat=True)[:6])
        )
    return [*found, *(str(CHOICES[name](value).label) for name in CHOICES if (value := getattr(frame, name)))]


def columns(chart: Chart) -> list[int]:
    """Those that are drawn together: numbers of one kind."""
    shown = [n for n in range(len(chart.heads)) if n not in chart.plain]
    plain = [n for n in shown if n not in chart.percent]
    return plain or shown


def drawn(chart: Chart) -> Drawing | None:
    if not chart.lines:
        return None
    wanted = columns(chart)
    values: Any = [[(line.cells[n].value, line.cells[n].text) for line in chart.lines] for n in wanted]
    most = 100.0 if set(wanted) <= chart.percent else None
    return (lying if chart.shape == "rank" else standing)([line.label for line in chart.lines], values, most)
