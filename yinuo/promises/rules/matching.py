"""Which standards apply to a case."""

from collections.abc import Iterable, Mapping
from typing import Any

from yinuo.promises.rules.standard import Sense, StandardSpec


def matches(conditions: Mapping[str, tuple[str, ...]], facts: Mapping[str, Any]) -> bool:
    """Whether every condition holds; a fact may be one value or several (a unit and those above it)."""
    return all(set(wanted) & _values(facts.get(key)) for key, wanted in conditions.items())


def applicable(specs: Iterable[StandardSpec], facts: Mapping[str, Any]) -> list[StandardSpec]:
    """One standard per obligation: the one with the most conditions; between equals the shorter."""
    best: dict[str, StandardSpec] = {}
    for spec in specs:
        if spec.sense is Sense.DEADLINE and matches(spec.conditions, facts):
            held = best.get(spec.obligation)
            if held is None or _rank(spec) > _rank(held):
                best[spec.obligation] = spec
    return list(best.values())


def _rank(spec: StandardSpec) -> tuple[int, float, str]:
    return (len(spec.conditions), -spec.span.length.total_seconds(), spec.key)


def _values(fact: Any) -> set[str]:
    if fact is None:
        return set()
    return {str(v) for v in fact} if isinstance(fact, (list, tuple, set, frozenset)) else {str(fact)}
