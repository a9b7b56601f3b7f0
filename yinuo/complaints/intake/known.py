"""What an intake must know, in one statement: who wrote, what is in force, and the keys of its rows."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from yinuo.customers.models import Customer
from yinuo.customers.rules import masked
from yinuo.kernel.actor import Actor
from yinuo.kernel.prepared import prepared
from yinuo.kernel.text import pinyin_initials
from yinuo.promises.models import Standard

TRIGGER = "complaint.received"
MOST_PROMISES = 12

READ = """
    SELECT (SELECT coalesce(jsonb_agg(
                jsonb_build_array(i.kind, i.verified_at IS NOT NULL, c.id, c.name, c.grade, c.merged_into_id)
                ORDER BY (i.verified_at IS NULL), i.id), '[]')
            FROM customers_channelidentity i JOIN customers_customer c ON c.id = i.customer_id
            WHERE i.active AND (i.kind, i.value) IN (('phone', %(phone)s), ('email', %(email)s))),
           (SELECT count(*) || ':' || coalesce(max(id), 0) FROM promises_standard
            WHERE in_force AND trigger = %(trigger)s),
           (SELECT coalesce(max(id), 0) FROM calendars_calendarversion),
           (SELECT path FROM identity_unit WHERE id = %(unit)s), (SELECT name FROM identity_staff WHERE id = %(staff)s),
           nextval('customers_customer_id_seq'), nextval('conversations_conversation_id_seq'),
           nextval('conversations_interaction_id_seq'), nextval('matters_matter_id_seq'), nextval('matters_number'),
           ARRAY(SELECT nextval('promises_promise_id_seq') FROM generate_series(1, %(promises)s))
"""


@dataclass(frozen=True, slots=True)
class Known:
    """What the one read found."""

    identities: list[Any]
    standards: str
    calendar: int
    unit_path: str | None
    staff_name: str
    customer_id: int
    conversation_id: int
    interaction_id: int
    matter_id: int
    running: int
    promise_ids: list[int]


def read_known(phone: str, email: str, by: Actor) -> Known:
    given = {
        "phone": phone, "email": email, "trigger": TRIGGER, "unit": by.unit_id, "staff": by.staff_id,
        "promises": MOST_PROMISES,
    }  # fmt: skip
    with prepared(READ, given) as cursor:
        identities, *others = cursor.fetchone()
    return Known(json.loads(identities), *others)


@lru_cache(maxsize=4)
def standards_in_force(fingerprint: str) -> tuple[Standard, ...] | None:
    """The standards in force, kept until one is added or retired; None if a condition asks for more than is known."""
    found = tuple(Standard.objects.filter(trigger=TRIGGER, in_force=True))
    return None if any({"unit", "region"} & set(s.spec.conditions) for s in found) else found


def customer_of(
    known: Known, name: str, kind: str, extra: dict[str, Any], by: Actor, at: datetime
) -> tuple[Customer | None, tuple[str, bool] | None]:
    """As `resolve_customer`: a verified identity recognises, an unverified one only with the same name."""
    rows = known.identities
    found = next((r for r in rows if r[1]), None) or next((r for r in rows if r[3] == name), None)
    if found:
        identity, verified, pk, full_name, grade, merged = found
        plain = not merged and grade != "A"
        return (Customer(pk=pk, name=full_name, grade=grade) if plain else None), (identity, verified)
    if kind not in Customer.Kind.values:
        return None, None
    reached = next((masked(kind, extra[kind]) for kind in ("phone", "email") if extra[kind]), "")
    full_name = name or reached[:120] or _("匿名客户")
    return Customer(
        pk=known.customer_id, kind=kind, name=full_name, pinyin=pinyin_initials(full_name)[:120], profile={},
        unit_id=by.unit_id, source="inbound", created_at=at, updated_at=at,
    ), None  # fmt: skip
