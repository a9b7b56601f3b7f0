"""What may be promised to a customer. What may not is among the wording rules; a next answer may be promised."""

from __future__ import annotations

from collections.abc import Sequence


def may_promise(next_replies: Sequence[str], always: Sequence[str]) -> list[str]:
    """The sentences that are safe: dated ones from promises already made, then the timeless ones."""
    return [*next_replies, *always]
