"""Full-text search on plain PostgreSQL: our own tokens in a `tsvector`, no extension, no dictionary."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db import models
from django.db.models import F, Func, Q, QuerySet, Value
from django.db.models.functions import Cast

from yinuo.kernel.text import grams, phone_tail, pinyin_full, pinyin_initials, query_tokens


class _TokensToVector(Func):
    function = "array_to_tsvector"
    output_field = SearchVectorField()


def _lexeme(token: str, whole: bool = False) -> str:
    """Quoted; letters also match as the beginning of a word, so "wang" finds wangxiaoming, unless `whole`."""
    quoted = "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"
    return quoted + ":*" if not whole and token.isascii() and token.isalpha() and len(token) > 1 else quoted


class RawQuery(SearchQuery):
    """`'a' & 'b'` with every token quoted, so no character of the query is an operator. `any_of`: `'a' | 'b'`."""

    def __init__(self, tokens: Iterable[str], *, whole: bool = False, any_of: bool = False) -> None:
        quoted = (" | " if any_of else " & ").join(_lexeme(t, whole) for t in tokens)
        super().__init__(quoted, search_type="raw", config="simple")

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **context: Any) -> Any:
        value = self.get_source_expressions()[-1]
        sql, params = compiler.compile(value)
        return f"{sql}::tsquery", params


def tsvector(tokens: Iterable[str]) -> Any:
    """An expression to assign to a `SearchVectorField`."""
    unique = sorted({t for t in tokens if t})
    return _TokensToVector(Value(unique, output_field=ArrayField(models.TextField())))


class _WeightedVector(Func):
    template = "(%(expressions)s)::tsvector"
    output_field = SearchVectorField()


def weighted_tsvector(weights: Mapping[str, str]) -> Any:
    """As `tsvector`, each token with its weight A, B, C or D, so that `rank` tells a title from a body."""
    parts = ("'" + t.replace("\\", "\\\\").replace("'", "''") + f"':1{weight}" for t, weight in sorted(weights.items()))
    return _WeightedVector(Value(" ".join(parts), output_field=models.TextField()))


def rank(tokens: Iterable[str], field: str = "search") -> Any:
    """How well rows with a `weighted_tsvector` fit, as a whole number: the mean weight of the tokens found there."""
    fit = Func(F(field), RawQuery(tokens, any_of=True), function="ts_rank", output_field=models.FloatField())
    return Cast(fit * 10_000, models.IntegerField())


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
