"""From the answers of one person to what is counted: one score, the marks of each question, the gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yinuo.surveys.rules.questions import DIMENSIONS, SCALES, Question

#: Marks that are worked out, not given: the mean of a dimension, and perception less expectation.
MEAN, GAP, EXPECTED, FOUND = "mean:", "gap:", "expectation:", "perception:"
SCORE = "score"


@dataclass(frozen=True, slots=True)
class Mark:
    """One countable thing of an answer: a number for a scale, an option for a choice."""

    key: str
    number: float | None = None
    option: str = ""


def gaps(asked: Sequence[Question], values: Mapping[str, Any]) -> dict[str, tuple[float, float, float]]:
    """By dimension: what was expected, what was found, and the gap (found less expected)."""
    found: dict[str, tuple[float, float, float]] = {}
    for part in DIMENSIONS:
        sides = {side: _mean(asked, values, part, side) for side in ("expectation", "perception")}
        expected, perceived = sides["expectation"], sides["perception"]
        if expected is not None and perceived is not None:
            found[part] = (expected, perceived, perceived - expected)
    return found


def _mean(asked: Sequence[Question], values: Mapping[str, Any], part: str, side: str = "") -> float | None:
    given = [
        values[q.key] for q in asked if q.type == "scale" and q.part == part and q.side == side and q.key in values
    ]
    return sum(given) / len(given) if given else None


def score(kind: str, asked: Sequence[Question], values: Mapping[str, Any]) -> float | None:
    """The one number of an answer: the first question (CSAT, NPS, CES), the mean gap (SERVQUAL), else the mean of the
    scales.
    """
    if kind in SCALES:
        value = values.get(asked[0].key)
        return None if value is None else float(value)
    if kind == "servqual":
        found = [gap for _e, _p, gap in gaps(asked, values).values()]
        return sum(found) / len(found) if found else None
    given = [values[q.key] for q in asked if q.type == "scale" and q.key in values]
    return sum(given) / len(given) if given else None


def marks(kind: str, asked: Sequence[Question], values: Mapping[str, Any]) -> list[Mark]:
    """Everything of an answer that is counted."""
    made: list[Mark] = []
    for q in asked:
        if q.key not in values:
            continue
        if q.type == "scale":
            made.append(Mark(q.key, float(values[q.key])))
        elif q.type == "choice":
            made.append(Mark(q.key, option=values[q.key]))
        elif q.type == "many":
            made += [Mark(q.key, option=option) for option in values[q.key]]
    if kind == "servqual":
        for part, (expected, found, gap) in gaps(asked, values).items():
            made += [Mark(EXPECTED + part, expected), Mark(FOUND + part, found), Mark(GAP + part, gap)]
    elif kind == "fairness":
        parts = dict.fromkeys(q.part for q in asked if q.type == "scale" and q.part)
        made += [Mark(MEAN + part, mean) for part in parts if (mean := _mean(asked, values, part)) is not None]
    total = score(kind, asked, values)
    return [*made, Mark(SCORE, total)] if total is not None else made


def comment(asked: Sequence[Question], values: Mapping[str, Any]) -> str:
    """What the person wrote, all of it."""
    return "\n".join(str(values[q.key]) for q in asked if q.type == "text" and q.key in values)
