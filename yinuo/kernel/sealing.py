"""The hash chain over the audit: each seal is SHA-256(previous hash + canonical entry), in order of sealing.

Entries are sealed once no transaction that could still commit an earlier one is running on them, a minute behind at
most; whoever changes, removes or slips in a sealed entry afterwards breaks every hash from there on.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.db import connection, transaction

from yinuo.kernel.guard import permit_writes

FIRST = "0" * 64
BATCH = 2000
LOCK = 0x59494E55
#: How far behind the newest sealed entry a late committer is looked for by the minute; the daily run looks at all.
LOOK_BACK = 20_000
_COLUMNS = (
    "id", "at", "command", "subject_type", "subject_id", "matter_id", "actor_kind", "actor_id", "actor_name", "ip",
    "request_id", "data",
)  # fmt: skip
_SELECT = ", ".join(f"e.{c}" for c in _COLUMNS)


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a walk along the chain found. `wrong` names the first broken entries and how."""

    seals: int
    unsealed: int
    wrong: tuple[str, ...]

    @property
    def whole(self) -> bool:
        return not self.wrong


def canonical(row: dict[str, Any]) -> bytes:
    """One form of an entry, whatever wrote or read it."""
    plain = {**row, "at": row["at"].astimezone(UTC).isoformat(timespec="microseconds")}
    return json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def next_hash(previous: str, row: dict[str, Any]) -> str:
    return hashlib.sha256(previous.encode("ascii") + canonical(row)).hexdigest()


def seal_all(*, everything: bool = False) -> int:
    """Seal what waits, batch by batch. Another sealer at work means there is nothing to do."""
    total = 0
    while True:
        sealed = _seal_batch(everything)
        total += sealed
        if sealed < BATCH:
            return total


def _seal_batch(everything: bool) -> int:
    with transaction.atomic(), permit_writes("audit seal"), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(
            "SELECT (SELECT hash FROM kernel_auditseal ORDER BY id DESC LIMIT 1), "
            "(SELECT max(entry_id) FROM kernel_auditseal)"
        )
        previous, highest = cursor.fetchone()
        since = 0 if everything or highest is None else highest - LOOK_BACK
        cursor.execute(
            f"SELECT {_SELECT} FROM kernel_auditentry e WHERE e.id > %s AND NOT EXISTS ("  # noqa: S608
            "SELECT 1 FROM kernel_auditseal s WHERE s.entry_id = e.id) ORDER BY e.id LIMIT %s",
            [since, BATCH],
        )
        ids, hashes, last = [], [], previous or FIRST
        for row in _rows(cursor):
            last = next_hash(last, row)
            ids.append(row["id"])
            hashes.append(last)
        if ids:
            cursor.execute(
                "INSERT INTO kernel_auditseal (entry_id, hash) SELECT e, h FROM unnest(%s::bigint[], %s::text[]) "
                "WITH ORDINALITY AS t(e, h, n) ORDER BY n",
                [ids, hashes],
            )
        return len(ids)


def _rows(cursor: Any) -> Iterator[dict[str, Any]]:
    for values in cursor.fetchall():
        row = dict(zip(_COLUMNS, values, strict=True))
        if isinstance(row["data"], str):  # Django leaves jsonb as text on a plain cursor
            row["data"] = json.loads(row["data"])
        yield row


def verify_chain(*, most: int = 10) -> ChainReport:
    """Walk the whole chain from the first seal and count what is not sealed yet. Reads in batches; may take minutes."""
    wrong: list[str] = []
    seals, at, previous = 0, 0, FIRST
    while len(wrong) < most:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT s.id, s.entry_id, s.hash, {_SELECT} FROM kernel_auditseal s "  # noqa: S608
                "LEFT JOIN kernel_auditentry e ON e.id = s.entry_id WHERE s.id > %s ORDER BY s.id LIMIT %s",
                [at, BATCH],
            )
            found = cursor.fetchall()
        for seal_id, entry_id, kept, *values in found:
            problem = _check(previous, entry_id, kept, values)
            if problem:
                wrong.append(problem)
            at, previous, seals = seal_id, kept, seals + 1
        if len(found) < BATCH:
            break
    with connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM kernel_auditentry) - (SELECT count(*) FROM kernel_auditseal)")
        unsealed = cursor.fetchone()[0]
    return ChainReport(seals, max(unsealed, 0), tuple(wrong[:most]))


def _check(previous: str, entry_id: int, kept: str, values: list[Any]) -> str:
    if values[0] is None:
        return f"entry {entry_id} is gone"
    row = dict(zip(_COLUMNS, values, strict=True))
    if isinstance(row["data"], str):
        row["data"] = json.loads(row["data"])
    return "" if next_hash(previous, row) == kept else f"entry {entry_id} was changed"
