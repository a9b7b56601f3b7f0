"""How a text is looked at. `static/js/coach.js` does the same with the same table, character by character."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "data"


@cache
def table() -> dict[str, Any]:
    return tomllib.loads((DATA / "folding.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Folding:
    """What is folded into what, and the shapes that are looked for in what was folded."""

    same: dict[str, str]
    dodges: str
    most_dodges: int
    gap: str
    number: str
    quoted: str
    negated: str

    def plain(self) -> dict[str, Any]:
        """As the browser gets it."""
        return {name: getattr(self, name) for name in self.__slots__}


def _folding() -> Folding:
    found = table()
    old, new = found["traditional"]["from"], found["traditional"]["to"]
    same = {a: b for a, b in zip(old, new, strict=True) if a != b} | found["same"]
    names = ("dodges", "most_dodges", "gap", "number", "quoted", "negated")
    return Folding(same, *(found[name] for name in names))


FOLDING = _folding()


def one(char: str) -> str:
    """One character as all those that mean the same."""
    code = ord(char)
    if 0xFF01 <= code <= 0xFF5E:
        char = chr(code - 0xFEE0)
    elif code == 0x3000:
        char = " "
    if "A" <= char <= "Z":
        return chr(ord(char) + 32)
    return FOLDING.same.get(char, char)


def is_han(char: str) -> bool:
    return 0x3400 <= ord(char) <= 0x9FFF


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` stands between two line ends; `places[n]` is where its character n stood."""

    text: str
    places: list[int]


def fold(text: str) -> Folded:
    """The text folded, without what was put between two Chinese characters."""
    folded = [one(char) for char in text]
    out, places, n = ["\n"], [-1], 0
    while n < len(folded):
        end = n
        while end < len(folded) and folded[end] in FOLDING.dodges:
            end += 1
        between = out[-1] != "\n" and is_han(out[-1]) and end < len(folded) and is_han(folded[end])
        if not (between and 0 < end - n <= FOLDING.most_dodges):
            end = max(end, n + 1)  # the whole run at once: it may be as long as the text
            out += folded[n:end]
            places += range(n, end)
        n = end
    return Folded("".join([*out, "\n"]), [*places, len(text)])
