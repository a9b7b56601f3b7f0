"""What the mails of a group must know: their names are held first, then all is read, a statement each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from yinuo.channels.email.commands.intake import number_of
from yinuo.channels.email.models import Mailbox
from yinuo.channels.email.queries import sending_mailbox
from yinuo.channels.email.sealing import token_key
from yinuo.channels.email.tokens import read_token
from yinuo.conversations.models import Conversation
from yinuo.identity.models import Unit
from yinuo.identity.queries import intake_unit_id
from yinuo.jobs.mail_together.claiming import Letter
from yinuo.kernel.prepared import prepared

TRIGGER = "interaction.received"
#: So many promises one letter can be owed.
MOST_PROMISES = 4

#: As `lock_name`: a mail's content, then its sender; so of all of them, and those of one kind by their number.
_HOLD = """
    SELECT count(pg_advisory_xact_lock(held.class, held.number)) FROM (
        SELECT class, number FROM unnest(%s::int[], %s::int[], %s::int[]) AS n(turn, class, number)
        GROUP BY turn, class, number ORDER BY turn, number) AS held
"""
#: A statement of its own: it sees what was committed while the names were waited for.
_READ = """
    SELECT (SELECT coalesce(jsonb_agg(jsonb_build_array(i.value, i.id, i.verified_at IS NOT NULL, c.id, c.name,
                    c.grade, c.region, c.owner_id, c.merged_into_id) ORDER BY i.verified_at IS NULL, i.id), '[]')
                FROM customers_channelidentity i JOIN customers_customer c ON c.id = i.customer_id
                WHERE i.active AND i.kind = 'email' AND i.value = ANY(%(senders)s::text[])),
        ARRAY(SELECT sender FROM unnest(%(senders)s::text[]) AS sender
            WHERE EXISTS (SELECT FROM email_mailbox m WHERE upper(m.address) = upper(sender))),
        ARRAY(SELECT content_key FROM email_rawmessage
            WHERE content_key = ANY(%(keys)s::text[]) AND content_key <> '' AND state = 'understood'),
        ARRAY(SELECT message_id FROM email_outboundmessage WHERE message_id = ANY(%(named)s::text[])
            UNION SELECT external_id FROM conversations_interaction
            WHERE external_id = ANY(%(named)s::text[]) AND external_id <> '' AND channel = 'email'),
        ARRAY(SELECT id FROM conversations_conversation WHERE id = ANY(%(tokens)s::bigint[])),
        (SELECT coalesce(jsonb_object_agg(told.to_address, told.at), '{}') FROM (
            SELECT to_address, max(queued_at) AS at FROM email_outboundmessage
            WHERE to_address = ANY(%(senders)s::text[]) AND automatic GROUP BY to_address) AS told),
        (SELECT count(*) || ':' || coalesce(max(id), 0) FROM promises_standard
            WHERE in_force AND trigger = %(trigger)s),
        (SELECT coalesce(max(id), 0) FROM calendars_calendarversion),
        ARRAY(SELECT nextval('customers_customer_id_seq') FROM generate_series(1, %(many)s)),
        ARRAY(SELECT nextval('customers_channelidentity_id_seq') FROM generate_series(1, %(many)s)),
        ARRAY(SELECT nextval('conversations_conversation_id_seq') FROM generate_series(1, %(many)s)),
        ARRAY(SELECT nextval('conversations_interaction_id_seq') FROM generate_series(1, %(many)s * 2)),
        ARRAY(SELECT nextval('email_outboundmessage_id_seq') FROM generate_series(1, %(many)s)),
        ARRAY(SELECT nextval('promises_promise_id_seq') FROM generate_series(1, %(many)s * %(promises)s))
"""


class Sender(NamedTuple):
    """A customer an address stands with, the verified and then the oldest first."""

    address: str
    identity_id: int
    verified: bool
    customer_id: int
    name: str
    grade: str
    region: str
    owner_id: int | None
    merged_into_id: int | None


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the mails of one mailbox go, and by which mailbox they are answered."""

    mailbox: Mailbox
    unit: Unit | None
    sends_by: Mailbox | None


@dataclass(frozen=True, slots=True)
class Known:
    """What was found. The keys are taken one after another, in the order the command would take them."""

    desks: dict[int, Desk]
    senders: dict[str, list[Sender]]
    ours: frozenset[str]
    kept: frozenset[str]
    named: frozenset[str]
    threads: frozenset[int]
    told: dict[str, str]
    standards: str
    calendar: int
    customer_ids: Iterator[int]
    identity_ids: Iterator[int]
    conversation_ids: Iterator[int]
    interaction_ids: Iterator[int]
    outbound_ids: Iterator[int]
    promise_ids: Iterator[int]

    def begins(self, letter: Letter) -> bool:
        """Whether it is new, not one of ours, and points at no conversation there is."""
        inbound = letter.inbound
        if inbound.sender in self.ours or letter.key in self.kept:
            return False
        return self.named.isdisjoint(inbound.thread_ids) and self.threads.isdisjoint(numbers_in(inbound.tokens))

    def told_at(self, address: str) -> datetime | None:
        """When they last got an automatic receipt."""
        at = self.told.get(address)
        return datetime.fromisoformat(at) if at else None


def numbers_in(tokens: Sequence[str]) -> list[int]:
    key = token_key()
    return [number for token in tokens if (number := read_token(token, key))]


def hold(letters: Sequence[Letter]) -> None:
    """Nobody else makes anything of the same content or for the same sender until the transaction ends."""
    names = [(0, *number_of("content", one.key)) for one in letters]
    names += [(1, *number_of("sender", one.inbound.sender)) for one in letters]
    with prepared(_HOLD, [list(column) for column in zip(*names, strict=True)]):
        pass


def read_known(letters: Sequence[Letter]) -> Known:
    """One statement, and a few about the mailboxes, however many letters there are."""
    inbounds = [one.inbound for one in letters]
    given = {
        "senders": [one.sender for one in inbounds], "keys": [one.key for one in letters],
        "named": sorted({name for one in inbounds for name in one.thread_ids}),
        "tokens": sorted({number for one in inbounds for number in numbers_in(one.tokens)}),
        "trigger": TRIGGER, "many": len(letters), "promises": MOST_PROMISES,
    }  # fmt: skip
    desks = _desks({one.row.mailbox_id for one in letters})
    with prepared(_READ, given) as cursor:
        found, ours, kept, named, threads, told, standards, calendar, *keys = cursor.fetchone()
    senders: dict[str, list[Sender]] = {}
    for row in json.loads(found):
        senders.setdefault(row[0], []).append(Sender(*row))
    return Known(
        desks, senders, frozenset(ours), frozenset(kept), frozenset(named), frozenset(threads), json.loads(told),
        standards, calendar, *map(iter, keys),
    )  # fmt: skip


def _desks(ids: set[int]) -> dict[int, Desk]:
    boxes = Mailbox.unscoped.in_bulk(ids)
    fallback = intake_unit_id()
    units = Unit.objects.in_bulk({box.unit_id or fallback or 0 for box in boxes.values()})
    return {
        pk: Desk(box, units.get(box.unit_id or fallback or 0), sending_mailbox(Conversation(account=box.address[:80])))
        for pk, box in boxes.items()
    }
