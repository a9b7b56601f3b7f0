"""Variables of reply templates: what may stand in braces, filling it in, and the gaps that are left. Pure."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

DATA = Path(__file__).resolve().parent.parent / "data" / "variables.toml"
#: One pair of braces with little in it and no line break; a full-width pair is the same to whoever types it.
BRACES = re.compile(r"[{｛]([^{}｛｝\n]{1,40})[}｝]")
_CJK = re.compile(r"[\u4e00-\u9fff]")
BLANK = "blank"
ABOUT: dict[str, str | Lazy] = {
    "customer": _("客户的姓名或单位名称"),
    "number": _("事项的编号"),
    "title": _("事项的标题"),
    "handler": _("事项的负责人；没有时是写回复的人"),
    "unit": _("办理部门；没有时是写回复的人所在部门"),
    "promised": _("最近一个还没履行的承诺的期限"),
    "today": _("写回复的日期"),
    "me": _("写回复的人"),
    "blank": _("每次由写回复的人填；冒号后面写要填什么"),
}


@dataclass(frozen=True, slots=True)
class Variable:
    code: str
    name: str
    example: str

    @property
    def about(self) -> str:
        return str(ABOUT[self.code])


@dataclass(frozen=True, slots=True)
class Filled:
    """A template with what is known put in; `missing` are the names left in braces, in order, each once."""

    text: str
    missing: tuple[str, ...]


@cache
def variables() -> tuple[Variable, ...]:
    rows = tomllib.loads(DATA.read_text(encoding="utf-8"))["variable"]
    return tuple(Variable(row["code"], row["name"], row["example"]) for row in rows)


@cache
def _by_name() -> dict[str, Variable]:
    return {v.name: v for v in variables()}


def variable_of(inside: str) -> Variable | None:
    """The variable meant by what stands between braces."""
    name, colon, _what = inside.strip().replace(":", "：").partition("：")
    found = _by_name().get(name.strip())
    return found if found and (not colon or found.code == BLANK) else None


def unknown(text: str) -> list[str]:
    """What stands in braces and is no variable, each once."""
    return list(dict.fromkeys(inside for inside in BRACES.findall(text) if variable_of(inside) is None))


def tidy(text: str) -> str:
    """The braces of variables as they are documented, however they were typed; nothing else changes."""

    def plain(found: re.Match[str]) -> str:
        return "{" + found[1].strip() + "}" if variable_of(found[1]) else found[0]

    return BRACES.sub(plain, text)


def fill(text: str, values: Mapping[str, str]) -> Filled:
    """Put in what is known, by code; what is not known stays in its braces, a gap to be seen."""

    def one(found: re.Match[str]) -> str:
        meant = variable_of(found[1])
        known = values.get(meant.code, "").strip() if meant and meant.code != BLANK else ""
        return known or found[0]

    filled = BRACES.sub(one, text)
    left = [
        inside for inside in BRACES.findall(text)
        if (meant := variable_of(inside)) and (meant.code == BLANK or not values.get(meant.code, "").strip())
    ]  # fmt: skip
    return Filled(filled, tuple(dict.fromkeys(left)))


def gaps(text: str) -> list[str]:
    """What a reply still has in braces, as it stands there, each once. Braces that a customer may well be meant to
    read (`{id}`, a piece of a program) are none.
    """
    return list(dict.fromkeys(found[0] for found in BRACES.finditer(text) if _CJK.search(found[1])))


def pieces(text: str) -> list[tuple[bool, str]]:
    """The text cut at its gaps: (is it a gap, words). Joined again it is the text."""
    cut: list[tuple[bool, str]] = []
    at = 0
    for found in BRACES.finditer(text):
        if _CJK.search(found[1]):
            cut += [(False, text[at : found.start()]), (True, found[0])]
            at = found.end()
    return [(gap, words) for gap, words in [*cut, (False, text[at:])] if words]
