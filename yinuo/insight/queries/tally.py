"""Counting many things in one statement."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, QuerySet, Sum, Value

from yinuo.insight.queries.slices import Cut, named

#: A median is taken over the newest so many.
MOST_PAIRS = 20_000
Tally = dict[str, Counter[str]]


def count(asked: Iterable[tuple[str, Cut, str]], *more: QuerySet[Any]) -> Tally:
    """Name → key → number of rows: of each cut, told apart by a dimension ("" for none). One statement."""
    parts = [named(cut.rows(), name, by, cut.slice.of) for name, cut, by in asked]
    counted = [part.annotate(n=Count("pk")).values_list("t_name", "t_key", "n") for part in (*parts, *more)]
    found: Tally = defaultdict(Counter)
    if counted:
        first, *rest = counted
        for name, key, n in first.union(*rest, all=True):
            found[name][key] = n
    return found


def sums(asked: Iterable[tuple[str, Cut]]) -> dict[str, Decimal]:
    """Name → the compensation agreed on over the matters of each cut. One statement."""
    total = Sum("complaint__agreed_total")
    parts = [named(cut.rows(), name, "", "matter").annotate(total=total) for name, cut in asked]
    first, *rest = (part.values_list("t_name", "total") for part in parts)
    return {name: Decimal(total or 0) for name, total in first.union(*rest, all=True)}


def spans(asked: Iterable[tuple[str, Cut, str, str]]) -> dict[str, list[tuple[datetime, datetime]]]:
    """Name → from when to when, for the newest rows of each cut between two of its moments. One statement."""
    parts = [
        cut.rows().order_by(f"-{end}", "-pk").annotate(t_name=Value(name), t_from=F(start), t_to=F(end))
        .values_list("t_name", "t_from", "t_to")[:MOST_PAIRS]
        for name, cut, start, end in asked
    ]  # fmt: skip
    found: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    first, *rest = parts
    for name, start, end in first.union(*rest, all=True):
        found[name].append((start, end))
    return found
