"""Who a customer is: the duplicate check, finding by any fragment, and by how they deal with us."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, Func, IntegerField, Q, QuerySet, TextField, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, ExtractYear

from yinuo.customers.models import ChannelIdentity, Customer
from yinuo.customers.rules import LOYAL_YEARS, SELF_PROVED, UNCHECKED_AT_MERGE, normal_identity
from yinuo.kernel.clock import CST
from yinuo.kernel.errors import Invalid
from yinuo.kernel.search import RawQuery, matching
from yinuo.kernel.text import clean_line, pinyin_full, pinyin_initials


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A customer who may be the one being entered, and by what; `verified`: that address is proved theirs."""

    customer: Customer
    by: str
    verified: bool = False


def duplicates(*, name: str = "", identities: Sequence[tuple[str, str]] = (), uscc: str = "") -> list[Duplicate]:
    """The duplicate check on entry: same phone, address, credit code or name, also a name that only sounds the same
    (pinyin). Two statements, at most ten rows.
    """
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
    same, named, code = Q(pk__in=[]), clean_line(name[:240], 240), clean_line(uscc[:60], 60).upper()
    if named:
        same |= Q(name=named) | _sounding(named)
    if code:
        same |= Q(uscc=code)
    exactly_first = Case(When(Q(name=named) | Q(uscc=code) & ~Q(uscc=""), then=0), default=1)
    for customer in Customer.objects.filter(same, merged_into=None).order_by(exactly_first, "pk")[:10]:
        by = "uscc" if code and customer.uscc == code else "name" if customer.name == named else "pinyin"
        found.setdefault(customer.pk, Duplicate(customer, by))
    return list(found.values())[:10]


def _sounding(name: str) -> Q:
    """Names written otherwise that are spoken alike: the same full spelling and the same initials."""
    if len(re.findall(r"[\u4e00-\u9fff]", name)) < 2:
        return Q(pk__in=[])
    return Q(search=RawQuery([pinyin_full(name)[:60]]), pinyin=pinyin_initials(name)[:120])


def narrowed(rows: QuerySet[Any], query: str) -> QuerySet[Any]:
    """Customers by any fragment: two Chinese characters, pinyin initials, a phone number or its last digits."""
    return matching(rows, query)


def dealt_with(rows: QuerySet[Any], how: str, this_year: int) -> QuerySet[Any]:
    """Those who are new, old or loyal customers (`rules.dealing`)."""
    written = Func(
        KeyTextTransform("since", "profile"), Value(r"((?:19|20)\d\d)"), function="SUBSTRING", arg_joiner=" FROM ",
        output_field=TextField(),
    )  # fmt: skip
    began = Coalesce(Cast(written, IntegerField()), ExtractYear("created_at", tzinfo=CST))
    years = {
        "new": Q(f_since__gte=this_year),
        "old": Q(f_since__lt=this_year, f_since__gt=this_year - LOYAL_YEARS),
        "loyal": Q(f_since__lte=this_year - LOYAL_YEARS),
    }
    chosen: QuerySet[Any] = rows.alias(f_since=began).filter(years[how])
    return chosen


def mail_address(customer_id: int) -> ChannelIdentity | None:
    """Where an e-mail about this customer's business may go, checked addresses first. One statement."""
    return mail_addresses(customer_id).order_by(F("verified_at").asc(nulls_last=True), "pk").first()


def mail_addresses(customer: Any) -> QuerySet[ChannelIdentity]:
    """Addresses staff checked or entered, never one that a visitor attached to the file and proved by themselves, nor
    one nobody checked before two files were merged. `customer`: an id, or a reference to it within a statement.
    """
    rows = ChannelIdentity.unscoped.filter(customer=customer, kind="email", active=True)
    return rows.exclude(verified_how__in=(*SELF_PROVED, UNCHECKED_AT_MERGE))


def checked_addresses(customer: Any, kind: str = "email") -> QuerySet[ChannelIdentity]:
    """Those one of us has checked. `customer` as above."""
    rows = ChannelIdentity.unscoped.filter(customer=customer, kind=kind, active=True, verified_at__isnull=False)
    return rows.exclude(verified_how__in=SELF_PROVED)


def standing(customer_id: int) -> Customer | None:
    """The customer, or the one it was merged into. One statement."""
    row = Customer.objects.select_related("merged_into").filter(pk=customer_id).first()
    return (row.merged_into or row) if row else None


def find(query: str, limit: int = 20) -> list[Customer]:
    """The most recently touched customers `narrowed` finds. One statement."""
    return list(narrowed(Customer.objects.filter(merged_into=None), query).order_by("-updated_at")[:limit])


def identities_of(customer_ids: Sequence[int]) -> dict[int, list[ChannelIdentity]]:
    """Active identities by customer. One statement; the caller has already been shown these customers."""
    rows: dict[int, list[ChannelIdentity]] = {pk: [] for pk in customer_ids}
    for row in ChannelIdentity.unscoped.filter(customer_id__in=customer_ids, active=True).order_by("pk"):
        rows[row.customer_id].append(row)
    return rows
