"""`yinuo restore FILE`: checked before anything is touched, refused where there is data, checked again after."""

import errno
import json
import lzma
import shutil
import tarfile
import tempfile
import zlib
from pathlib import Path
from typing import Any

import psycopg

from yinuo.operations import keyfile
from yinuo.operations.archive import (
    DUMP,
    FORMAT,
    KEY,
    MANIFEST,
    PROOF,
    WITH_KEY,
    files_below,
    fingerprints,
    known_migrations,
    restore_programs,
    run_program,
    sha256,
)
from yinuo.operations.database import database, prepare_home
from yinuo.operations.words import Trouble, _

#: What reading something that is no backup, or no longer one, comes to.
BROKEN = (tarfile.TarError, EOFError, ValueError, LookupError, TypeError, AttributeError, lzma.LZMAError, zlib.error)


def run(source: Path, key_file: Path | None = None, *, without_key: bool = False) -> None:
    if not source.is_file():
        raise Trouble(_("没有备份文件 {path}。").format(path=source))
    place = prepare_home()
    if any(files_below(place / "files")):
        raise Trouble(_("数据目录 {place} 里已经有附件；只能恢复到空的安装。").format(place=place))
    with tempfile.TemporaryDirectory(prefix="restore-", dir=place) as folder:
        unpacked = Path(folder)
        manifest = _unpack(source, unpacked)
        key = None if without_key else keyfile.found(manifest, source, key_file, unpacked)
        with database() as url:
            _refuse_data(url)
            _load(unpacked / DUMP, url)
            _verify_rows(manifest, url)
        _move_files(unpacked, place, manifest)
        if key:
            keyfile.install(key)
    rows = sum(counted[0] for counted in manifest["tables"].values())
    print(_("已恢复并核对：{tables} 张表，{rows} 行，{files} 个附件，与备份完全一致。").format(
        tables=len(manifest["tables"]), rows=rows, files=len(manifest["files"])
    ))  # fmt: skip
    if without_key and "key" in manifest:
        print(_("没有用原来的密钥：请在设置里重新填写邮箱密码和事件推送的密钥；大家要重新登录，已发给客户的链接失效。"))


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    damaged = Trouble(_("{path} 不是完整的一诺备份，没有恢复任何内容。").format(path=source))
    try:
        with source.open("rb") as opened, tarfile.open(fileobj=opened) as tar:
            tar.extractall(folder, filter="data")
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if (folder / PROOF).exists() and (folder / PROOF).read_text("ascii") != sha256(folder / MANIFEST):
            raise damaged
        newer = manifest["format"] not in (WITH_KEY, FORMAT)
        expected = {} if newer else _expected(manifest)
    except BROKEN as error:
        raise damaged from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EIO):
            raise  # that is not the file's fault
        raise damaged from error
    if newer or not known_migrations().issuperset(manifest.get("migrations", ())):
        raise Trouble(_("这份备份由更新的版本创建，请先升级一诺。"))
    for name, digest in expected.items():
        path = folder / name
        inside = name in (DUMP, KEY) or (name.startswith("files/") and ".." not in name.split("/"))
        if not inside or path.is_symlink() or not path.is_file() or sha256(path) != digest:
            raise damaged
    return manifest


def _expected(manifest: dict[str, Any]) -> dict[str, str]:
    """What has to be in it, by name, with its hash. Raises `KeyError` and `TypeError` for what is no manifest."""
    key = {KEY: manifest["key"]} if "key" in manifest and manifest["format"] == WITH_KEY else {}
    if not all(len(counted) == 2 for counted in manifest["tables"].values()):
        raise ValueError(manifest["tables"])
    return {DUMP: manifest["dump"], **manifest["files"], **key}


def _refuse_data(url: str) -> None:
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    if found and found[0]:
        raise Trouble(_("目标数据库不是空的；只能恢复到空的安装（换一个 YINUO_HOME 或新的数据库）。"))


def _load(dump: Path, url: str) -> None:
    """Other major versions get a script first: a newer dump names settings that an older server does not know."""
    tools = restore_programs()
    options = ["--no-owner", "--no-privileges"]
    script = dump.with_suffix(".sql")
    run_program(tools / "pg_restore", [*options, f"--file={script}", str(dump)], url)
    loadable = dump.with_suffix(".load.sql")
    with script.open("rb") as source, loadable.open("wb") as target:
        in_data = False
        for line in source:
            if not in_data and line.startswith((b"SET transaction_timeout", b"CREATE SCHEMA public;")):
                continue
            in_data = line.startswith(b"COPY ") or (in_data and line != b"\\.\n")
            target.write(line)
    arguments = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", f"--file={loadable}"]
    run_program(tools / "psql", arguments, url)


def _verify_rows(manifest: dict[str, Any], url: str) -> None:
    with psycopg.connect(url) as connection:
        found = fingerprints(connection)
    for table, expected in manifest["tables"].items():
        if found.get(table) != expected:
            raise Trouble(_("核对失败：表 {table} 与备份不一致，请不要使用这次恢复的数据。").format(table=table))


def _move_files(unpacked: Path, place: Path, manifest: dict[str, Any]) -> None:
    for name in manifest["files"]:
        target = place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(unpacked / name, target)
