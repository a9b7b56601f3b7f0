"""Reading a request body: JSON in UTF-8 and nothing that the database or a screen could stumble over."""

import json
import math
import re
from typing import Any

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from ninja.parser import Parser

from yinuo.kernel.errors import Invalid, YinuoError

DEEPEST = 32
LONGEST = 100_000  # no field holds more; most hold less and say so themselves


class UnsupportedType(YinuoError):
    status = 415
    code = "unsupported_type"


class CleanParser(Parser):
    """Refuses NUL and lone surrogates anywhere, NaN, huge numbers and bottomless nesting."""

    def parse_body(self, request: HttpRequest) -> Any:
        if request.content_type not in ("application/json", "application/merge-patch+json"):
            raise UnsupportedType(_("请用 Content-Type: application/json"))
        data = json.loads(
            request.body.decode("utf-8"), parse_constant=_refuse_constant, parse_int=_parse_int,
            parse_float=_parse_float, object_pairs_hook=_no_name_twice,
        )  # fmt: skip
        _check(data, "", 0)
        return data

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        found = super().parse_querydict(data, list_fields, request)
        _check({k: v for k, v in found.items() if isinstance(v, (str, list))}, "", 0)
        return found


#: NUL and lone halves of surrogate pairs.
UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Which of the two was meant is not ours to guess."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)[:60]
        sentence = _("同一个字段写了两次：%(name)s") % {"name": twice}
        raise Invalid(sentence, code="name_twice", fields={twice: _("写了两次")})
    return found


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _parse_float(digits: str) -> float:
    found = float(digits)
    if not math.isfinite(found):
        raise ValueError("number too large")
    return found


def _parse_int(digits: str) -> int:
    if len(digits) > 40:
        raise ValueError("number too long")
    return int(digits)


def _check(value: Any, path: str, depth: int) -> None:
    if depth > DEEPEST:
        raise Invalid(_("内容嵌套太深"), code="too_deep")
    if isinstance(value, str):
        if UNSTORABLE.search(value):
            raise Invalid(
                _("内容含有无法保存的字符"), code="bad_character", fields={path or "body": _("含有无法保存的字符")}
            )
        if len(value) > LONGEST:
            sentence = _("太长，最多 %(max)s") % {"max": LONGEST}
            raise Invalid(sentence, code="too_long", fields={path or "body": sentence})
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check(key, path, depth + 1)
            _check(inner, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            _check(inner, f"{path}.{n}", depth + 1)
