"""A workbook made to keep us busy ends with its own process."""

import io
import resource
import time
import zipfile

import openpyxl
import pytest

from yinuo.wording.rules.sheets import Unreadable, table

SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def workbook(rows, **parts: str) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    made = io.BytesIO()
    with zipfile.ZipFile(out) as plain, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in plain.namelist():
            part = name.rpartition("/")[2].removesuffix(".xml")
            packed.writestr(name, parts.get(part, plain.read(name)))
    return made.getvalue()


def test_cells_come_as_text_whatever_they_hold() -> None:
    rows = table(workbook([["id", "phrases"], [7, "\u6211\u7ba1"], [None, "x"]]), "a.xlsx")
    assert [row[:2] for row in rows] == [["id", "phrases"], ["7", "\u6211\u7ba1"], ["", "x"]]


@pytest.mark.parametrize(("data", "why"), [
    (b"PK\x03\x04", "broken"), (workbook([["x"]])[:-80], "broken"), (workbook([["x"]], sheet1="<"), "broken"),
    (workbook([["x"]], styles=" " * 42_000_000), "large"),
])  # fmt: skip
def test_what_cannot_be_read_is_said(data, why) -> None:
    with pytest.raises(Unreadable, match=why):
        table(data, "a.xlsx")


def test_what_unpacks_to_two_gigabytes_of_memory_dies_alone() -> None:
    data = workbook([["x"]], styles=f'<styleSheet xmlns="{SPACE}"><fonts>{"<font/>" * 4_500_000}</fonts></styleSheet>')
    began, own = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Unreadable, match="broken"):
        table(data, "a.xlsx")
    assert len(data) < 100_000 and time.process_time() - began < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - own < 200_000
