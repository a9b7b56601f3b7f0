"""Every list, under each of its filters: what one person asked for is not what the next one, later, is answered with.

Planned statements are compared with the ORM's in every test (`conftest.py`): it is enough to ask as two people of the
same kind at two moments.
"""

import base64
import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.test import Client

from tests.plans import CHIP
from yinuo.kernel import clock, planned

LISTS = ("/complaints/", "/matters/", "/inbox/", "/promises/", "/customers/", "/tasks/")


def chips(page: str) -> list[str]:
    """The first two choices of each filter, and each order."""
    found: dict[tuple[str, ...], list[str]] = {}
    for query in CHIP.findall(page):
        names = tuple(sorted(parse_qs(query.lstrip("?").replace("&amp;", "&"))))
        found.setdefault(names, []).append(query.replace("&amp;", "&"))
    return sorted(
        {query for names, queries in found.items() for query in (queries if "sort" in names else queries[1:3])}
    )


@pytest.fixture
def li(client_of: Any) -> Client:
    """Of the same desk and with the same role as wang."""
    made: Client = client_of("li")
    return made


def forget() -> None:
    planned._plans.clear()
    planned._compared.clear()


@pytest.mark.parametrize("path", LISTS)
def test_each_list_is_that_of_whoever_asks_when_they_ask(path: str, wang: Client, li: Client) -> None:
    asked = ["", *chips(wang.get(path).content.decode())]
    assert len(asked) > 3
    forget()
    for query in asked:
        assert wang.get(path + query).status_code == 200, query
        with clock.frozen(clock.now() - timedelta(days=400)):
            assert li.get(path + query).status_code == 200, query
    assert sum(p is not planned._UNPLANNED for p in planned._plans.values()) > 3


def test_my_day_is_that_of_whoever_asks_when_they_ask(wang: Client, li: Client) -> None:
    forget()
    assert wang.get("/").status_code == li.get("/").status_code == 200
    with clock.frozen(clock.now() - timedelta(days=400)):
        assert li.get("/").status_code == 200
    assert planned._UNPLANNED not in planned._plans.values()


FORGED = [
    ["", 5, 5], ["", True, True], ["", 1.5, 5], ["", "x", 5], ["", "a\x00b", 5], ["", "\ud800", 5],
    ["t", "2026-01-01T00:00:00", 5], ["n", "1", 5], ["n", "NaN", 5], ["n", "1e999999", 5], ["", 10**30, 10**30],
]  # fmt: skip


@pytest.mark.parametrize("path", ["/complaints/?", "/customers/?sort=name&"])
def test_a_place_in_another_list_or_a_forged_one_is_no_error(path: str, wang: Client) -> None:
    """What it says is either compared as what it is, or the list starts again."""
    for place in FORGED:
        text = base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")
        for side in ("after", "before"):
            assert wang.get(f"{path}{side}={text}").status_code == 200, (side, place)
