"""What is never written to a log."""

import io
import json
import logging
import os
import subprocess
import sys
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, connection
from django.test import Client
from django.utils.module_loading import import_string

from yinuo.identity.commands import create_staff, create_unit, seed_roles
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.discreet import Discreet, DiscreetJson, masked, referring_to


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


@pytest.mark.parametrize(("asked", "kind"), [("json", "DiscreetJson"), ("", "Discreet"), ("yes", "Discreet")])
def test_json_is_asked_for_by_name(asked, kind) -> None:
    code = "from yinuo import settings; print(settings.LOGGING['formatters']['line']['()'])"
    said = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"YINUO_LOG": asked}, capture_output=True, text=True, check=True
    )
    assert said.stdout == f"yinuo.kernel.discreet.{kind}\n"


def test_a_line_is_one_object_masked_in_every_part(monkeypatch) -> None:
    monkeypatch.setenv("YINUO_PART", "web")
    record = logging.LogRecord(
        "yinuo.mail", logging.WARNING, __file__, 1, "to %s\nDETAIL: (1, 王小明)", ("wang@example.cn",), None
    )
    record.fields = {"route": "call 13812345678", "ms": 12, "staff": 7, "nobody": None}
    try:
        raise ValueError("postgresql://yinuo:geheim@10.0.0.1/y")
    except ValueError:
        record.exc_info = sys.exc_info()
    with referring_to("0a1b2c3d4e5f"):
        line = DiscreetJson().format(record)
    assert "\n" not in line
    said = json.loads(line)
    assert datetime.fromisoformat(said.pop("at")).utcoffset() == timedelta(0)
    trace = said.pop("trace")
    assert "Traceback" in trace and "geheim" not in trace
    assert said == {
        "level": "WARNING", "part": "web", "logger": "yinuo.mail", "request": "0a1b2c3d4e5f",
        "message": "to w***@example.cn\nDETAIL: …", "route": "call 138****5678", "ms": 12, "staff": 7,
    }  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("asked", [True, False])
def test_every_request_is_a_line_with_a_number_for_whom(settings, caplog, client, asked) -> None:
    """Without being asked for, what went well is not worth a line."""
    settings.LOG_JSON = asked
    with acting_as(Actor.system("test")):
        seed_roles()
        unit = create_unit(name="总公司", code="hq", kind="company", parent_id=None)
        staff = create_staff(
            username="wang", name="王小明", password="desk-7788-x", unit_id=unit.pk, role_codes=["agent"]
        )
    client.force_login(staff)
    caplog.set_level(logging.INFO, "yinuo.web")
    assert client.get("/language/", headers={"x-request-id": "0a1b2c3d4e5f"}).status_code == 405
    assert client.get("/?q=13812345678").status_code == client.get("/healthz").status_code == 200
    lines = [record.fields for record in caplog.records if record.name == "yinuo.web"]
    assert [(line["route"], line["status"]) for line in lines] == [("language", 405), ("day", 200)][: 1 + asked]
    assert {line["staff"] for line in lines} == {staff.pk} and all(isinstance(line["ms"], int) for line in lines)
    assert "王小明" not in str(lines) and "wang" not in str(lines) and "138" not in str(lines)


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
