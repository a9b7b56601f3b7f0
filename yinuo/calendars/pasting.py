"""Days off and made up as people have them: lines of a list, or the words of the State Council's notice. Pure."""

import re
import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.utils.translation import gettext as _

from yinuo.calendars.rules import SpecialDay
from yinuo.kernel.errors import Invalid
from yinuo.kernel.text import clean_line

#: More than this on end, or in one go, is a slip of the pen.
MOST_DAYS, MOST_IN_ALL = 366, 732
WORDS = tomllib.loads((Path(__file__).parent / "data" / "pasted.toml").read_text("utf-8"))


def _any(*names: str) -> str:
    return "|".join(word for name in names for word in WORDS[name])


def _day_pattern(n: int) -> str:
    year, month, day = WORDS["year"], WORDS["month"], WORDS["day"]
    in_year = rf"(?P<m{n}>\d{{1,2}})\s*[-/.{month}]\s*(?P<d{n}>\d{{1,2}})\s*[{day}]?"
    return rf"(?:(?P<y{n}>\d{{4}})\s*[-/.{year}]\s*)?{in_year}"


_ASIDE = re.compile(r"\uff08[^\uff08\uff09]*\uff09|\([^()]*\)")
_TO = rf"\s*(?:{_any('to')}|[~\uff5e\u2013]|\u2014+|(?<=\s)-(?=\s))\s*"
_ONLY = rf"(?P<only>\d{{1,2}})\s*[{WORDS['day']}]?"
_SPAN = re.compile(rf"(?<!\d){_day_pattern(1)}(?:{_TO}(?:{_day_pattern(2)}|{_ONLY}))?(?!\d)", re.I)
_NUMBERED = re.compile(rf"^\s*(?:[{WORDS['numbered']}]+|\d{{1,2}})\s*[\u3001.]\s*(?=\D)")
_TITLE = re.compile(r"^\s*([^\d:\uff1a]{1,20})[:\uff1a]")
_LONE = re.compile(rf"(?<![^\s,{WORDS['marks']}])\d+\s*[{WORDS['day']}]?(?![^\s,{WORDS['marks']}])")
_CLAUSE = re.compile("[\u3002\uff1b;]")
_WORK, _BACK = re.compile(_any("work"), re.I), re.compile(_any("back"), re.I)
_BESIDE = re.compile(rf"{_any('off', 'work', 'back')}|[,;.:\t{WORDS['marks']}]", re.I)


@dataclass(frozen=True, slots=True)
class Span:
    """What one line says of days on end; `day` None: as the law has it."""

    line: int
    first: date
    last: date
    day: SpecialDay | None

    @property
    def days(self) -> list[date]:
        return each_day(self.first, self.last)


@dataclass(frozen=True, slots=True)
class Read:
    """What was understood, and one sentence for each line that was not."""

    spans: tuple[Span, ...]
    wrong: tuple[str, ...]

    @property
    def days(self) -> dict[date, SpecialDay | None]:
        return {on: span.day for span in self.spans for on in span.days}


def each_day(first: date, last: date) -> list[date]:
    return [first + timedelta(n) for n in range((last - first).days + 1)]


def read_days(text: str, year: int) -> Read:
    """Each line: a day or a first and a last one, what it is for, and whether it is worked (`data/pasted.toml` has the
    words; a day off unless said otherwise). `year` is meant where a line names none.
    """
    spans: list[Span] = []
    wrong: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                spans += _read_line(number, line, year)
            except (ValueError, Invalid) as why:
                wrong.append(_("第 %(n)s 行：%(why)s") % {"n": number, "why": getattr(why, "message", why)})
    if sum((span.last - span.first).days + 1 for span in spans) > MOST_IN_ALL:
        wrong.append(_("一次最多录入 %(n)s 天") % {"n": MOST_IN_ALL})
    else:
        wrong += _clashes(spans)
    return Read(tuple(spans), tuple(wrong))


def _read_line(number: int, line: str, year: int) -> list[Span]:
    plain = _NUMBERED.sub("", _ASIDE.sub("", line))
    title = _TITLE.match(plain)
    name, rest = (clean_line(title[1]), plain[title.end():]) if title else ("", plain)  # fmt: skip
    found = []
    for clause in _CLAUSE.split(rest):
        spans = [_dates(match, year) for match in _SPAN.finditer(clause)]
        if not spans:
            continue
        beside = _SPAN.sub(" ", clause)
        if lone := _LONE.search(beside):
            raise ValueError(_("没有看懂“%(text)s”，每一天请写出月和日") % {"text": lone[0].strip()})
        name = name or clean_line(_BESIDE.sub(" ", beside), 40)
        day = None if _BACK.search(clause) else SpecialDay(bool(_WORK.search(clause)), name)
        found += [Span(number, first, last, day) for first, last in spans]
    if not found:
        raise ValueError(_("没有看到日期，请写成“2027-01-01 至 2027-01-03 元旦”这样"))
    return found


def _dates(match: re.Match[str], year: int) -> tuple[date, date]:
    part = match.groupdict()
    first = _day(part["y1"] or year, part["m1"], part["d1"])
    if part["only"]:
        last = _day(first.year, first.month, part["only"])
    elif part["m2"]:
        last = _day(part["y2"] or first.year, part["m2"], part["d2"])
        if last < first and not part["y2"]:  # over the new year
            last = _day(first.year + 1, part["m2"], part["d2"])
    else:
        last = first
    if last < first:
        raise ValueError(_("%(last)s 早于 %(first)s") % {"first": first, "last": last})
    if (last - first).days >= MOST_DAYS:
        raise ValueError(_("从 %(first)s 到 %(last)s 超过一年") % {"first": first, "last": last})
    return first, last


def _day(year: int | str, month: int | str, day: str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        values = {"y": year, "m": month, "d": day}
        raise ValueError(_("没有 %(y)s 年 %(m)s 月 %(d)s 日这一天") % values) from None


def _clashes(spans: list[Span]) -> list[str]:
    """The same day said twice, otherwise."""
    seen: dict[date, Span] = {}
    wrong = []
    for span in spans:
        clash = next((on for on in span.days if on in seen and seen[on].day != span.day), None)
        if clash:
            values = {"n": span.line, "day": clash, "other": seen[clash].line}
            wrong.append(_("第 %(n)s 行：%(day)s 在第 %(other)s 行写的安排不一样") % values)
        seen |= dict.fromkeys(span.days, span)
    return wrong
