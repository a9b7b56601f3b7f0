"""Rules as rows of a table: what is written out can be read in again. What cannot be read is said line by line."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from yinuo.kernel.sheets import unquoted
from yinuo.wording.rules import workbook

MOST_BYTES = 2 * 1024 * 1024
MOST_ROWS = 2000
#: Columns in their order; the heads are what people read.
COLUMNS = ("id", "phrases", "instead", "why", "category", "level", "kinds", "channels", "active")
SEPARATOR = "\uff1b"


class Unreadable(ValueError):
    """`args[0]`: "type", "large", "broken", "heads" or "rows"."""


def table(data: bytes, name: str) -> list[list[str]]:
    """The cells of a CSV or XLSX file as text. Raises `Unreadable`."""
    if len(data) > MOST_BYTES:
        raise Unreadable("large")
    if data[:4] == b"PK\x03\x04":
        return _limited(_xlsx(data))
    if name.lower().endswith((".csv", ".txt")):
        return _limited(csv.reader(io.StringIO(_decoded(data), newline="")))
    raise Unreadable("type")


def _limited(rows: Iterable[Sequence[Any]]) -> list[list[str]]:
    found: list[list[str]] = []
    try:
        for row in rows:
            cells = ["" if cell is None else unquoted(str(cell).strip()) for cell in row[: len(COLUMNS)]]
            if any(cells[1:]) or (
                cells and _number(cells[0])
            ):  # not the name of the sheet, nor who took it out and when
                found.append(cells)
            if len(found) > MOST_ROWS + 1:
                raise Unreadable("rows")
    except csv.Error:
        raise Unreadable("broken") from None
    return found


def _decoded(data: bytes) -> str:
    for charset in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(charset)
        except UnicodeDecodeError:
            continue
    raise Unreadable("broken")


def _xlsx(data: bytes) -> Iterable[Sequence[Any]]:
    """Read by a process of its own, which is killed for time or memory."""
    command = [sys.executable, "-I", str(Path(workbook.__file__)), str(MOST_ROWS + 50), str(len(COLUMNS))]
    try:
        done = subprocess.run(  # noqa: S603 our own program; the file is its input
            command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={},
            timeout=4 * workbook.SECONDS,
        )  # fmt: skip
        found: Iterable[Sequence[Any]] = json.loads(done.stdout) if done.returncode == 0 else ()
    except (subprocess.TimeoutExpired, ValueError):
        raise Unreadable("broken") from None
    if done.returncode:
        raise Unreadable("large" if done.returncode == workbook.LARGE else "broken")
    return found


def as_row(cells: Sequence[str], words: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """One line as the values of a rule; a word nobody knows stays as it is, so that the check can name it. `words`:
    for each column what its words on screen stand for.
    """
    given = dict(zip(COLUMNS, [*cells, *[""] * len(COLUMNS)], strict=False))
    known: Callable[[str, str], str] = lambda column, word: words[column].get(word, word)  # noqa: E731
    many = {
        name: [known(name, word) for word in given[name].replace(",", SEPARATOR).split(SEPARATOR) if word.strip()]
        for name in ("kinds", "channels")
    }
    return {
        "id": _number(given["id"]),
        "phrases": given["phrases"],
        "instead": given["instead"],
        "why": given["why"],
        "category": known("category", given["category"]),
        "level": known("level", given["level"]) or "hint",
        **many,
        "active": known("active", given["active"]) != "0",
    }


def _number(cell: str) -> int | None:
    """A rule's number as spreadsheets write it."""
    number = cell.removesuffix(".0")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 17 else None
