"""Full-text search on plain PostgreSQL: our own tokens in a `tsvector`, no extension, no dictionary."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db import models
from django.db.models import Func, Q, QuerySet, Value

from yinuo.kernel.text import grams, phone_tail, pinyin_full, pinyin_initials, query_tokens


class _TokensToVector(Func):
    function = "array_to_tsvector"
    output_field = SearchVectorField()


def _lexeme(token: str, whole: bool = False) -> str:
    """Quoted; letters also match as the beginning of a word, so "wang" finds wangxiaoming, unless `whole`."""
    quoted = "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"
    return quoted + ":*" if not whole and token.isascii() and token.isalpha() and len(token) > 1 else quoted


class RawQuery(SearchQuery):
    """`'a' & 'b'` with every token quoted, so no character of the query is an operator."""

    def __init__(self, tokens: Iterable[str], *, whole: bool = False) -> None:
        quoted = " & ".join(_lexeme(t, whole) for t in tokens)
        super().__init__(quoted, search_type="raw", config="simple")

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **context: Any) -> Any:
        value = self.get_source_expressions()[-1]
        sql, params = compiler.compile(value)
        return f"{sql}::tsquery", params


def tsvector(tokens: Iterable[str]) -> Any:
    """An expression to assign to a `SearchVectorField`."""
    unique = sorted({t for t in tokens if t})
    return _TokensToVector(Value(unique, output_field=ArrayField(models.TextField())))


def name_tokens(*names: str) -> list[str]:
    """Grams of names plus their pinyin: prefixes of the initials, whole initials and full spelling."""
    found: list[str] = []
    for name in names:
        if not name:
            continue
        initials = pinyin_initials(name)
        found += grams(name)
        found.append(initials)
        found += [initials[i:] for i in range(1, max(len(initials) - 1, 1))]
        found.append(pinyin_full(name)[:60])
    return found


def matching(rows: QuerySet[Any], query: str, field: str = "search") -> QuerySet[Any]:
    """Rows holding every token of `query`, or the telephone number it is; an empty query matches none."""
    tokens, tail = query_tokens(query), phone_tail(query)
    if not tokens:
        return rows.none()
    wanted: Any = RawQuery(tokens)
    return rows.filter(Q(**{field: wanted | RawQuery([tail]) if tail and [tail] != tokens else wanted}))
