"""Sums of money in running text, however they are written, and those beyond what was approved.

A sum is found by its unit (500 元, 伍佰圆整, 5 千块), by a sign before it (¥500, RMB 500, 人民币 500) or by the word it
follows (赔偿金额：500; 另付 500。). What is only counted (退 2 桶) is no sum.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

_WRITTEN = tomllib.loads((Path(__file__).parents[1] / "data/sums.toml").read_text(encoding="utf-8"))
_DIGITS = {c: n for n, run in enumerate(_WRITTEN["digits"]) for c in run}
_TENS = {c: n for run, n in _WRITTEN["tens"].items() for c in run}
_MYRIADS = {c: n for run, n in _WRITTEN["myriads"].items() for c in run}
_WORDS = "".join([*_DIGITS, *_TENS, *_MYRIADS])
#: Each piece has an end: else a run of figures as long as the text is read anew from each of them.
_FIGURE = r"(?:\d{1,3}(?:[, ]\d{3}){1,6}+(?!\d)|\d{1,20}+)(?:\.\d{1,20}+)?+"
_NUMBER = rf"(?:{_FIGURE}(?: (?=[{_WORDS}]))?+|[{_WORDS}]{{1,24}}+){{1,10}}+"
_FORM = r"""
(?P<foreign>(?:(?:us|hk)?\$|€|£|usd|hkd|eur|gbp)\s*{n}|{n}\s*(?:{foreign}))
|(?:{before})[ \t:]*(?P<signed>{n})(?:\s*(?:{yuan}))?
|(?P<plain>{n})(?:\s*(?:{yuan})|(?=\s*{range}\s*{n}\s*(?:{yuan})))
|(?:{amount})(?:{being})?[ \t:]*(?P<labelled>{n})(?:\s*(?:{yuan}))?
|(?:{paid})(?:{paid_as})?(?:{whom})?(?:{being})?[ \t:]*(?P<paid>{n})(?=\s*(?:$|\n|\.(?!\d)|{ends}))
"""
_WAYS = (way.removeprefix("|") for way in _FORM.strip().split("\n"))
_SUM = re.compile("|".join(way.format(n=_NUMBER, **_WRITTEN) for way in _WAYS), re.IGNORECASE)
_PIECES = re.compile(rf"{_FIGURE}|[{_WORDS}]")
_SMALL = re.compile(
    r"(?:{money})?(?:\s*([\d{words}])\s*{tenths})?(?:\s*([\d{words}])\s*{hundredths})?".format(words=_WORDS, **_WRITTEN)
)
_TOTAL, _MORE = (re.compile(_WRITTEN[name], re.IGNORECASE) for name in ("total", "more"))
#: The same sum once more, in words behind its figures or the other way round.
_AGAIN = re.compile(_WRITTEN["again"])


@dataclass(frozen=True, slots=True)
class Sum:
    """`value` in yuan, foreign money as it is written; `total`: said to be the sum of the others."""

    value: Decimal | str
    written: str
    total: bool


def sums_in(text: str) -> list[Sum]:
    """Every sum a text names, in its order; one repeated in words right behind its figures is one."""
    plain, end = unicodedata.normalize("NFKC", text), 0
    found: list[Sum] = []
    for one in _SUM.finditer(plain):
        how = one.lastgroup or ""
        value: Decimal | str = "".join(one[0].lower().split()) if how == "foreign" else _value(one[how])
        small = _SMALL.match(plain, one.end())
        if isinstance(value, Decimal) and small:
            value += sum(_value(n) * share for n, share in zip(small.groups(), _SHARES, strict=True) if n)
        nothing = value == 0 and plain[one.start() - 1 : one.start()] not in tuple(",.0123456789")
        before = plain[max(end, plain.rfind("\n", 0, one.start())) : one.start()]
        again = found and found[-1].value == value and _AGAIN.fullmatch(before)
        end = small.end() if small and how != "foreign" else one.end()
        if not nothing and not again:
            led = before + plain[one.start() : one.start(how)]
            total = bool(_TOTAL.search(led)) and not _MORE.search(led)
            found.append(Sum(value, plain[one.start() : end].strip(), total))
    return found


_SHARES = (Decimal("0.1"), Decimal("0.01"))


def _value(written: str) -> Decimal:
    """What a number is worth, in figures, in Chinese numerals, or in both (1.5 万, 5 千 5 百)."""
    above, section, number = Decimal(0), Decimal(0), Decimal(0)
    run = False
    for piece in _PIECES.findall(written):
        if piece in _DIGITS:
            number, run = (number * 10 if run else Decimal(0)) + _DIGITS[piece], True
            continue
        run = False
        if piece in _TENS:
            section, number = section + (number or 1) * _TENS[piece], Decimal(0)
        elif piece in _MYRIADS:
            above, section, number = (above + (section + number or 1)) * _MYRIADS[piece], Decimal(0), Decimal(0)
        else:
            number = Decimal(piece.replace(",", "").replace(" ", ""))
    return above + section + number


def beyond(text: str, lines: Iterable[str], whole: Decimal) -> list[str]:
    """The sums of `text`, as written there, that the approved `lines` (the items of a proposal, in words) and their
    total do not cover. Each is covered once, the total once beside them if it is said to be the total; or nothing but
    the total is named.
    """
    approved = Counter(one.value for line in lines for one in sums_in(line))
    named = sums_in(text)
    total = next((one for one in named if one.total and one.value == whole), None)
    rest = [one for one in named if one is not total]
    if len(rest) == 1 and total is None and rest[0].value == whole:
        return []
    foreign: dict[str, None] = {}
    for one in rest:
        if not approved[one.value]:
            foreign[one.written] = None
        else:
            approved[one.value] -= 1
    return list(foreign)
