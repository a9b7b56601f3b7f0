"""`yinuo backup FILE`: one consistent moment of the database, and every file it may mention."""

import contextlib
import datetime
import json
import os
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from yinuo.kernel.locks import FILES_LOCK
from yinuo.operations import keyfile
from yinuo.operations.archive import (
    DUMP,
    FORMAT,
    KEY,
    MANIFEST,
    NOTE,
    PROOF,
    applied_migrations,
    dump_programs,
    files_below,
    fingerprints,
    run_program,
    sha256,
)
from yinuo.operations.database import database
from yinuo.operations.words import Trouble, _, home


def run(target: Path, key_file: Path | None = None) -> None:
    key = key_file or keyfile.beside(target)
    if target.exists():
        raise Trouble(_("{path} 已经存在；请换一个文件名，备份从不覆盖旧文件。").format(path=target))
    if not target.resolve().parent.is_dir():
        raise Trouble(_("没有目录 {path}。").format(path=target.resolve().parent))
    keyfile.refuse_other(key)
    with database() as url:
        counted = write(target.resolve(), url)
    kept = keyfile.write(key)
    size = target.stat().st_size / 1_000_000
    _note()
    print(_("已备份到 {path}（{size:.1f} MB，{tables} 张表，{rows} 行，{files} 个附件）。").format(
        path=target, size=size, **counted
    ))  # fmt: skip
    if kept:
        said = _(
            "安装密钥不在备份里，另存为 {path}。请和备份分开保管：恢复时两样都要，拿到两样的人才能打开邮箱密码等。"
        )
        print(said.format(path=key))


def _note() -> None:
    """When it was, for the doctor and the metrics; a backup is no worse for a note that could not be left."""
    with contextlib.suppress(OSError):
        (home() / NOTE).write_text(json.dumps({"made": time.time()}), encoding="utf-8")


def write(target: Path, url: str) -> dict[str, int]:
    """Written beside the target and renamed at the end, so that a broken backup never looks like a whole one."""
    with _files_kept(url), tempfile.TemporaryDirectory(prefix=".yinuo-backup-", dir=target.parent) as folder:
        dump, draft = Path(folder) / DUMP, Path(folder) / "draft.tar"
        rows, steps = _dump(dump, url)
        files = list(files_below(home() / "files"))
        manifest = {
            "format": FORMAT,
            "made_at": datetime.datetime.now(datetime.UTC).isoformat(),
            "dump": sha256(dump),
            "migrations": steps,
            "tables": rows,
            "files": {},
        }
        with tarfile.open(draft, "w") as tar:
            tar.add(dump, DUMP)
            for path in files:
                name = path.relative_to(home()).as_posix()
                manifest["files"][name] = sha256(path)  # type: ignore[index]
                tar.add(path, name)
            if (home() / KEY).exists():
                manifest["key"] = sha256(home() / KEY)  # which key belongs to it; the key itself is kept apart
            note = Path(folder) / MANIFEST
            note.write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
            tar.add(note, MANIFEST)
            proof = Path(folder) / PROOF
            proof.write_text(sha256(note), encoding="ascii")
            tar.add(proof, PROOF)
        draft.chmod(0o600)
        with draft.open("rb") as whole:
            os.fsync(whole.fileno())
        os.link(draft, target)
    return {"tables": len(rows), "rows": sum(counted[0] for counted in rows.values()), "files": len(files)}


@contextlib.contextmanager
def _files_kept(url: str) -> Iterator[None]:
    """Until the files are copied nothing deletes one that the dump may mention; as long as this connection stands."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock_shared(%s)", [FILES_LOCK])
        yield
        with contextlib.suppress(psycopg.OperationalError):  # idle for the whole dump; what is written is written
            # the server notices a closed connection a moment later; whoever comes next need not wait for that
            connection.execute("SELECT pg_advisory_unlock_shared(%s)", [FILES_LOCK])


def _dump(dump: Path, url: str) -> tuple[dict[str, list[int]], list[str]]:
    """The rows counted and the rows dumped come from the same snapshot. Files are copied later; meanwhile none goes."""
    with psycopg.connect(url) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        (snapshot,) = connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
        rows, steps = fingerprints(connection), applied_migrations(connection)
        options = ["--format=custom", "--no-owner", "--no-privileges", "--schema=public", "--compress=6"]
        run_program(dump_programs(url) / "pg_dump", [*options, f"--snapshot={snapshot}", f"--file={dump}"], url)
    return rows, steps
