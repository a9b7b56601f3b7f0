"""A company of the previous release comes over whole: restored by this version, upgraded, looked at by its people.

What it was made with, and how: tests/operations/upgrade/make.sh.
"""

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import psycopg
import pytest

from yinuo.operations import archive, restore
from yinuo.operations.testing import throw_away

HERE = Path(__file__).parent / "upgrade"
BACKUP = HERE / "previous.tar.xz"
#: Rows that are nobody's work: what the product keeps for itself may come and go.
ITS_OWN = ("django_", "procrastinate_", "kernel_")
WORK = ("customers_customer", "matters_matter", "complaints_complaint", "conversations_interaction", "promises_promise")
#: Parts of a page that answer nothing without being told what they are about.
WITHOUT_A_SUBJECT = {"/surveys/ask/", "/way/"}


@pytest.mark.slow
def test_a_company_of_the_previous_release_comes_over_whole(tmp_path, monkeypatch):
    """One test, as the restored company is what costs; `look.py` says what each part is."""
    with tarfile.open(BACKUP) as tar:
        manifest = json.load(tar.extractfile("manifest.json"))
    with throw_away() as url:
        monkeypatch.setenv("YINUO_HOME", str(tmp_path))
        monkeypatch.setenv("DATABASE_URL", url)
        restore.run(BACKUP)
        with psycopg.connect(url) as connection:
            before = archive.applied_migrations(connection)
        assert archive.known_migrations() - set(before), (
            "nothing to upgrade: make a backup of the release before this one"
        )
        found = look()
    kept = {table: counted[0] for table, counted in manifest["tables"].items() if not table.startswith(ITS_OWN)}
    lost = {table: count for table, count in kept.items() if found["rows"].get(table, -1) < count}
    assert lost == {}
    assert [found["rows"][table] for table in WORK] == [kept[table] for table in WORK]
    assert found["password"] == "kept-in-the-vault", "sealed with the key of before"
    assert found["clock"]["moved"] >= 1 and found["clock"]["told"] >= 1, "a promise wakes"
    assert found["wrong"] == {}, "the books agree"
    assert len(found["people"]) == 5, "people get in with the password of before"
    assert {status for status, _path in found["people"].values()} == {200}
    assert "/login/" not in {path for _status, path in found["people"].values()}
    pages = found["pages"]
    assert {path: answers for path, answers in pages.items() if max(answers) >= 500 or 401 in answers} == {}
    shut = {path for path, answers in pages.items() if answers[-1] in (403, 404)}
    assert shut <= WITHOUT_A_SUBJECT, "each page opens for the first of them who may"
    assert len([path for path in pages if path.startswith("/complaints/") and path.strip("/")[-1].isdigit()]) >= 10


def look() -> dict:
    environment = os.environ | {"PYTHONPATH": str(Path.cwd()), "DJANGO_SETTINGS_MODULE": "yinuo.settings"}
    done = subprocess.run(
        [sys.executable, str(HERE / "look.py")], env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])
