"""The Jinja2 environment of the pages."""

import json
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from jinja2 import Environment, StrictUndefined, pass_context
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.runtime import Context
from markupsafe import Markup

from yinuo.kernel.text import mask_email
from yinuo.web import formats, words

PLACES = tuple(10**15 + n for n in range(4))
SPRITE = "vendor/icons/sprite.svg"


def environment(**options: Any) -> Environment:
    """Make the environment Django's Jinja2 backend uses."""
    options.setdefault("trim_blocks", True)
    options.setdefault("lstrip_blocks", True)
    options["undefined"] = StrictUndefined
    env = Environment(  # noqa: S701
        extensions=["jinja2.ext.i18n", "jinja2.ext.do", Punctuation], **{**options, "autoescape": True}
    )
    env.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.globals.update(gettext=words.gettext, ngettext=words.ngettext, _=words.gettext)
    env.globals["ui"] = Components(env)
    env.globals.update(
        url=url, static=cache(static), icon=icon, query=query, due=formats.due, html_lang=html_lang, mark=mark
    )
    env.filters.update(
        moment=formats.moment,
        exact=formats.exact,
        day=formats.day,
        clock=formats.clock,
        ago=formats.ago,
        money=formats.money,
        size=formats.size,
        iso=formats.iso,
        short=formats.short,
        tojson_attr=tojson_attr,
        number=formats.number,
        lines=formats.lines,
        at_most=formats.at_most,
        since=formats.since,
        masked=mask_email,
    )
    return env


class Components:
    """All macros of `templates/components/*.jinja` as `ui.<macro>`, in pages and in blocks, without an import."""

    FILES = tuple(sorted(path.stem for path in (Path(__file__).parent / "templates/components").glob("*.jinja")))

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._found: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        if not self._found:
            for file in self.FILES:
                module = self._env.get_template(f"components/{file}.jinja").module
                self._found.update((key, value) for key, value in vars(module).items() if key[0] != "_")
        try:
            return self._found[name]
        except KeyError:
            raise AttributeError(f"no component {name}") from None


#: Marks that stand between the words of a template, and what an English page has in their place.
MARKS = {"：": ": ", "（": " (", "）": ")", "、": ", ", "，": ", ", "；": "; ", "。": ".", "　": " · "}
BETWEEN = re.compile(f"([{''.join(MARKS)}])")


def mark(sign: str) -> str:
    """A Chinese mark of punctuation as the language of the page writes it."""
    return sign if html_lang() == "zh-CN" else MARKS[sign]


class Punctuation(Extension):
    """Punctuation between the expressions of a template, and in them, follows the language as the words do."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        before = ""
        for token in stream:
            compared, before = before in ("eq", "ne"), token.type
            if token.type == "string" and token.value in MARKS and not compared:
                yield from _spoken(token.lineno, token.value)
            elif token.type != "data" or not BETWEEN.search(token.value):
                yield token
            else:
                yield from self._between(token)

    def _between(self, token: Token) -> Iterator[Token]:
        for n, piece in enumerate(BETWEEN.split(token.value)):
            if n % 2:
                yield Token(token.lineno, "variable_begin", "")
                yield from _spoken(token.lineno, piece)
                yield Token(token.lineno, "variable_end", "")
            elif piece:
                yield Token(token.lineno, "data", piece)


def _spoken(line: int, sign: str) -> Iterator[Token]:
    for kind, value in (("name", "mark"), ("lparen", "("), ("string", sign), ("rparen", ")")):
        yield Token(line, kind, value)


def url(name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a named page; `q=` adds a query."""
    q = kwargs.pop("q", None)
    if kwargs or not all(type(arg) is int for arg in args):
        address: str = reverse(name, args=args or None, kwargs=kwargs or None)
    else:
        address = _pattern(name, len(args))
        for place, arg in zip(PLACES, args, strict=False):
            address = address.replace(str(place), str(arg))
    return f"{address}?{urlencode(q)}" if q else address


@cache
def _pattern(name: str, count: int) -> str:
    """The address of a page that takes numbers, with `PLACES` for them: a list asks for the same one on every line."""
    return str(reverse(name, args=PLACES[:count] or None))


def html_lang() -> str:
    """The language a page is written in, as browsers and screen readers name it."""
    return "zh-CN" if (get_language() or "zh").startswith("zh") else "en"


@lru_cache(maxsize=2048)
def icon(name: str, label: str = "", cls: str = "") -> Markup:
    """One icon of the sprite; without a label it is decoration."""
    role = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="i {}" {}><use href="{}#{}"></use></svg>').format(cls, role, static(SPRITE), name)


@pass_context
def query(context: Context, **changes: Any) -> str:
    """The present query with some parameters changed; None removes one. Paging restarts on a change."""
    request = context["request"]
    params = request.GET.copy()
    for key in ("after", "before"):
        if key not in changes:
            params.pop(key, None)
    for key, value in changes.items():
        params.pop(key, None)
        if isinstance(value, (list, tuple)):
            params.setlist(key, [str(item) for item in value])
        elif value is not None and value != "":
            params[key] = str(value)
    return "?" + str(params.urlencode())


def tojson_attr(value: Any) -> str:
    """JSON for an attribute; the environment escapes it."""
    return json.dumps(value, ensure_ascii=False)
