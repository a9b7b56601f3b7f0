"""What intakes must know, in one statement: who wrote, what is in force, and the keys of their rows."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from yinuo.customers.models import Customer
from yinuo.customers.rules import masked
from yinuo.kernel.actor import Actor
from yinuo.kernel.once import Claim
from yinuo.kernel.prepared import prepared
from yinuo.kernel.single_write import new_row
from yinuo.kernel.text import pinyin_initials
from yinuo.promises.models import Standard

TRIGGER = "complaint.received"
MOST_PROMISES = 12
#: What recognises a customer: a kind of identity and its normal form.
Contact = tuple[str, str]

READ = """
    SELECT (SELECT coalesce(jsonb_agg(jsonb_build_array(
                i.kind, i.verified_at IS NOT NULL, c.id, c.name, c.grade, c.merged_into_id, i.id, i.value)), '[]')
            FROM customers_channelidentity i JOIN customers_customer c ON c.id = i.customer_id
            WHERE i.active AND (i.kind, i.value) IN (SELECT * FROM unnest(%(kinds)s::text[], %(values)s::text[]))),
           (SELECT count(*) || ':' || coalesce(max(id), 0) FROM promises_standard
            WHERE in_force AND trigger = %(trigger)s),
           (SELECT coalesce(max(id), 0) FROM calendars_calendarversion),
           (SELECT coalesce(jsonb_agg(jsonb_build_array(s.id, u.path, s.name)), '[]')
            FROM identity_staff s JOIN identity_unit u ON u.id = s.unit_id WHERE s.id = ANY(%(staff)s)),
           ARRAY(SELECT key FROM kernel_once WHERE command = %(once_of)s::text AND key = ANY(%(once)s::text[])),
           ARRAY(SELECT nextval('customers_customer_id_seq') FROM generate_series(1, %(many)s)),
           ARRAY(SELECT nextval('conversations_conversation_id_seq') FROM generate_series(1, %(many)s)),
           ARRAY(SELECT nextval('conversations_interaction_id_seq') FROM generate_series(1, %(many)s)),
           ARRAY(SELECT nextval('matters_matter_id_seq') FROM generate_series(1, %(many)s)),
           ARRAY(SELECT nextval('matters_number') FROM generate_series(1, %(numbers)s)),
           ARRAY(SELECT nextval('promises_promise_id_seq') FROM generate_series(1, %(many)s * %(promises)s))
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the intakes of one member of staff go."""

    unit_path: str
    staff_name: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the one read found. The keys are taken one after another, in the order the command would take them."""

    identities: dict[Contact, list[Any]]
    standards: str
    calendar: int
    places: dict[int, Place]
    taken: set[str]
    customer_ids: Iterator[int]
    conversation_ids: Iterator[int]
    interaction_ids: Iterator[int]
    matter_ids: Iterator[int]
    running: Iterator[int]
    promise_ids: Iterator[int]
    made: list[Customer] = field(default_factory=list)

    def whose(self, contacts: Sequence[Contact]) -> list[Any]:
        """The rows of these identities, verified ones first, then the oldest."""
        found = [row for contact in contacts for row in self.identities.get(contact, ())]
        return sorted(found, key=lambda row: (not row[1], row[6]))

    def remember(self, customer: Customer, contacts: Sequence[Contact]) -> None:
        """A customer just made is known to the intakes that follow in the same group."""
        self.made.append(customer)
        for n, (kind, value) in enumerate(contacts):
            row = [kind, False, customer.pk, customer.name, customer.grade, None, 2**63 + len(self.made) * 2 + n, value]
            self.identities[kind, value].append(row)


def read_known(
    contacts: Sequence[Contact], *, many: int, staff: Sequence[int | None] = (), claims: Sequence[Claim] = ()
) -> Known:
    """What `many` intakes of these contacts need; places and numbers for those of `staff`, a group has its own. Of the
    `claims`, all of one command, those that were taken before.
    """
    given = {
        "kinds": [kind for kind, _value in contacts], "values": [value for _kind, value in contacts],
        "trigger": TRIGGER, "staff": list(staff), "many": many, "numbers": len(staff), "promises": MOST_PROMISES,
        "once_of": claims[0].command if claims else "", "once": [claim.key for claim in claims],
    }  # fmt: skip
    with prepared(READ, given) as cursor:
        found, standards, calendar, places, taken, *keys = cursor.fetchone()
    identities: dict[Contact, list[Any]] = defaultdict(list)
    for row in json.loads(found):
        identities[row[0], row[7]].append(row)
    known_places = {pk: Place(path, name) for pk, path, name in json.loads(places)}
    return Known(identities, standards, calendar, known_places, set(taken), *map(iter, keys))


@lru_cache(maxsize=8)
def standards_in_force(fingerprint: str, trigger: str = TRIGGER) -> tuple[Standard, ...] | None:
    """The standards in force, kept until one is added or retired; None if this way cannot do what they ask for."""
    found = tuple(Standard.objects.filter(trigger=trigger, in_force=True))
    asks_more = any({"unit", "region"} & set(s.spec.conditions) for s in found) or len(found) > MOST_PROMISES
    return None if asks_more else found


def customer_of(
    known: Known, name: str, kind: str, contacts: Sequence[Contact], by: Actor, at: datetime
) -> tuple[Customer | None, tuple[str, bool] | None]:
    """As `resolve_customer`: a verified identity recognises, an unverified one only with the same name.

    None is somebody the command has to deal with; a new customer has no key yet.
    """
    rows = known.whose(contacts)
    found = next((r for r in rows if r[1]), None) or next((r for r in rows if r[3] == name), None)
    if found:
        identity, verified, pk, full_name, grade, merged = found[:6]
        plain = not merged and grade != "A"
        return (new_row(Customer, pk=pk, name=full_name, grade=grade) if plain else None), (identity, verified)
    if kind not in Customer.Kind.values:
        return None, None
    full_name = name or (masked(*contacts[0])[:120] if contacts else _("匿名客户"))
    return new_row(
        Customer, kind=kind, name=full_name, pinyin=pinyin_initials(full_name)[:120], profile={},
        unit_id=by.unit_id, source="inbound", created_at=at, updated_at=at,
    ), None  # fmt: skip
