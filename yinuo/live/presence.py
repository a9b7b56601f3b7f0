"""Who has the same page open, so that two people do not do one thing twice.

Kept in memory by the gateway that holds the streams: it is about this moment only. With several gateways each knows of
its own pages.
"""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass

#: Seconds for which somebody who left still counts: a page that is loaded again or renews its stream is back by then.
GRACE = 2.0


@dataclass(frozen=True, slots=True)
class Somebody:
    """A member of staff at a page; `at` is the topic the page is about, "matter:7"."""

    at: str
    id: int
    name: str


class Presence:
    """One person with two tabs is there once, and gone with the last. `tell(at, message)` is called on every change."""

    def __init__(self, tell: Callable[[str, bytes], None]) -> None:
        self._tell = tell
        self._there: dict[str, Counter[Somebody]] = defaultdict(Counter)
        self._told: dict[str, bytes] = {}

    def come(self, who: Somebody) -> None:
        self._there[who.at][who] += 1
        self._changed(who.at)

    def leave(self, who: Somebody) -> None:
        asyncio.get_running_loop().call_later(GRACE, self._gone, who)

    def message(self, at: str) -> bytes:
        """One SSE event naming everybody at the page, in the order they came; it moves no cursor."""
        people = [{"id": who.id, "name": who.name} for who in self._there.get(at, ())]
        data = json.dumps({"at": at, "people": people}, ensure_ascii=False, separators=(",", ":"))
        return f"event: presence\ndata: {data}\n\n".encode()

    def _gone(self, who: Somebody) -> None:
        there = self._there[who.at]
        there[who] -= 1
        if there[who] <= 0:
            del there[who]
        self._changed(who.at)

    def _changed(self, at: str) -> None:
        said = self.message(at)
        if self._told.get(at) != said:
            self._told[at] = said
            self._tell(at, said)
        if not self._there[at]:
            del self._there[at], self._told[at]
