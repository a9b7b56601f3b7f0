"""What the doctor says of the ground: disk, database, versions, backups, and of work that nobody does."""

import contextlib
import json
import time
from collections import namedtuple
from datetime import timedelta

import pytest
from django.db import connection

from yinuo.complaints.tests.conftest import build
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.guard import permit_writes
from yinuo.matters.commands import open_matter
from yinuo.operations import certificates, doctor, ground, versions, work
from yinuo.operations.finding import BAD, GOOD, WARNING, Finding
from yinuo.operations.words import Trouble
from yinuo.promises.commands import make_personal_promise

Usage = namedtuple("Usage", "total used free")


def only(found: list[Finding]) -> Finding:
    (one,) = found
    assert bool(one.advice) == (one.level != GOOD)
    return one


@pytest.mark.parametrize(
    ("total", "free", "level"),
    [(100e9, 50e9, GOOD), (100e9, 4.9e9, WARNING), (20e9, 1.9e9, WARNING), (20e9, 0.4e9, BAD), (0.45e9, 0.44e9, BAD)],
)
def test_a_disk_that_fills(monkeypatch, tmp_path, total, free, level):
    monkeypatch.setenv("YINUO_HOME", str(tmp_path))
    monkeypatch.setattr(ground.shutil, "disk_usage", lambda _place: Usage(total, total - free, free))
    assert only(ground.disk()).level == level


LOCK = """django==5.2.19 \\
    --hash=sha256:00
psycopg[binary]==3.2.1 ; python_version >= "3.11" \\
    --hash=sha256:11
    # via -r requirements.in
uvicorn==0.30.0
"""


@pytest.mark.parametrize(
    ("has", "other"),
    [
        ({"django": "5.2.19", "psycopg": "3.2.1", "uvicorn": "0.30.0"}, []),
        ({"django": "5.2.18", "psycopg": "3.2.1", "uvicorn": "0.30.0"}, ["django"]),
        ({"django": "5.2.19", "uvicorn": "0.30.1"}, ["psycopg", "uvicorn"]),
    ],
)
def test_libraries_of_another_version(has, other):
    assert versions.strangers(LOCK, lambda name: has.get(name, "")) == other


@pytest.mark.django_db
@pytest.mark.parametrize(("other", "level"), [([], GOOD), (["a", "b", "c", "d"], WARNING)])
def test_what_runs_is_what_was_locked(monkeypatch, other, level):
    monkeypatch.setattr(versions, "strangers", lambda _lock: other)
    found = only(versions.look())
    assert found.level == level and "0.1.0" in found.words
    assert not other or "4 个依赖不是锁定的版本：a、b、c……" in found.words


@pytest.mark.django_db
@pytest.mark.parametrize(("app", "level"), [("kernel", BAD), ("a_trade_to_come", BAD), ("auth", None)])
def test_a_database_a_newer_version_has_been_at(app, level):
    with permit_writes("test"), connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES (%s, '9999_later', now())", [app])
    found = versions.database()
    assert [one.level for one in found] == ([level] if level else [])
    assert not level or f"{app}.9999_later" in only(found).words


@pytest.mark.django_db
def test_a_step_that_waits():
    with permit_writes("test"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'webhook' AND name = '0004_waiting'")
    assert only(ground.schema()).level == BAD


@pytest.mark.django_db
def test_a_database_that_is_too_old_or_forgets(monkeypatch):
    assert only(ground.database("x")).level in (GOOD, WARNING)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
    assert only(ground.database("x")).level == WARNING
    monkeypatch.setattr(ground, "OLDEST", 99)
    assert only(ground.database("x")).level == BAD


@pytest.mark.parametrize(
    ("hours", "level", "said"), [(None, WARNING, "还没有"), (1, GOOD, "1 小时前"), (48, WARNING, "2 天前")]
)
def test_backups(settings, tmp_path, hours, level, said):
    settings.HOME = tmp_path
    if hours is not None:
        (tmp_path / "backup.json").write_text(json.dumps({"made": time.time() - hours * 3600}))
    found = only(ground.backups())
    assert found.level == level and said in found.words
    (tmp_path / "backup.json").write_text('{"made": ')
    assert only(ground.backups()).level == WARNING


@pytest.mark.django_db
def test_promises_nobody_announces():
    firm = build()
    with acting_as(firm.system):
        matter = open_matter(
            kind="enquiry", title="x", customer=firm.customer, state="open", conversation=None,
            owner_id=firm.staff["wang"].pk, unit_id=firm.units["desk"].pk,
        )  # fmt: skip
    with acting_as(firm.wang):
        make_personal_promise(matter_id=matter.pk, title="x", due_at=clock.now() + timedelta(hours=3))
    with acting_as(Actor.system("test")):
        assert only(work.promise_clock()).level == GOOD
        with clock.frozen(clock.now() + timedelta(days=1)):
            found = only(work.promise_clock())
    assert found.level == BAD and "yinuo clock" in found.advice


def test_one_fault_is_an_exit_code_and_a_line_with_what_to_do(monkeypatch, capsys):
    """As it is run: every finding on a line, what to do below, and a sentence at the end."""
    bad = Finding("磁盘", BAD, "满了", "清理")
    monkeypatch.setattr(ground, "disk", lambda: [bad, Finding("时钟", GOOD, "准")])
    monkeypatch.setattr(doctor, "django", contextlib.nullcontext)
    for room, name in ((doctor, "examine"), (ground, "papers"), (certificates, "look")):
        monkeypatch.setattr(room, name, lambda *_given: [])
    with pytest.raises(Trouble, match="发现 1 处故障"):
        doctor.run()
    assert capsys.readouterr().out == "[故障] 磁盘：满了\n        → 清理\n[正常] 时钟：准\n"
    monkeypatch.setattr(ground, "disk", list)
    doctor.run()
    assert capsys.readouterr().out == "没有发现故障。\n"
