"""How a board becomes a PDF is known to the pages, which stand above; they say it here when the apps are ready."""

from collections.abc import Callable
from datetime import datetime

from yinuo.insight.queries.figures import Board
from yinuo.kernel.actor import Actor

Printer = Callable[[Board, Actor, datetime], bytes]
_printers: list[Printer] = []


def printed_by(printer: Printer) -> None:
    _printers[:] = [printer]


def prints() -> bool:
    """Whether a board can be made a PDF here."""
    return bool(_printers)


def as_pdf(board: Board, by: Actor, at: datetime) -> bytes:
    return _printers[0](board, by, at)
