"""Calls that come while another is at work are done together by one thread, as a database commits in groups.

Nobody waits for company: who finds nobody at work begins at once, and whoever comes meanwhile is the next group.
"""

from collections import deque
from collections.abc import Callable, Sequence
from threading import Event, Lock
from typing import Generic, TypeVar

from django.db import InterfaceError, OperationalError

Item = TypeVar("Item")
Result = TypeVar("Result")


class _Turn(Generic[Item, Result]):
    """One caller: what it asks, whether it leads now, and what came out (nothing: it does its own alone)."""

    __slots__ = ("done", "item", "leads", "lost", "result", "woken")

    def __init__(self, item: Item, leads: bool) -> None:
        self.item, self.leads = item, leads
        self.woken = Event()
        self.done = False
        self.result: Result | None = None
        self.lost: Exception | None = None


class Together(Generic[Item, Result]):
    """`do` takes up to `most` items and gives as many results, in one transaction of its own: all of it or nothing.

    A group that fails is done again one by one, each in the thread of its caller, so that an error belongs to whom it
    concerns. Where the database is lost in the middle nobody knows whether it was committed: then everybody is told so.
    `do` must not depend on whose thread it runs in.
    """

    def __init__(self, do: Callable[[Sequence[Item]], Sequence[Result]], most: int) -> None:
        self._do, self._most = do, most
        self._lock = Lock()
        self._waiting: deque[_Turn[Item, Result]] = deque()
        self._led = False

    def __call__(self, item: Item) -> Result:
        with self._lock:
            turn: _Turn[Item, Result] = _Turn(item, leads=not self._led)
            self._led = True
            if not turn.leads:
                self._waiting.append(turn)
        if not turn.leads:
            turn.woken.wait()
        if turn.leads:
            self._lead(turn)
        if turn.lost is not None:
            raise turn.lost
        if turn.done:
            return turn.result  # type: ignore[return-value]
        return self._do([item])[0]

    def _lead(self, leader: _Turn[Item, Result]) -> None:
        group = [leader, *self._company()]
        try:
            results = self._do([turn.item for turn in group])
            for turn, result in zip(group, results, strict=True):
                turn.result, turn.done = result, True
        except (OperationalError, InterfaceError) as wrong:
            for turn in group:
                turn.lost = wrong
        except Exception:
            if len(group) == 1:
                raise  # else each finds out alone what was wrong with its own
        finally:
            self._hand_on()
            for turn in group[1:]:
                turn.woken.set()

    def _company(self) -> list[_Turn[Item, Result]]:
        with self._lock:
            return [self._waiting.popleft() for _n in range(min(len(self._waiting), self._most - 1))]

    def _hand_on(self) -> None:
        """The next who waits leads; with nobody there the next who comes."""
        with self._lock:
            following = self._waiting.popleft() if self._waiting else None
            self._led = following is not None
        if following is not None:
            following.leads = True
            following.woken.set()
