"""What can be proved beyond the tables: the audit's hash chain, worked out anew, and the files on the disk."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

#: An entry this old must be sealed.
UNSEALED = timedelta(minutes=10)
_ENTRY = ("id", "at", "command", "subject_type", "subject_id", "matter_id", "actor_kind", "actor_id", "actor_name")
ENTRY = (*_ENTRY, "ip", "request_id", "data")


def broken_seals(connection: psycopg.Connection[Any]) -> Iterator[int]:
    """Ids of entries that are gone or are not what was sealed: SHA-256(previous hash in hex + the entry as JSON with
    sorted keys, no spaces, its time in UTC to the microsecond).
    """
    previous = "0" * 64
    columns = ", ".join(f"e.{name}{'::text' * (name == 'data')} AS e_{name}" for name in ENTRY)
    query = f"SELECT s.entry_id, s.hash, {columns} FROM kernel_auditseal s LEFT JOIN kernel_auditentry e "  # noqa: S608
    with connection.cursor("seals", row_factory=dict_row) as cursor:
        cursor.itersize = 2000
        cursor.execute(query + "ON e.id = s.entry_id ORDER BY s.id")
        for row in cursor:
            entry = {name: row[f"e_{name}"] for name in ENTRY}
            if entry["id"] is None:
                yield row["entry_id"]
            else:
                entry["data"] = json.loads(entry["data"])
                entry["at"] = entry["at"].astimezone(UTC).isoformat(timespec="microseconds")
                text = json.dumps(entry, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
                whole = previous.encode() + text.encode("utf-8", "surrogatepass")
                if hashlib.sha256(whole).hexdigest() != row["hash"]:
                    yield row["entry_id"]
            previous = row["hash"]


def newest_seal(connection: psycopg.Connection[Any]) -> str:
    """Kept off the machine, it shows later whether the chain up to here is still the same: "entry:hash"."""
    row = connection.execute("SELECT entry_id, hash FROM kernel_auditseal ORDER BY id DESC LIMIT 1").fetchone()
    return f"{row[0]}:{row[1]}" if row else ""


def unsealed(connection: psycopg.Connection[Any]) -> list[int]:
    """Entries nobody has sealed in time."""
    query = (
        "SELECT e.id FROM kernel_auditentry e WHERE e.at < now() - %s AND NOT EXISTS "
        "(SELECT 1 FROM kernel_auditseal s WHERE s.entry_id = e.id) ORDER BY e.id LIMIT 1000"
    )
    return [row[0] for row in connection.execute(query, [UNSEALED])]


def wrong_files(connection: psycopg.Connection[Any], files: Path, *, whole: bool) -> Iterator[str]:
    """SHA-256 names of stored files that are missing, of another size or, with `whole`, of other bytes."""
    with connection.cursor("blobs") as cursor:
        cursor.execute("SELECT sha256, size FROM kernel_blob ORDER BY sha256")
        for name, size in cursor:
            path = files / name[:2] / name[2:4] / name
            try:
                if path.stat().st_size != size or (whole and _digest(path) != name):
                    yield name
            except OSError:
                yield name


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
