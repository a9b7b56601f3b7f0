"""`yinuo import-mail` as it is typed: how far it is, what was found, what became of it."""

import contextlib
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from django.db import connection

from yinuo import cli
from yinuo.channels.email.tests.samples import mail
from yinuo.conversations.models import Interaction
from yinuo.identity.commands import create_unit, seed_roles
from yinuo.kernel.actor import Actor, acting_as
from yinuo.operations import parts

START = Path(__file__).resolve().parents[2] / "bin" / "start.py"


@pytest.fixture
def folder(tmp_path):
    """An mbox of three mails and, beside it, one by itself."""
    found = tmp_path / "旧 邮件"
    found.mkdir()
    letters = [b"From a@b Sun Nov 22 10:00:00 2026\n" + mail(f"第{n}封") + b"\n" for n in range(3)]
    (found / "归档.mbox").write_bytes(b"".join(letters))
    (found / "单封.eml").write_bytes(mail("单封"))
    return found


@pytest.fixture
def company(transactional_db):
    with acting_as(Actor.system("test")):
        seed_roles()
        create_unit(name="客服中心", code="desk", kind="company", parent_id=None)
    yield
    with connection.cursor() as cursor:  # jobs are not among what is flushed between tests
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_periodic_defers, procrastinate_workers CASCADE")


def test_an_mbox_by_a_process_of_its_own(company, folder):
    here = urlsplit(os.environ["DATABASE_URL"])._replace(path="/" + quote(connection.settings_dict["NAME"])).geturl()
    done = subprocess.run(
        [sys.executable, "-P", str(START), "import-mail", str(folder / "归档.mbox")],
        env=os.environ | {"DATABASE_URL": here}, cwd="/", capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    said = done.stdout.splitlines()
    assert re.match(r"\d+% · 找到 1 封", said[0])
    assert said[-2:] == [
        "找到 3 封，新存入 3 封，以前已有 0 封",
        "入库 3 封，无需处理 0 封，未能解析 0 封（在“邮件队列”页可见）",
    ]
    assert set(Interaction.unscoped.values_list("text", flat=True)) == {"第0封", "第1封", "第2封"}


@pytest.mark.django_db
def test_a_folder_with_files_of_both_kinds(folder, monkeypatch, capsys):
    monkeypatch.setattr(parts, "django", contextlib.nullcontext)  # it is set up here already
    with acting_as(Actor.system("test")):
        create_unit(name="客服中心", code="desk", kind="company", parent_id=None)
    for given, made, known, became in ((folder, 4, 0, "入库 4 封"), (folder, 0, 4, "没有新邮件需要解析")):
        assert cli.main(["import-mail", str(given)]) == 0
        said = capsys.readouterr().out.splitlines()
        assert re.match(r"\d+% · 找到 1 封", said[0])
        assert said[-2] == f"找到 4 封，新存入 {made} 封，以前已有 {known} 封" and said[-1].startswith(became)
    assert Interaction.unscoped.filter(direction="in").count() == 4
