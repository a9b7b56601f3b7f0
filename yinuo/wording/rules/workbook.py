"""Reads the first sheet of an XLSX file, as a process of its own: fifty kilobytes can unpack to what keeps a processor
busy for a minute and takes two gigabytes.

Run by its path (`sheets.py` beside it does), so it imports nothing of ours: the file comes by its input, the rows go
out as JSON.
"""

import io
import json
import resource
import sys
import zipfile

SECONDS, MEMORY = 5, 400 << 20
MOST_UNPACKED = 40 * 1024 * 1024
BROKEN, LARGE = 3, 4


def rows(data: bytes, most_rows: int, most_columns: int) -> list[list[str]] | int:
    """The cells as text, or which of the two is wrong with the file."""
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(one.file_size for one in packed.infolist()) > MOST_UNPACKED:
                return LARGE
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        found = book.worksheets[0].iter_rows(values_only=True, max_row=most_rows, max_col=most_columns)
        return [["" if cell is None else str(cell) for cell in row] for row in found]
    except Exception:  # whatever a broken workbook makes the reader do
        return BROKEN


def main(most_rows: str, most_columns: str) -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    found = rows(sys.stdin.buffer.read(), int(most_rows), int(most_columns))
    if isinstance(found, int):
        return found
    sys.stdout.write(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
