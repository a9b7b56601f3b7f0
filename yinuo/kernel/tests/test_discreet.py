"""What is never written to a log."""

import io
import logging

import pytest
from django.conf import settings
from django.db import IntegrityError, connection
from django.test import Client
from django.utils.module_loading import import_string

from yinuo.kernel.command import permit_writes
from yinuo.kernel.discreet import Discreet, masked


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("Internal Server Error: /p/c/WzEyMywxXQ.abc-_D/add/", "Internal Server Error: /p/c/…/add/"),
        ("/p/a/abc.def/?x=1", "/p/a/…/?x=1"),
        ("GET /live/events?ticket=abc.def&made=1", "GET /live/events?ticket=…&made=1"),
        ("/login/device/abc.def/", "/login/device/…/"),
        ("call 13812345678 now", "call 138****5678 now"),
        ("call +86 138 1234 5678,", "call 138****5678,"),
        ("from wang.xm@example.cn", "from w***@example.cn"),
        ("Authorization: Bearer yk_0a1b2c3d.SECRET_part", "Authorization: Bearer …"),
        ("key yk_0a1b2c3d.SECRET_part", "key yk_0a1b2c3d.…"),
        ("DETAIL:  Failing row contains (1, 王小明, 13812345678).", "DETAIL: …"),
        ("no server at postgresql://yinuo:geheim@10.0.0.1/y", "no server at postgresql://yinuo:…@10.0.0.1/y"),
        ("id 110101199003074477", "id …"),
    ],
)
def test_lines_are_masked(line, kept) -> None:
    assert masked(line) == kept


@pytest.mark.parametrize(
    "line",
    ["request 13d2493ca62793ff failed", "TS261122-000123", "took 1380013800138 ns", "2026-11-22 20:15:41,771 job 42 ended",
     "promise 1234567890 could not be announced", "uuid 0b138123-4567-8138-1234-567812345678"],
)  # fmt: skip
def test_what_helps_stays(line) -> None:
    assert masked(line) == line


def test_every_line_passes_through_it() -> None:
    formatter = settings.LOGGING["formatters"]["line"]
    assert import_string(formatter["()"]) is Discreet
    assert {h["formatter"] for h in settings.LOGGING["handlers"].values()} == {"line"}


@pytest.mark.django_db
def test_a_refused_row_is_not_quoted(monkeypatch) -> None:
    """As it happens: a page fails with an error of the database, and the error quotes the row."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(Discreet("%(message)s"))
    logging.getLogger("django.request").addHandler(handler)

    def fails(*_given, **_more):
        with permit_writes("test"), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO kernel_throttle (key, window_start, count) VALUES ('wang@example.cn 13812345678', now(), NULL)"
            )

    monkeypatch.setattr("yinuo.channels.portal.links.read_one", fails)
    try:
        client = Client(raise_request_exception=False)
        assert client.get("/p/c/a-secret-token/").status_code == 500
    finally:
        logging.getLogger("django.request").removeHandler(handler)
    written = out.getvalue()
    assert IntegrityError.__name__ in written and "Traceback" in written
    for secret in ("13812345678", "wang@", "a-secret-token"):
        assert secret not in written
