"""Calls done in groups: each gets its own answer or its own error, nothing is done twice, nobody is left waiting."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError

from yinuo.kernel.together import Together


class Held:
    """Doubles what it is given; the first group waits until it is let go."""

    def __init__(self, hold: bool = True) -> None:
        self.groups: list[list[int]] = []
        self.begun, self.go = threading.Event(), threading.Event()
        if not hold:
            self.go.set()

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.groups.append(list(items))
        self.begun.set()
        assert self.go.wait(10)
        if any(item < 0 for item in items):
            raise ValueError(min(items))
        return [item * 2 for item in items]


def sent(do: Held, together: Together[int, int], items: Sequence[int], pool: ThreadPoolExecutor):
    """The first is at work before the others come; all of these wait before it is let go."""
    first = pool.submit(together, items[0])
    assert do.begun.wait(10)
    rest = [pool.submit(together, item) for item in items[1:]]
    while len(together._waiting) < len(rest):
        threading.Event().wait(0.001)
    do.go.set()
    return [first, *rest]


def test_one_alone_waits_for_nobody() -> None:
    do = Held(hold=False)
    assert Together(do, 8)(21) == 42 and do.groups == [[21]]


def test_whoever_comes_while_one_is_at_work_is_the_next_group() -> None:
    do = Held()
    together = Together(do, 4)
    with ThreadPoolExecutor(7) as pool:
        answers = sent(do, together, range(7), pool)
        assert [answer.result(10) for answer in answers] == [0, 2, 4, 6, 8, 10, 12]
    assert [len(group) for group in do.groups] == [1, 4, 2]
    assert sorted(item for group in do.groups for item in group) == list(range(7))
    assert together(50) == 100, "the last one leaves the place free"


def test_an_error_belongs_to_whom_it_concerns() -> None:
    do = Held()
    together = Together(do, 8)
    with ThreadPoolExecutor(5) as pool:
        *good, bad = sent(do, together, [1, 2, 3, 4, -5], pool)
        assert [answer.result(10) for answer in good] == [2, 4, 6, 8]
        with pytest.raises(ValueError, match="-5"):
            bad.result(10)
    with pytest.raises(ValueError, match="-9"):
        together(-9)
    assert together(3) == 6


def test_many_at_once_each_get_their_own() -> None:
    done: list[int] = []

    def do(items: Sequence[int]) -> list[int]:
        done.extend(items)
        return [item * 2 for item in items]

    together: Together[int, int] = Together(do, 5)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(together, range(4000))) == [item * 2 for item in range(4000)]
    assert sorted(done) == list(range(4000))


def test_where_the_database_is_lost_nothing_is_done_again_as_it_may_have_been_committed() -> None:
    do = Held()
    together = Together(do, 8)
    lost = OperationalError("the connection is gone")
    original = do.__class__.__call__

    def losing(items: Sequence[int]) -> list[int]:
        found = original(do, items)
        if len(items) > 1:
            raise lost
        return found

    together._do = losing
    with ThreadPoolExecutor(4) as pool:
        first, *rest = sent(do, together, range(4), pool)
        assert first.result(10) == 0
        assert [answer.exception(10) for answer in rest] == [lost] * 3
    assert [len(group) for group in do.groups] == [1, 3], "nobody tries alone"
    assert together(3) == 6
