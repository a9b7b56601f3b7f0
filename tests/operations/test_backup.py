"""A backup is only worth what its restore proves."""

import bz2
import contextlib
import gzip
import io
import json
import lzma
import random
import shutil
import tarfile
import tempfile
import time
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from yinuo.operations import archive, backup, keyfile, restore
from yinuo.operations.database import database, prepare_home
from yinuo.operations.testing import throw_away
from yinuo.operations.words import Trouble

SYSTEM = sorted(Path("/usr/lib/postgresql").glob("1[5-9]/bin"))
SCHEMA = """
CREATE TYPE kind AS ENUM ('a', 'b');
CREATE TABLE kept (id bigserial PRIMARY KEY, word text, at timestamptz DEFAULT now(), amount numeric, kind kind, data jsonb);
CREATE TABLE child (id int PRIMARY KEY, kept_id bigint REFERENCES kept, search tsvector);
CREATE TABLE log (id serial PRIMARY KEY, line text);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
RAISE EXCEPTION 'append only';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON log FOR EACH ROW EXECUTE FUNCTION refuse();
INSERT INTO kept (word, amount, kind, data) SELECT '承诺' || n || E'\\n\\\\.\\nSET transaction_timeout = 0;', n / 3.0, 'b',
  jsonb_build_object('n', n) FROM generate_series(1, 500) n;
INSERT INTO child SELECT id, id, to_tsvector('simple', '退款 发票') FROM kept;
INSERT INTO log (line) VALUES ('first');
"""


def fill(url: str, place: Path) -> dict:
    with psycopg.connect(url) as connection:
        connection.execute(SCHEMA)
        found = archive.fingerprints(connection)
    for name, content in {"ab/cd": b"\0\1" * 9999, "ab/照片 一.jpg": b"jpg", "empty": b""}.items():
        (place / "files" / name).parent.mkdir(parents=True, exist_ok=True)
        (place / "files" / name).write_bytes(content)
    (place / "secret.key").write_text("key")
    return found


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """Move to a second, empty installation."""

    def go() -> Path:
        monkeypatch.setenv("YINUO_HOME", str(tmp_path / "另一台 机器"))
        return prepare_home()

    return go


def contents(place: Path) -> dict[str, str]:
    return {str(p.relative_to(place)): archive.sha256(p) for p in archive.files_below(place / "files")}


@pytest.mark.parametrize("target", ["embedded", *[str(path) for path in SYSTEM]])
def test_what_is_restored_is_what_was_backed_up(place, tmp_path, elsewhere, monkeypatch, capsys, target):
    with database() as url:
        before = fill(url, place)
        backup.run(tmp_path / "a.tar")
    files, key = contents(place), tmp_path / "a.tar.key"
    assert key.read_text() == "key" and key.stat().st_mode & 0o777 == 0o600
    with tarfile.open(tmp_path / "a.tar") as tar:
        assert "secret.key" not in tar.getnames()
    assert b"secret.key" not in (tmp_path / "a.tar").read_bytes()
    other = elsewhere()
    with contextlib.ExitStack() as stack:
        if target != "embedded":
            monkeypatch.setenv("DATABASE_URL", stack.enter_context(throw_away(Path(target))))
        restore.run(tmp_path / "a.tar")
        with database() as url, psycopg.connect(url) as connection:
            assert archive.fingerprints(connection) == before
            with pytest.raises(psycopg.errors.RaiseException, match="append only"):
                connection.execute("DELETE FROM log")
    assert contents(other) == files
    assert (other / "secret.key").read_text() == "key" and (other / "secret.key").stat().st_mode & 0o777 == 0o600
    said = capsys.readouterr().out
    assert "3 张表，1001 行，3 个附件" in said and f"另存为 {key}" in said


def test_work_goes_on_meanwhile_and_the_backup_is_of_one_moment(place, tmp_path, elsewhere, monkeypatch):
    """Between the rows being counted and being dumped somebody writes: neither half of it is in the backup."""
    with database() as url:
        before = fill(url, place)
        counting = archive.fingerprints

        def counted_then_written(connection):
            found = counting(connection)
            with psycopg.connect(url) as somebody:
                somebody.execute("INSERT INTO kept (word) VALUES ('meanwhile')")
                somebody.execute("UPDATE child SET kept_id = (SELECT max(id) FROM kept)")
            return found

        monkeypatch.setattr(backup, "fingerprints", counted_then_written)
        backup.run(tmp_path / "a.tar")
        with psycopg.connect(url) as connection:
            assert counting(connection) != before, "the installation has gone on"
    elsewhere()
    restore.run(tmp_path / "a.tar")
    with database() as url, psycopg.connect(url) as connection:
        assert archive.fingerprints(connection) == before


@pytest.mark.parametrize("source", [str(path) for path in SYSTEM])
def test_a_server_of_ones_own_is_backed_up_too(place, tmp_path, elsewhere, monkeypatch, source):
    with throw_away(Path(source)) as url:
        monkeypatch.setenv("DATABASE_URL", url)
        before = fill(url, place)
        backup.run(tmp_path / "a.tar")
    monkeypatch.delenv("DATABASE_URL")
    elsewhere()
    restore.run(tmp_path / "a.tar")
    with database() as url, psycopg.connect(url) as connection:
        assert archive.fingerprints(connection) == before


