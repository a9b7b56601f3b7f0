"""What may be said to a customer. The handler never promises a resolution date; a next answer may be promised."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrase:
    """A forbidden shape, what is wrong with it, and what to say instead."""

    pattern: re.Pattern[str]
    why: str
    instead: str


@dataclass(frozen=True, slots=True)
class OverPromise:
    words: str
    start: int
    why: str
    instead: str


def over_promises(text: str, phrases: Iterable[Phrase]) -> list[OverPromise]:
    """Every place where the text promises what a handler may not, in order, each stretch once."""
    found = [OverPromise(m.group(0), m.start(), p.why, p.instead) for p in phrases for m in p.pattern.finditer(text)]
    kept: list[OverPromise] = []
    for one in sorted(found, key=lambda o: (o.start, -len(o.words))):
        if not kept or one.start >= kept[-1].start + len(kept[-1].words):
            kept.append(one)
    return kept


def may_promise(next_replies: Sequence[str], always: Sequence[str]) -> list[str]:
    """The sentences that are safe: dated ones from promises already made, then the timeless ones."""
    return [*next_replies, *always]
