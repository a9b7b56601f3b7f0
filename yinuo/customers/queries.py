"""Reads about customers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet

from yinuo.customers.models import ChannelIdentity, Customer
from yinuo.customers.rules import SELF_PROVED, normal_identity
from yinuo.kernel.errors import Invalid
from yinuo.kernel.search import matching


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A customer who may be the one being entered, and by what; `verified`: that address is proved theirs."""

    customer: Customer
    by: str
    verified: bool = False


def duplicates(*, name: str = "", identities: Sequence[tuple[str, str]] = (), uscc: str = "") -> list[Duplicate]:
    """The duplicate check on entry: same phone, address, credit code or name. Two statements, at most ten rows."""
    wanted = Q(pk__in=[])
    for kind, raw in identities:
        try:
            wanted |= Q(kind=kind, value=normal_identity(kind, raw))
        except Invalid:
            continue
    found: dict[int, Duplicate] = {}
    rows = ChannelIdentity.objects.filter(wanted, active=True).select_related("customer")
    for row in rows.order_by(F("verified_at").asc(nulls_last=True), "pk")[:10]:
        found.setdefault(row.customer_id, Duplicate(row.customer, row.kind, row.verified_at is not None))
    same = Q(pk__in=[])
    if name.strip():
        same |= Q(name=name.strip())
    if uscc.strip():
        same |= Q(uscc=uscc.strip().upper())
    for customer in Customer.objects.filter(same, merged_into=None)[:10]:
        found.setdefault(customer.pk, Duplicate(customer, "uscc" if uscc and customer.uscc == uscc else "name"))
    return list(found.values())[:10]


def narrowed(rows: QuerySet[Any], query: str) -> QuerySet[Any]:
    """Customers by any fragment: two Chinese characters, pinyin initials, a phone number or its last digits."""
    digits = re.sub(r"\D", "", query)
    if len(digits) >= 7 and digits == re.sub(r"[\s\-+]", "", query):
        phones = ChannelIdentity.unscoped.filter(kind="phone", value__in=[digits, f"+86{digits}", f"+{digits}"])
        return rows.filter(pk__in=phones.values("customer_id"))
    return matching(rows, query)


def mail_address(customer_id: int) -> ChannelIdentity | None:
    """Where an e-mail about this customer's business may go: an address staff checked or entered, checked ones first,
    never one that a visitor attached to the file and proved by themselves. One statement.
    """
    rows = ChannelIdentity.unscoped.filter(customer_id=customer_id, kind="email", active=True)
    return rows.exclude(verified_how__in=SELF_PROVED).order_by(F("verified_at").asc(nulls_last=True), "pk").first()


def find(query: str, limit: int = 20) -> list[Customer]:
    """The most recently touched customers `narrowed` finds. One statement."""
    return list(narrowed(Customer.objects.filter(merged_into=None), query).order_by("-updated_at")[:limit])


def identities_of(customer_ids: Sequence[int]) -> dict[int, list[ChannelIdentity]]:
    """Active identities by customer. One statement; the caller has already been shown these customers."""
    rows: dict[int, list[ChannelIdentity]] = {pk: [] for pk in customer_ids}
    for row in ChannelIdentity.unscoped.filter(customer_id__in=customer_ids, active=True).order_by("pk"):
        rows[row.customer_id].append(row)
    return rows


def card(customer_id: int) -> dict[str, Any] | None:
    """Both pages of the card. Six statements."""
    customer = Customer.objects.select_related("owner", "unit", "merged_into").filter(pk=customer_id).first()
    if customer is None:
        return None
    return {
        "customer": customer,
        "identities": list(customer.identities(manager="unscoped").filter(active=True).order_by("pk")),
        "contacts": list(customer.contacts(manager="unscoped").select_related("person").order_by("pk")),
        "positions": list(customer.positions(manager="unscoped").select_related("organisation").order_by("pk")),
        "notes": list(customer.notes(manager="unscoped").select_related("author").order_by("-happened_on", "-pk")[:50]),
        "grade_changes": list(
            customer.grade_changes(manager="unscoped")
            .select_related("proposed_by", "confirmed_by")
            .order_by("-pk")[:10]
        ),
    }