def test_one_changed_row_changes_the_fingerprint(place):
    with database() as url, psycopg.connect(url) as connection:
        connection.execute(SCHEMA)
        before = archive.fingerprints(connection)
        connection.execute("UPDATE kept SET amount = amount + 0.001 WHERE id = 7")
        after = archive.fingerprints(connection)
    assert before["kept"][0] == after["kept"][0]
    assert before["kept"] != after["kept"]


def test_damage_is_found_before_anything_is_touched(place, tmp_path, elsewhere):
    with database() as url:
        fill(url, place)
        backup.run(tmp_path / "a.tar")
    other = elsewhere()
    whole = (tmp_path / "a.tar").read_bytes()
    unpacked = tmp_path / "unpacked"
    with tarfile.open(tmp_path / "a.tar") as tar:
        tar.extractall(unpacked, filter="data")
    (unpacked / "files" / "ab" / "cd").write_bytes(b"other")
    with tarfile.open(tmp_path / "changed.tar", "w") as tar:
        tar.add(unpacked, ".")
    (tmp_path / "cut.tar").write_bytes(whole[: len(whole) // 3])
    (tmp_path / "other.tar").write_bytes(b"this is no backup")
    for name in ("changed.tar", "cut.tar", "other.tar"):
        with pytest.raises(Trouble, match="不是完整的一诺备份"):
            restore.run(tmp_path / name)
    assert not any((other / "files").iterdir())
    with database() as url, psycopg.connect(url) as connection:
        assert archive.fingerprints(connection) == {}


@pytest.fixture
def small(place, tmp_path, monkeypatch) -> Path:
    """A whole backup of a few kilobytes, without a server: its dump is some bytes."""

    def dump(target: Path, _url: str) -> tuple[dict[str, list], list[str]]:
        target.write_bytes(b"PGDMP" + bytes(range(256)) * 4)
        return {"kept": [1, "7"]}, ["kernel.0001_initial"]

    monkeypatch.setattr(backup, "_dump", dump)
    monkeypatch.setattr(backup, "_files_kept", lambda _url: contextlib.nullcontext())
    (place / "files" / "ab").mkdir()
    (place / "files" / "ab" / "cd").write_bytes(b"\0\1" * 600)
    backup.write(tmp_path / "a.tar", "")
    return tmp_path / "a.tar"


def unpacked(source: Path) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        manifest = restore._unpack(source, Path(folder))
        return {name: (Path(folder) / name).read_bytes() for name in ("database.dump", *manifest["files"])} | {
            "manifest": json.dumps(manifest).encode()
        }


@pytest.mark.parametrize("packed", ["", "xz", "gz", "bz2"])
def test_cut_or_changed_anywhere_it_is_whole_or_refused(small, tmp_path, packed):
    """Nothing in between, and no traceback: also as somebody packed it afterwards."""
    whole = small.read_bytes()
    body = {"": bytes, "xz": lzma.compress, "gz": gzip.compress, "bz2": bz2.compress}[packed](whole)
    before, other = unpacked(small), tmp_path / "b.tar"
    other.write_bytes(body)
    assert unpacked(other) == before
    chance = random.Random(packed)
    tried = [body[:cut] for cut in sorted(chance.sample(range(len(body) - (1024 if not packed else 0)), 25))]
    for at in chance.sample(range(len(body)), 60):
        tried.append(body[:at] + bytes([body[at] ^ (1 << chance.randrange(8))]) + body[at + 1 :])
    refused = 0
    for wrong in tried:
        other.write_bytes(wrong)
        try:
            assert unpacked(other) == before
        except Trouble as trouble:
            refused += 1
            assert "不是完整的一诺备份" in str(trouble)
    assert refused > 25


def again(source: Path, target: Path, change) -> Path:
    """The same backup with another manifest, as another version or somebody with intent would write it."""
    with tempfile.TemporaryDirectory() as folder, tarfile.open(source) as tar:
        tar.extractall(folder, filter="data")
        note = Path(folder) / "manifest.json"
        note.write_text(json.dumps(change(json.loads(note.read_text()))))
        (Path(folder) / "manifest.sha256").write_text(archive.sha256(note))
        with tarfile.open(target, "w") as out:
            out.add(folder, ".")
    return target


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m | {"format": archive.FORMAT + 1, "dump": None},
        lambda m: m | {"migrations": [*m["migrations"], "kernel.9999_of_the_future"]},
        lambda m: m | {"migrations": ["a_trade_to_come.0001_initial"]},
    ],
)
def test_a_backup_of_a_newer_version_is_refused_before_anything_is_touched(small, tmp_path, change):
    with pytest.raises(Trouble, match="由更新的版本创建，请先升级一诺"):
        unpacked(again(small, tmp_path / "b.tar", change))


