"""The audit's hash chain, worked out anew from the tables alone: SHA-256 of the last hash and the entry as JSON."""

import hashlib
import json
from datetime import UTC, timedelta
from typing import Any

import psycopg

#: Sealed every minute by a job, which may have been killed.
UNSEALED = timedelta(minutes=4)
_FIELDS = ["id", "at", "command", "subject_type", "subject_id", "matter_id", "actor_kind", "actor_id", "actor_name"]
FIELDS = [*_FIELDS, "ip", "request_id", "data"]


def broken(connection: psycopg.Connection[Any]) -> list[str]:
    """What is wrong with it: entries changed, gone, sealed twice or not at all."""
    columns = ", ".join(f"e.{name}" for name in FIELDS)
    rows = connection.execute(
        f"SELECT s.entry_id, s.hash, {columns} FROM kernel_auditseal s LEFT JOIN kernel_auditentry e ON e.id = s.entry_id ORDER BY s.id"
    )
    found, last, seen = list[str](), "0" * 64, set[int]()
    for entry_id, kept, *values in rows:
        entry = dict(zip(FIELDS, values, strict=True))
        if entry_id in seen:
            found.append(f"{entry_id} sealed twice")
        seen.add(entry_id)
        if entry["id"] is None:
            found.append(f"{entry_id} gone")
        else:
            entry["at"] = entry["at"].astimezone(UTC).isoformat(timespec="microseconds")
            text = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            if hashlib.sha256((last + text).encode("utf-8", "surrogatepass")).hexdigest() != kept:
                found.append(f"{entry_id} changed")
        last = kept
    late = connection.execute("SELECT id FROM kernel_auditentry WHERE at < now() - %s ORDER BY id", [UNSEALED])
    return found + [f"{number} not sealed" for (number,) in late if number not in seen]
