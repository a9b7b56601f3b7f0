"""What service standards ask of a complaint: the facts their conditions look at."""

from __future__ import annotations

from typing import Protocol

UNJUDGED = "unjudged"


class Judged(Protocol):
    channel: str
    severity: str
    complexity: str
    kind: str
    subkind: str


def for_standards(case: Judged) -> dict[str, str]:
    """A kind nobody has named yet is a value of its own, so that a standard may hold until somebody judges."""
    return {
        "channel": case.channel, "severity": case.severity, "complexity": case.complexity,
        "complaint_kind": case.kind or UNJUDGED, "complaint_subkind": case.subkind or UNJUDGED,
    }  # fmt: skip
