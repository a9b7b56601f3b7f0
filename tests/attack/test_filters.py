"""Every page and API list is asked with its own parameters, holding what no chip of it would ever write.

For long: `python -m tests.attack filters --examples 20000`. What failed once stands in FOUND.
"""

import base64
import os
import re
import time
from functools import cache
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import yinuo
from tests.attack.seeds import COMMON, TOKENS
from tests.fences.test_attacks import almighty, browser  # noqa: F401 a fixture
from yinuo.api.urls import api
from yinuo.identity.commands import create_api_key
from yinuo.identity.grants import GRANT_CODES
from yinuo.kernel.actor import acting_as

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("YINUO_ATTACK_EXAMPLES", "0"))
#: Neither of these is a list, or one call changes what the next one meets.
NOT_LISTS = ("/login", "/logout", "/p/", "/api/docs", "/static", "/health", "/metrics")
FOUND = (  # an infinite count of uses, and moments in an offset no database takes
    "/knowledge/?sort=used&after=WyIiLCBJbmZpbml0eSwgNV0",
    "/knowledge/?after=WyJ0IiwgIjk5OTktMTItMzFUMjM6NTk6NTktMjM6NTkiLCA1XQ",
    "/knowledge/?before=WyJ0IiwgIjAwMDEtMDEtMDFUMDA6MDA6MDArMjM6NTkiLCA1XQ",
    "/knowledge/?after=WyJ0IiwgIjIwMjYtMDEtMDFUMDA6MDA6MDArMTY6MDAiLCA1XQ",
)
SECONDS = 5.0


@cache
def parameters() -> tuple[str, ...]:
    """The names under which pages read their address, as the source has them."""
    named = re.findall(r'(?:GET|params)(?:\.get\(|\.getlist\(|\[)"(\w+)"|\bFilter\(\s*"(\w+)"', source())
    often = ("after", "before", "sort")
    return (*sorted({one or other for one, other in named} | {"q", "tab"}), *often, *often, *often)


@cache
def source() -> str:
    return "\n".join(p.read_text("utf-8") for p in (Path(yinuo.__file__).parent / "web").rglob("*.py"))


@cache
def pages() -> tuple[str, ...]:
    found = []

    def walk(patterns, before="/") -> None:
        for one in patterns:
            route = before + str(one.pattern)
            if hasattr(one, "url_patterns"):
                walk(one.url_patterns, route)
            elif not re.search(r"[<(^$\\]", route) and not route.startswith(NOT_LISTS):
                found.append(route)

    walk(get_resolver().url_patterns)
    return tuple(sorted(set(found)))


@cache
def operations() -> dict[str, tuple[str, ...]]:
    """The API's lists and what they may be asked."""
    return {
        path: tuple(p["name"] for p in ways["get"].get("parameters", ()) if p["in"] == "query")
        for path, ways in api.get_openapi_schema()["paths"].items() if "get" in ways and "{" not in path
    }  # fmt: skip


ODD = st.sampled_from((*COMMON, *TOKENS["dates"], *TOKENS["numbers"], *TOKENS["cursors"], *TOKENS["addresses"]))
VALUES = st.lists(ODD | st.binary(max_size=6), min_size=1, max_size=3).map(b"".join)
#: What a cursor may claim that the list is sorted by: JSON knows numbers no column does.
CLAIMS = ("1e999", "-1e999", "NaN", "1.5", "9" * 40, "true", '"\\ud800"', '"x"', "null", "[]", '"2026-01-01"', '"9999-12-31"',
          '"0001-01-01T00:00:00+23:59"', '"9999-12-31T23:59:59-23:59"', '"2026-01-01T00:00:00Z"', '"1e29"', '"sNaN"')  # fmt: skip


@st.composite
def places(draw: st.DrawFn) -> bytes:
    """A cursor as ours are written, with something else in it."""
    kind, claim = draw(st.sampled_from(("t", "d", "n", "", "x"))), draw(st.sampled_from(CLAIMS))
    pk = draw(st.sampled_from(("5", "0", "-1", "9" * 25, "null", "1.5", '"x"')) | st.just("5"))
    said = draw(st.sampled_from((f'["{kind}", {claim}, {pk}]', f"[{claim}, {pk}]", f"[{pk}]")))
    return base64.urlsafe_b64encode(said.encode()).rstrip(b"=")


def value_of(name: str) -> st.SearchStrategy[bytes]:
    if name in ("after", "before", "cursor"):
        return places() | places() | VALUES
    return st.sampled_from(sorts()) | VALUES if name == "sort" else VALUES


@cache
def sorts() -> tuple[bytes, ...]:
    return tuple(sorted({name.encode() for name in re.findall(r'\bSort\("([^"]+)"', source())}))


@st.composite
def questions(draw: st.DrawFn) -> str:
    lists = operations()
    path = draw(st.sampled_from(pages()) | st.sampled_from(sorted(lists)))
    names = lists.get(path) or parameters()
    asked = [(name, draw(value_of(name))) for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=4))]
    return f"{path}?" + "&".join(f"{quote(name)}={quote_plus(value)}" for name, value in asked)


@pytest.fixture
def ask(almighty):  # noqa: F811
    client = browser(almighty, raise_request_exception=False)
    with acting_as(almighty.system):
        secret = create_api_key(name="x", staff_id=almighty.almighty.pk, grants=GRANT_CODES)["secret"]

    def asked(address: str) -> None:
        began = time.process_time()
        with transaction.atomic():
            headers = {"Authorization": f"Bearer {secret}"} if address.startswith("/api/") else {}
            answer = (Client(raise_request_exception=False) if headers else client).get(address, headers=headers)
            transaction.set_rollback(True)
        assert answer.status_code < 500, address
        assert time.process_time() - began < SECONDS, address

    return asked


def test_no_question_breaks_a_list(ask) -> None:
    assert len(pages()) > 60 and len(operations()) > 15 and len(parameters()) > 20

    @settings(
        max_examples=EXAMPLES or 100, derandomize=not EXAMPLES, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(address=questions())
    def tried(address: str) -> None:
        ask(address)

    tried()


@pytest.mark.parametrize("address", FOUND)
def test_what_broke_one_does_so_no_more(address, ask) -> None:
    ask(address)
