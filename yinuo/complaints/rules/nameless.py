"""Words of one case without the people in them, so that they can be used for another customer's case."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

_ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
#: Telephone, card and identity numbers, however they are grouped.
_NUMBER = re.compile(r"\+?\d(?:[ -]?\d){6,}[Xx]?(?!\d)")
_HAN = r"[\u3400-\u9fff]"
_HAN_NAME = re.compile(f"{_HAN}{{2,4}}")


def nameless(text: str, names: Iterable[str], *, others: Iterable[str] = ()) -> str:
    """`text` without the `names` of customers (as people write them), without addresses, plates and long numbers, and
    without any of the `others` (what is known of the customer word for word).
    """
    patterns = [*sorted({p for name in names for p in _written(name.strip())}, key=len, reverse=True)]
    said = text
    for word in sorted({o.strip() for o in others if len(o.strip()) > 3}, key=len, reverse=True):
        said = re.sub(re.escape(word), _("［隐去］"), said, flags=re.I)
    said = _ADDRESS.sub(_("［隐去］"), said)
    said = _places().sub(_("［地址］"), said)
    said = _plates().sub(_("［号码］"), said)
    said = _NUMBER.sub(_("［号码］"), said)
    return re.sub("|".join(patterns), _("［客户］"), said, flags=re.I) if patterns else said


def _written(name: str) -> Iterator[str]:
    """How a name may stand in a sentence: whole, without the company's ending, given name, family name and title."""
    if len(name) < 2:
        return
    yield _whole(name)
    if _HAN_NAME.fullmatch(name):
        family = 2 if len(name) > 2 and name[:2] in _data()["double"] else 1
        if len(name) - family > 1:
            yield re.escape(name[family:])
        yield f"{re.escape(name[:family])}(?:{'|'.join(_data()['titles'])})"
        return
    for ending in _data()["endings"]:
        if name.endswith(ending) and len(name) - len(ending) > 2:
            yield _whole(name.removesuffix(ending))
            break
    yield from (_whole(part) for part in re.findall(r"[A-Za-z]{3,}", name))


def _whole(name: str) -> str:
    """A name, but never the middle of a longer Latin word."""
    left = r"(?<![A-Za-z])" if name[0].isascii() and name[0].isalpha() else ""
    right = r"(?![A-Za-z])" if name[-1].isascii() and name[-1].isalpha() else ""
    return left + re.escape(name) + right


@cache
def _data() -> dict[str, Any]:
    path = Path(__file__).parent.parent / "data" / "people.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def _places() -> re.Pattern[str]:
    streets, doors = "|".join(_data()["streets"]), "|".join(_data()["doors"])
    return re.compile(f"{_HAN}{{1,16}}(?:{streets})\\d+(?:-\\d+)*(?:{doors})(?:[A-Za-z]?\\d+(?:{doors}))*")


@cache
def _plates() -> re.Pattern[str]:
    return re.compile(rf"[{_data()['provinces']}][A-Z][ \u00b7]?[A-Z0-9]{{5,6}}(?![A-Za-z0-9])")
