"""Who has the same page open hears of each other, and of nobody elsewhere."""

import json
from contextlib import contextmanager
from datetime import timedelta

import pytest

from yinuo.kernel import clock
from yinuo.kernel.tokens import sign
from yinuo.live import presence
from yinuo.live.tests.conftest import ORIGIN


@pytest.fixture(autouse=True)
def origin(settings, monkeypatch):
    settings.PUBLIC_URL = ORIGIN
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    monkeypatch.setattr(presence, "GRACE", 0.2)


@pytest.fixture
def visit(gateway):
    """visit(7, 1, "王芳"): the page of matter 7 in one tab; next(people) is who is there by then."""

    @contextmanager
    def opened(matter: int, staff: int, name: str, *, at: str = "", topics: tuple[str, ...] = ()):
        given = {"staff": staff, "name": name, "topics": [f"matter:{matter}", *topics], "at": at or f"matter:{matter}"}
        ticket = sign("live", given, clock.now() + timedelta(minutes=1))
        with gateway.client.stream("GET", "/live", params={"ticket": ticket}) as answer:
            assert answer.status_code == 200
            yield people(answer.iter_lines())

    return opened


def people(lines):
    told = False
    for line in lines:
        if line.startswith("event: "):
            told = line == "event: presence"
        elif line.startswith("data: ") and told:
            told = False
            yield [who["name"] for who in json.loads(line[6:])["people"]]


def until(heard, names) -> None:
    for _n in range(10):
        if next(heard) == names:
            return
    raise AssertionError(names)


def test_two_at_one_page_hear_of_each_other_and_of_the_leaving(visit):
    with visit(7, 1, "王芳") as wang, visit(8, 3, "别处") as elsewhere:
        until(wang, ["王芳"])
        until(elsewhere, ["别处"])
        with visit(7, 2, "李雷") as li:
            until(li, ["王芳", "李雷"])
            until(wang, ["王芳", "李雷"])
        until(wang, ["王芳"])


def test_a_second_tab_is_the_same_person_and_closing_it_is_no_leaving(visit):
    with visit(7, 1, "王芳") as wang:
        until(wang, ["王芳"])
        with visit(7, 1, "王芳") as again:
            assert next(again) == ["王芳"]
        with visit(7, 2, "李雷"):
            assert next(wang) == ["王芳", "李雷"], "nothing was told in between"


def test_nobody_is_there_where_they_may_not_listen(visit):
    with visit(7, 1, "王芳") as wang:
        until(wang, ["王芳"])
        with visit(9, 2, "李雷", at="matter:7", topics=()), visit(7, 3, "张三"):
            assert next(wang) == ["王芳", "张三"]
