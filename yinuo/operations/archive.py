"""What a backup is: a tar of the database dump, the files, and a manifest that proves them. The key is kept apart."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg
from psycopg import sql

from yinuo.operations.binaries import bundled_folders, version_of
from yinuo.operations.words import ROOT, Trouble, _

FORMAT = 2
WITH_KEY = 1  # a backup of this older format holds the key itself
DUMP, MANIFEST, PROOF, KEY = "database.dump", "manifest.json", "manifest.sha256", "secret.key"
NOTE = "backup.json"  # in the data folder: when the last one was made
CHUNK = 1024 * 1024
OTHERS = ("auth", "contenttypes", "procrastinate")  # libraries with migrations of their own


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def files_below(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def fingerprints(connection: psycopg.Connection[Any]) -> dict[str, list[Any]]:
    """Per table: how many rows, and a sum over the hash of each row's text that no order can change."""
    connection.execute("SET LOCAL timezone = 'UTC'")
    connection.execute("SET LOCAL extra_float_digits = 1")
    connection.execute("SET LOCAL search_path = public")
    found: dict[str, list[Any]] = {}
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
    for (table,) in connection.execute(tables).fetchall():
        counted = connection.execute(
            sql.SQL("SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM {} t").format(
                sql.Identifier("public", table)
            )
        ).fetchone()
        found[table] = list(counted or ())
    return found


def known_migrations() -> set[str]:
    """The steps of the schema this version knows, as "app.name"; read from the files, without Django."""
    found = (ROOT / "yinuo").glob("**/migrations/[0-9]*.py")
    return {f"{path.parent.parent.name}.{path.stem}" for path in found}


def applied_migrations(connection: psycopg.Connection[Any]) -> list[str]:
    """The steps of ours a database has been through; none if it is no database of ours."""
    if connection.execute("SELECT to_regclass('public.django_migrations')").fetchone() == (None,):
        return []
    rows = connection.execute("SELECT app, name FROM public.django_migrations ORDER BY app, name").fetchall()
    return [f"{app}.{name}" for app, name in rows if app not in OTHERS]


def dump_programs(url: str) -> Path:
    """pg_dump in the server's own version where we have it, otherwise the newest we have; an older one would refuse."""
    with psycopg.connect(url, connect_timeout=5) as connection:
        wanted = connection.info.server_version // 10000
    known = _known()
    folder = known.get(wanted) or known[max(known)]
    if max(known) < wanted:
        raise Trouble(_("数据库是 PostgreSQL {wanted}，请先安装同版本的 pg_dump。").format(wanted=wanted))
    return folder


def restore_programs() -> Path:
    """The newest pg_restore and psql: they read every older dump and talk to every older server."""
    known = _known()
    return known[max(known)]


def _known() -> dict[int, Path]:
    folders = [Path(found).parent] if (found := shutil.which("pg_dump")) else []
    folders += [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/pg_dump")]
    folders += bundled_folders()
    return {int(version_of(folder)): folder for folder in folders}


def run_program(program: Path, arguments: list[str], url: str) -> None:
    """The password travels in the environment: a command line can be read by everybody on the machine."""
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    given = {
        "PGHOST": query.get("host", "") or parts.hostname or "",
        "PGPORT": str(parts.port or query.get("port", "5432")),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")) or "yinuo",
        "PGSSLMODE": query.get("sslmode", ""),
    }
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    environment |= {k: v for k, v in given.items() if v} | {"LC_ALL": "C"}
    done = subprocess.run([str(program), *arguments], env=environment, capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "?").splitlines()
        if any("No space left" in line for line in said):
            raise OSError(28, "No space left on device")
        raise Trouble(_("{program} 失败：{reason}").format(program=program.name, reason=said[0]))
