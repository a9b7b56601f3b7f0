"""The phrase tables of mail programs, read once from ``data/phrases.toml``."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).resolve().parent.parent / "data" / "phrases.toml"


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


@cache
def words(table: str, key: str) -> tuple[str, ...]:
    """The plain entries of a table."""
    return tuple(_tables()[table][key])


@cache
def patterns(table: str, key: str) -> tuple[re.Pattern[str], ...]:
    """The compiled entries of a table; matching ignores case."""
    return tuple(re.compile(entry, re.IGNORECASE) for entry in words(table, key))


def any_match(table: str, key: str, text: str) -> bool:
    """Whether some entry is found in the text, which is cut to a length no pattern can be slow on."""
    return any(pattern.search(text[:400]) for pattern in patterns(table, key))
