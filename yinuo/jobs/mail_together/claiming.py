"""The mails a group is made of: taken in order of arrival, parsed together, and what each says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from yinuo.channels.contract import Inbound
from yinuo.channels.email import sandbox
from yinuo.channels.email.commands.understanding import content_key, shown_sender
from yinuo.channels.email.instance import loop_mark
from yinuo.channels.email.models import RawMessage
from yinuo.channels.email.parsing import nature as natures
from yinuo.customers.rules import normal_identity
from yinuo.kernel.blobs import path_of
from yinuo.kernel.errors import Invalid
from yinuo.kernel.prepared import prepared
from yinuo.kernel.single_write import new_row
from yinuo.kernel.text import clean_line

#: How many share a transaction.
MOST = 50
#: A larger one has files, which the command keeps; it is not worth being parsed in company.
LARGEST = 256 * 1024
#: Seconds for parsing a group: its rows are held meanwhile. Whoever takes longer is parsed by itself.
PATIENCE = 5.0
#: What has gone wrong before is left to the sweep, which does not hurry.
_CLAIM = """
    SELECT r.id, r.mailbox_id, r.external_id, r.silent, r.stored_at, r.size, b.sha256
    FROM email_rawmessage r JOIN kernel_blob b ON b.id = r.blob_id
    WHERE r.state = 'stored' AND r.attempts = 0 AND (r.stored_at, r.id) > (%s, %s)
    ORDER BY r.stored_at, r.id LIMIT %s FOR NO KEY UPDATE OF r SKIP LOCKED
"""


class Place(NamedTuple):
    """Where in the order of arrival one has got to."""

    stored_at: datetime
    raw_id: int


FIRST = Place(datetime(1970, 1, 1, tzinfo=UTC), 0)


@dataclass(frozen=True, slots=True)
class Letter:
    """A claimed mail that was understood: its row, who sent it and what is in it."""

    row: RawMessage
    inbound: Inbound
    key: str
    shown: str


class Claimed(NamedTuple):
    """The mails of a group; `read` has those that could be parsed in company."""

    places: list[Place]
    read: dict[int, tuple[RawMessage, Inbound]]


def claim(after: Place, most: int, *, parse: bool) -> Claimed:
    """The first that wait and nobody else is at, held until the transaction ends."""
    with prepared(_CLAIM, [*after, most]) as cursor:
        found = cursor.fetchall()
    rows, raws = [], []
    for pk, mailbox_id, external_id, silent, stored_at, size, sha256 in found if parse else ():
        raw = _bytes(sha256) if size <= LARGEST else b""
        if raw:
            rows.append(
                new_row(
                    RawMessage,
                    pk=pk, mailbox_id=mailbox_id, external_id=external_id, silent=silent, stored_at=stored_at,
                )
            )  # fmt: skip
            raws.append(raw)
    parsed = sandbox.shared().parse_many(raws, PATIENCE) if raws else []
    read = {row.pk: (row, inbound) for row, inbound in zip(rows, parsed, strict=True) if inbound is not None}
    return Claimed([Place(stored_at, pk) for pk, *_between, stored_at, _size, _sha in found], read)


def _bytes(sha256: str) -> bytes:
    try:
        return path_of(sha256).read_bytes()
    except FileNotFoundError:
        return b""  # the command says so


def letters(read: Sequence[tuple[RawMessage, Inbound]]) -> list[Letter]:
    """Those that are plain as far as they tell themselves. Of one sender only the first, and none that answers another
    of the same group: what becomes of them follows from what becomes of that.
    """
    own = {inbound.external_id for _row, inbound in read}
    senders: set[str] = set()
    found = []
    for row, inbound in read:
        first = inbound.sender not in senders
        senders.add(inbound.sender)
        if first and own.isdisjoint(inbound.thread_ids) and (shown := _plain_name(inbound)):
            found.append(Letter(row, inbound, content_key(inbound), shown))
    return found


def _plain_name(inbound: Inbound) -> str:
    """What the sender of a plain mail is called; empty if it is not plain."""
    words = inbound.nature in (natures.MESSAGE, natures.LIST) and not inbound.files
    if not words or inbound.extra.get("loop") == loop_mark():
        return ""
    try:
        plain = normal_identity("email", inbound.sender) == inbound.sender
        return clean_line(shown_sender(inbound.sender_name, inbound.sender), 120) if plain else ""
    except Invalid:
        return ""
