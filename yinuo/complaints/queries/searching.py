"""Finding complaints by their words: the tokens they are found by, and similar past cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Any

from django.db import connection
from django.db.models import Case, F, FloatField, Value, When

from yinuo.complaints.models import Complaint
from yinuo.complaints.states import ENDED
from yinuo.kernel.search import RawQuery
from yinuo.kernel.text import grams

#: How many of the text's rarest grams choose the candidates, and how many candidates are weighed.
RAREST, CANDIDATES = 12, 1500
#: A gram in more than this part of all complaints says nothing about likeness.
COMMON = 0.02


def search_tokens(row: Complaint) -> list[str]:
    """Content, demand, product, batch and equipment."""
    return grams(" ".join([row.product, row.batch, row.equipment, row.content[:4000], row.demand[:1000]]))


@dataclass(frozen=True, slots=True)
class SimilarCase:
    """A past case and how it ended."""

    complaint: Complaint
    likeness: float
    shared: tuple[str, ...]


def similar_cases(
    text: str, *, exclude_id: int | None = None, limit: int = 5, ended_only: bool = True
) -> list[SimilarCase]:
    """The complaints most like `text` that the actor may see, best first. Two statements, whatever the table's size.

    The planner's own statistics tell which grams are rare; only those choose candidates, so a common word never
    makes this slow.
    """
    tokens = grams(text[:4000])
    if not tokens:
        return []
    weights = _rarest(tokens)
    if not weights:
        return []
    rows = Complaint.objects.filter(search=_any_of(list(weights)))
    if ended_only:
        rows = rows.filter(stage__in=[s.value for s in ENDED])
    if exclude_id:
        rows = rows.exclude(pk=exclude_id)
    chosen = rows.order_by("-pk").values("pk")[:CANDIDATES]
    found = (
        Complaint.unscoped.filter(pk__in=chosen)
        .annotate(likeness=_score(weights), tokens=F("search"))
        .select_related("matter__customer")
        .order_by("-in_library", "-likeness", "-pk")[: limit * 3]
    )
    whole = sum(weights.values())
    best = sorted(found, key=lambda r: (-_ranked(r), -r.pk))[:limit]
    return [SimilarCase(r, round(float(r.likeness) / whole, 3), _shared(weights, str(r.tokens))) for r in best]


def _ranked(row: Any) -> float:
    """A case put in the library on purpose counts a little more than its likeness."""
    return float(row.likeness) * (1.2 if row.in_library else 1.0)


def _shared(weights: dict[str, float], tokens: str) -> tuple[str, ...]:
    return tuple(t for t in weights if f"'{t}'" in tokens)


def _any_of(tokens: Sequence[str]) -> Any:
    first, *rest = [RawQuery([token]) for token in tokens]
    query: Any = first
    for one in rest:
        query = query | one
    return query


def _score(weights: dict[str, float]) -> Any:
    """The sum of the weights of the grams a row holds."""
    total: Any = Value(0.0, output_field=FloatField())
    for token, weight in weights.items():
        total = total + Case(
            When(search=RawQuery([token]), then=Value(weight)), default=Value(0.0), output_field=FloatField()
        )
    return total


def _rarest(tokens: list[str]) -> dict[str, float]:
    """The text's rarest grams with their weight (rarer weighs more), by what ANALYZE saw; unknown grams are rare."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.elem, e.freq FROM pg_stats s, "
            "unnest(s.most_common_elems::text::text[], s.most_common_elem_freqs) AS e(elem, freq) "
            "WHERE s.schemaname = current_schema() AND s.tablename = %s AND s.attname = 'search' AND e.elem = ANY(%s)",
            [Complaint._meta.db_table, tokens],
        )
        seen = {str(elem): float(freq) for elem, freq in cursor.fetchall()}
    by_rarity = sorted(tokens, key=lambda t: (seen.get(t, 0.0), tokens.index(t)))
    rare = [t for t in by_rarity if seen.get(t, 0.0) <= COMMON] or by_rarity[:3]
    known = [t for t in rare if t in seen]
    unknown = [t for t in rare if t not in seen]
    # unknown grams may occur nowhere at all: let known rare ones have half the places
    chosen = unknown[: max(RAREST // 2, RAREST - len(known))] + known[: max(RAREST // 2, RAREST - len(unknown))]
    return {t: log(1 / max(seen.get(t, 0.0005), 0.0005)) for t in chosen}
