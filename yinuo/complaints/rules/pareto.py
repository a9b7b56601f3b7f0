"""Pareto: the few reasons that make most of the complaints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Share:
    key: str
    count: int
    share: float
    running: float
    vital: bool


def pareto(counts: Iterable[tuple[str, int]], line: float = 0.8) -> list[Share]:
    """Sorted by count; `vital` marks the smallest head that reaches the line."""
    rows: Sequence[tuple[str, int]] = sorted((c for c in counts if c[1] > 0), key=lambda c: (-c[1], c[0]))
    whole = sum(n for _key, n in rows)
    shares: list[Share] = []
    seen = 0
    for key, n in rows:
        vital = seen < line * whole
        seen += n
        shares.append(Share(key, n, n / whole, seen / whole, vital))
    return shares
