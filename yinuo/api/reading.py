"""Reading a request body: JSON in UTF-8 and nothing that the database or a screen could stumble over."""

import json
import re
from typing import Any

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from ninja.parser import Parser

from yinuo.kernel.errors import Invalid, YinuoError

DEEPEST = 32


class UnsupportedType(YinuoError):
    status = 415
    code = "unsupported_type"


class CleanParser(Parser):
    """Refuses NUL and lone surrogates anywhere, NaN, huge numbers and bottomless nesting."""

    def parse_body(self, request: HttpRequest) -> Any:
        if request.content_type not in ("application/json", "application/merge-patch+json"):
            raise UnsupportedType(_("请用 Content-Type: application/json"))
        data = json.loads(request.body.decode("utf-8"), parse_constant=_refuse_constant, parse_int=_parse_int)
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


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


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
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check(key, path, depth + 1)
            _check(inner, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            _check(inner, f"{path}.{n}", depth + 1)