@pytest.mark.parametrize(
    "change",
    [
        lambda m: [m],
        lambda m: "yinuo",
        lambda m: {},
        lambda m: m | {"files": ["ab/cd"]},
        lambda m: m | {"tables": {"kept": 1}},
        lambda m: m | {"files": {"../../../etc/hostname": archive.sha256(Path("/etc/hostname"))}},
        lambda m: m | {"files": {"manifest.json": archive.sha256(Path("/etc/hostname"))}},
        lambda m: m | {"files": {"x" * 5000: "0"}},
    ],
)
def test_a_manifest_that_is_none_of_ours_is_refused(small, tmp_path, change):
    with pytest.raises(Trouble, match="不是完整的一诺备份"):
        unpacked(again(small, tmp_path / "b.tar", change))


def test_an_older_backup_names_no_steps_and_is_taken(small, tmp_path):
    older = again(small, tmp_path / "b.tar", lambda m: {k: v for k, v in m.items() if k != "migrations"})
    assert unpacked(older)["database.dump"].startswith(b"PGDMP")


def test_the_steps_a_backup_names_are_those_django_knows():
    """Read from the files for a restore, which has no Django; so no app may be called otherwise than its folder."""
    from django.db.migrations.loader import MigrationLoader

    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations if app not in archive.OTHERS}
    assert archive.known_migrations() == known and len(known) > 50


@pytest.mark.django_db
def test_the_steps_are_read_from_the_database():
    connection.ensure_connection()
    found = set(archive.applied_migrations(connection.connection))
    assert "kernel.0001_initial" in found and found <= archive.known_migrations()


def test_when_the_last_one_was_made_is_noted(small, place, settings):
    from yinuo.web.pages.metrics import last_backup

    backup._note()
    settings.HOME = place
    assert 0 <= time.time() - last_backup() < 60


def test_a_file_that_wants_to_leave_the_folder_is_refused(place, tmp_path):
    with tarfile.open(tmp_path / "evil.tar", "w") as tar:
        for name, content in (("../escaped", b"x"), ("manifest.json", json.dumps({"format": 1}).encode())):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    with pytest.raises(Trouble, match="不是完整的一诺备份"):
        restore.run(tmp_path / "evil.tar")
    assert not (place / "escaped").exists()


def test_nothing_is_restored_over_data(place, tmp_path):
    with database() as url:
        fill(url, place)
        backup.run(tmp_path / "a.tar")
        with pytest.raises(Trouble, match="已经有附件"):
            restore.run(tmp_path / "a.tar")
        shutil.rmtree(place / "files")
        with pytest.raises(Trouble, match="目标数据库不是空的"):
            restore.run(tmp_path / "a.tar")


def test_a_backup_never_overwrites_another(place, tmp_path):
    (tmp_path / "a.tar").write_text("precious")
    with pytest.raises(Trouble, match="已经存在"):
        backup.run(tmp_path / "a.tar")
    assert (tmp_path / "a.tar").read_text() == "precious"


def test_the_key_is_asked_for_and_must_be_the_right_one(place, tmp_path, elsewhere, capsys):
    kept = tmp_path / "保险柜" / "一诺.key"
    kept.parent.mkdir()
    with database() as url:
        fill(url, place)
        backup.run(tmp_path / "a.tar", kept)
    assert not (tmp_path / "a.tar.key").exists()
    other = elsewhere()
    with pytest.raises(Trouble, match=r"--key-file 指出.*--without-key"):
        restore.run(tmp_path / "a.tar")
    wrong = tmp_path / "wrong.key"
    wrong.write_text("another")
    with pytest.raises(Trouble, match="不是这份备份的密钥"):
        restore.run(tmp_path / "a.tar", wrong)
    assert not (other / "secret.key").exists() and not any((other / "files").iterdir())
    restore.run(tmp_path / "a.tar", without_key=True)
    assert not (other / "secret.key").exists() and "重新填写邮箱密码" in capsys.readouterr().out


def test_a_key_file_is_never_written_over(place, tmp_path):
    (place / "secret.key").write_text("key")
    (tmp_path / "a.tar.key").write_text("of another backup")
    with pytest.raises(Trouble, match="另一把密钥"):
        backup.run(tmp_path / "a.tar")
    assert (tmp_path / "a.tar.key").read_text() == "of another backup" and not (tmp_path / "a.tar").exists()
    with pytest.raises(Trouble, match="没有目录"):
        backup.run(tmp_path / "a.tar", tmp_path / "nowhere" / "a.key")


def test_a_backup_of_the_older_kind_brings_its_own_key(place, tmp_path):
    """Made before the key was kept apart: it is inside, and counts as found."""
    (tmp_path / "secret.key").write_text("key")
    manifest = {"format": archive.WITH_KEY, "key": archive.sha256(tmp_path / "secret.key")}
    assert keyfile.found(manifest, tmp_path / "a.tar", None, tmp_path) == tmp_path / "secret.key"
    assert keyfile.found({"format": archive.FORMAT}, tmp_path / "a.tar", None, tmp_path) is None
