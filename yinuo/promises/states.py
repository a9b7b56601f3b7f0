"""The states of a promise and the moves between them. A broken promise may still be fulfilled, late."""

from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    OPEN = "open"
    PAUSED = "paused"
    KEPT = "kept"
    RENEWED = "renewed"
    WAIVED = "waived"
    BROKEN = "broken"


class Move(NamedTuple):
    frm: frozenset[State]
    to: State | None  # None: the state stays


_RUNNING = frozenset({State.OPEN, State.PAUSED})

# `keep` and `renew` of a broken promise note when it was fulfilled; that it was broken stays on record.
MOVES: dict[str, Move] = {
    "keep": Move(_RUNNING, State.KEPT),
    "renew": Move(_RUNNING, State.RENEWED),
    "keep_late": Move(frozenset({State.BROKEN}), None),
    "pause": Move(frozenset({State.OPEN}), State.PAUSED),
    "resume": Move(frozenset({State.PAUSED}), State.OPEN),
    "extend": Move(frozenset({State.OPEN}), None),
    "replan": Move(_RUNNING, None),
    "break": Move(frozenset({State.OPEN}), State.BROKEN),
    "waive": Move(_RUNNING | {State.BROKEN}, State.WAIVED),
}


def may(move: str, state: str) -> bool:
    return State(state) in MOVES[move].frm
