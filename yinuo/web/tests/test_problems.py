"""What went wrong, in a sentence, with what to do next and a number that the log knows and that names nobody."""

import io
import json
import logging

import pytest
from django.conf import settings as ours
from django.test import Client

from yinuo.kernel.discreet import Discreet
from yinuo.kernel.errors import TooMany
from yinuo.web import problems
from yinuo.web.pages import search

NUMBER = "0123456789abcdef"


@pytest.fixture
def lines():
    """What the product's own log would hold."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Discreet(ours.LOGGING["formatters"]["line"]["format"]))
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield lambda: stream.getvalue().splitlines()
    root.removeHandler(handler)
    root.setLevel(level)


def raising(wrong: Exception):
    def fails(*_given, **_named):
        raise wrong

    return fails


@pytest.mark.parametrize(
    ("status", "way"),
    [
        (403, {"path": "/settings/"}),
        (404, {"path": "/matters/123456789/"}),
        (404, {"path": "/nowhere/13812345678/"}),
        (405, {"path": "/logout/"}),
        (413, {"path": "/search/", "CONTENT_LENGTH": str(1 << 40)}),
        (429, {"path": "/search/", "wrong": TooMany("请稍等", retry_after=7)}),
        (500, {"path": "/search/?q=13812345678", "wrong": ZeroDivisionError("王小明")}),
        (404, {"path": "/p/c/nonsense/"}),
        (404, {"path": "/p/nowhere/"}),
    ],
)
def test_a_page_carries_the_number_the_log_has(company, sign_in, monkeypatch, lines, status, way):
    client = sign_in("stock", raise_request_exception=False)
    if "wrong" in way:
        monkeypatch.setattr(search, "render", raising(way.pop("wrong")))
    answer = client.get(headers={"X-Request-ID": NUMBER}, **way)
    page = answer.content.decode()
    assert (answer.status_code, answer["X-Request-ID"]) == (status, NUMBER)
    assert NUMBER in page and "Traceback" not in page and "ZeroDivision" not in page
    said = [line for line in lines() if f"[{NUMBER}] " in line]
    assert any(f"[{NUMBER}] {status} GET " in line for line in said)
    assert "13812345678" not in "".join(said)
    if status == 429:
        assert answer["Retry-After"] == "7"


def test_what_is_closed_says_who_opens_it(company, sign_in):
    assert "管理员" in sign_in("stock").get("/settings/").content.decode()
    assert 'action="/search/"' in sign_in("stock").get("/matters/123456789/").content.decode()
    stranger = Client(enforce_csrf_checks=True).post("/login/", {"username": "x"})
    assert stranger.status_code == 403 and "可以找" not in stranger.content.decode()


def test_a_part_of_a_page_says_it_in_a_toast_with_the_number(company, sign_in):
    headers = {"HX-Request": "true", "X-Request-ID": NUMBER}
    toast = json.loads(sign_in("stock").get("/settings/", headers=headers)["HX-Trigger"])["toast"]
    assert toast["number"] == NUMBER and toast["text"]


def test_a_broken_error_page_leaves_a_bare_one(company, sign_in, monkeypatch, lines):
    monkeypatch.setattr(search, "render", raising(ZeroDivisionError()))
    monkeypatch.setattr(problems, "render", raising(RuntimeError("no template")))
    answer = sign_in("agent", raise_request_exception=False).get("/search/", headers={"X-Request-ID": NUMBER})
    page = answer.content.decode()
    assert answer.status_code == 500 and NUMBER in page and "程序出了意外" in page
    assert "no template" not in page and any("could not be made" in line for line in lines())
