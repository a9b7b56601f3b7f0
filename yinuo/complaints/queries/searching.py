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

#: At most, and at least, so many of the text's rarest grams choose the candidates; about so many rows are weighed.
RAREST, FEWEST, CANDIDATES = 12, 3, 2000
#: Grams the statistics do not know are rare or absent; absent ones cost next to nothing.
UNKNOWN = 24
#: The share of rows taken for a gram the statistics do not know.
UNSEEN = 0.0002
#: What a gram weighs that stands in every complaint: next to nothing, but never nothing at all.
LEAST = 0.01


def search_tokens(row: Complaint) -> list[str]:
    """Content, demand, product, batch and equipment."""
    return grams(_registered(row))


def found_by(row: Complaint) -> tuple[str, str, str]:
    """Texts by which the complaint's matter is found: the whole content, what `search_tokens` reads, and the telephone
    number left with this case.
    """
    return row.content, _registered(row), row.phone


def found_by_of(ids: Sequence[int]) -> dict[int, tuple[str, str, str]]:
    """`found_by` of these complaints, for the product itself. One statement."""
    return {row.pk: found_by(row) for row in Complaint.unscoped.filter(pk__in=ids).defer("search")}


def _registered(row: Complaint) -> str:
    return " ".join([row.product, row.batch, row.equipment, row.content[:4000], row.demand[:1000]])


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
    # ordered by the score alone: any other order tempts the planner away from the index of grams
    found = (
        rows.annotate(likeness=_score(weights), tokens=F("search"))
        .select_related("matter__customer")
        .defer("search", "matter__search", "matter__customer__search")
        .order_by("-likeness")[: limit * 3]
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
    """The text's rarest grams with their weight (rarer weighs more), by what ANALYZE saw; unknown grams are rare.

    Takes as many as together name about `CANDIDATES` rows, so the work has a bound whatever the text.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.elem, e.freq, c.reltuples FROM pg_class c JOIN pg_stats s ON s.tablename = c.relname, "
            "unnest(s.most_common_elems::text::text[], s.most_common_elem_freqs) AS e(elem, freq) "
            "WHERE c.oid = %s::regclass AND s.schemaname = current_schema() AND s.attname = 'search' "
            "AND e.elem = ANY(%s)",
            [Complaint._meta.db_table, tokens],
        )
        found = cursor.fetchall()
    seen = {str(elem): float(freq) for elem, freq, _rows in found}
    rows = max(float(found[0][2]), 1.0) if found else 1.0
    unknown = [t for t in tokens if t not in seen][:UNKNOWN]
    chosen, expected = list(unknown), len(unknown) * rows * UNSEEN
    for token in sorted(seen, key=lambda t: seen[t]):
        too_many = expected + seen[token] * rows > CANDIDATES and len(chosen) >= FEWEST
        if too_many or len(chosen) - len(unknown) >= RAREST:
            break
        chosen.append(token)
        expected += seen[token] * rows
    return {t: max(log(1 / max(seen.get(t, UNSEEN), UNSEEN)), LEAST) for t in chosen}
