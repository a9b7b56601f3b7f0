"""Who may do what to whom: callback, review, and the three-step responsibility ladder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from yinuo.complaints.rules.choices import DisciplineStep

LADDER: tuple[DisciplineStep, ...] = (DisciplineStep.WARNING, DisciplineStep.PENALTY, DisciplineStep.DISMISSAL)


def may_call_back(caller_id: int | None, handler_ids: Iterable[int]) -> bool:
    """The customer is asked by someone who did not handle the case. A customer rating by link has no caller."""
    return caller_id is None or caller_id not in set(handler_ids)


def may_review(reviewer_id: int | None, handler_ids: Iterable[int]) -> bool:
    """Another person looks again: nobody reviews what they handled."""
    return reviewer_id is not None and reviewer_id not in set(handler_ids)


def proposed_step(decided_before: int) -> DisciplineStep:
    """First a warning, then a penalty, then dismissal is proposed. Only cases already decided count."""
    return LADDER[min(max(decided_before, 0), len(LADDER) - 1)]


@dataclass(frozen=True, slots=True)
class Scores:
    """What the customer said: satisfaction and the three kinds of fairness, each 1..5; None where nothing was said."""

    satisfaction: int
    outcome: int | None
    process: int | None
    treatment: int | None

    def wrong(self) -> list[str]:
        """The names of the scores that are out of range."""
        named = {
            "satisfaction": self.satisfaction,
            "outcome": self.outcome,
            "process": self.process,
            "treatment": self.treatment,
        }
        return [name for name, value in named.items() if value is not None and not 1 <= value <= 5]
