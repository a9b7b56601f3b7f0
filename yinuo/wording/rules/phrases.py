"""A phrase as a person writes it:

这不归我管            these characters, whatever is put between them
(你|您们)必须         one of several; an empty one, as in (的|), may be missing
一定…解决             … is up to eight characters of the same sentence
#天内                 # is a number, in figures or in words
^ and $               where a line begins and ends; \\ before a sign takes it as it is
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from yinuo.wording.rules.folding import FOLDING, is_han, one

MOST_LETTERS = 200
MOST_GAPS = 3
MOST_ANCHORS = 60
SPECIAL = ".^$*+?()[]{}|\\/"


class WrongPhrase(ValueError):
    """`args[0]` names what is wrong: "empty", "long", "loose", "brackets" or "gaps"."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """`source` is a regular expression over folded text, the same for Python and for the browser. Wherever it matches,
    one of `anchors` stands in the match: they are looked for first, all rules' at once.
    """

    source: str
    anchors: tuple[str, ...]
    reach: int

    @property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(self.source)


def read_phrase(written: str) -> Phrase:
    """Raises `WrongPhrase`."""
    text = written.strip().replace("...", "…").replace("……", "…").replace("（", "(").replace("）", ")")
    text = text.replace("｜", "|")
    if not text:
        raise WrongPhrase("empty")
    if len(text) > MOST_LETTERS:
        raise WrongPhrase("long")
    parts = _parts(text)
    if sum(part == "…" for part in parts) > MOST_GAPS or parts[0] == "…" or parts[-1] == "…":
        raise WrongPhrase("gaps")
    anchors = max(_runs(parts), key=lambda run: (min(map(len, run)), -len(run)), default=())
    if not anchors:
        raise WrongPhrase("loose")
    if sum(min(map(len, part)) if isinstance(part, tuple) else 0 for part in parts) < 2:
        raise WrongPhrase("loose")
    reach = sum(max(map(len, part)) if isinstance(part, tuple) else 8 for part in parts)
    return Phrase("".join(map(_source, parts)), anchors, reach)


def _runs(parts: list[tuple[str, ...] | str]) -> Iterator[tuple[str, ...]]:
    """What may serve as anchors: neighbouring parts that are always there, in all their combinations."""
    for first in range(len(parts)):
        run: tuple[str, ...] = ("",)
        for part in parts[first:]:
            if not isinstance(part, tuple) or not all(map(_letters, part)):
                break
            run = tuple(dict.fromkeys(begun + _letters(option) for begun in run for option in part))
            if len(run) > MOST_ANCHORS:
                break
            yield run


def _parts(text: str) -> list[tuple[str, ...] | str]:
    """Literals and alternatives as tuples of options; "…" and "#" as they are."""
    parts: list[tuple[str, ...] | str] = []
    literal = ""
    n = 0

    def flush() -> None:
        nonlocal literal
        if literal:
            parts.append((literal,))
        literal = ""

    while n < len(text):
        char = text[n]
        if char == "\\" and n + 1 < len(text):
            literal += char + text[n + 1]
            n += 2
            continue
        if char in "…#":
            flush()
            parts.append(char)
        elif char == "(":
            flush()
            end = text.find(")", n)
            if end < 0 or "(" in text[n + 1 : end]:
                raise WrongPhrase("brackets")
            parts.append(tuple(dict.fromkeys(text[n + 1 : end].split("|"))))
            n = end
        elif char in ")|":
            raise WrongPhrase("brackets")
        else:
            literal += char
        n += 1
    flush()
    return parts


def _letters(option: str) -> str:
    """The characters of an option as they stand in folded text, without signs for the ends of a line. What people put
    between Chinese characters is not looked at, so a phrase may not depend on it.
    """
    bare = re.sub(r"(?<!\\)[\^$]", "", option)
    folded = [one(char) for char in bare.replace("\\", "")]
    kept = [
        char for n, char in enumerate(folded)
        if not (char in FOLDING.dodges and 0 < n < len(folded) - 1 and is_han(folded[n - 1]) and is_han(folded[n + 1]))
    ]  # fmt: skip
    return "".join(kept)


def _source(part: tuple[str, ...] | str) -> str:
    if part == "…":
        return FOLDING.gap
    if part == "#":
        return FOLDING.number
    options = [_option(option) for option in part]
    return options[0] if len(options) == 1 else "(?:" + "|".join(sorted(options, key=len, reverse=True)) + ")"


def _option(option: str) -> str:
    start = r"(?<=\n)" if option.startswith("^") else ""
    end = r"(?=\n)" if option.endswith("$") and not option.endswith("\\$") else ""
    return start + "".join("\\" + char if char in SPECIAL else char for char in _letters(option)) + end
