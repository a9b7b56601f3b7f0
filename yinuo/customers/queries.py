"""Reads about customers."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Case,
    Exists,
    F,
    Func,
    IntegerField,
    Model,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, ExtractYear

from yinuo.customers.models import ChannelIdentity, Customer, CustomerMerge, GradeChange, OrganisationLink
from yinuo.customers.rules import LOYAL_YEARS, SELF_PROVED, UNCHECKED_AT_MERGE, normal_identity
from yinuo.kernel.clock import CST
from yinuo.kernel.errors import Invalid
from yinuo.kernel.locks import rank
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
    digits = re.sub(r"\D", "", query)
    if len(digits) >= 7 and digits == re.sub(r"[\s\-+]", "", query):
        phones = ChannelIdentity.unscoped.filter(kind="phone", value__in=[digits, f"+86{digits}", f"+{digits}"])
        return rows.filter(pk__in=phones.values("customer_id"))
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
    """Where an e-mail about this customer's business may go: an address staff checked or entered, checked ones first,
    never one that a visitor attached to the file and proved by themselves, nor one nobody checked before two files
    were merged. One statement.
    """
    rows = ChannelIdentity.unscoped.filter(customer_id=customer_id, kind="email", active=True)
    rows = rows.exclude(verified_how__in=(*SELF_PROVED, UNCHECKED_AT_MERGE))
    return rows.order_by(F("verified_at").asc(nulls_last=True), "pk").first()


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


def links_of(customer: Customer) -> list[OrganisationLink]:
    """The organisations an organisation belongs to, and those that belong to it. One statement, none for a person."""
    if customer.kind != Customer.Kind.ORGANISATION:
        return []
    rows = OrganisationLink.unscoped.filter(Q(parent=customer) | Q(child=customer)).order_by("kind", "pk")
    return list(rows.select_related("parent", "child"))


def card(customer_id: int) -> dict[str, Any] | None:
    """Both pages of the card. Seven statements for a person, eight for an organisation."""
    customer = Customer.objects.select_related("owner", "unit", "merged_into").filter(pk=customer_id).first()
    if customer is None:
        return None
    return {
        "customer": customer,
        "identities": list(customer.identities(manager="unscoped").filter(active=True).order_by("pk")),
        "contacts": list(customer.contacts(manager="unscoped").select_related("person").order_by("pk")),
        "links": links_of(customer),
        "positions": list(customer.positions(manager="unscoped").select_related("organisation").order_by("pk")),
        "merges": list(
            CustomerMerge.unscoped.filter(Q(survivor=customer) | Q(absorbed=customer), split_at=None)
            .select_related("survivor", "absorbed", "merged_by")
            .order_by("-pk")[:20]
        ),
        "notes": list(customer.notes(manager="unscoped").select_related("author").order_by("-happened_on", "-pk")[:50]),
        "grade_changes": list(
            customer.grade_changes(manager="unscoped")
            .select_related("proposed_by", "confirmed_by")
            .order_by("-pk")[:10]
        ),
    }


#: What stays with the absorbed file of a merge: how its own grade came about, and the merges themselves.
STAYS = (Customer, CustomerMerge, GradeChange)
RECENT = 500


def pointing() -> Iterator[tuple[str, type[Model], str]]:
    """(label, model, field) of every reference to a customer that goes over in a merge, in the order of locks:
    addresses first.
    """
    found = [(r.related_model, r.field.name) for r in Customer._meta.related_objects if r.related_model not in STAYS]
    for model, field in sorted(found, key=lambda one: (rank(one[0]._meta.db_table), one[0]._meta.label, one[1])):
        yield f"{model._meta.label}.{field}", model, field


def goes_over(absorbed: Customer) -> dict[str, int]:
    """How much of each kind a merge would move. One statement per kind."""
    counts = {label: model._base_manager.filter(**{field: absorbed}).count() for label, model, field in pointing()}
    return {label: count for label, count in counts.items() if count}


def suspects(customer: Customer) -> list[Duplicate]:
    """Who else this customer may be. Three statements."""
    known = [(row.kind, row.value) for row in identities_of([customer.pk])[customer.pk]]
    found = duplicates(name=customer.name, identities=known, uscc=customer.uscc)
    return [d for d in found if d.customer.pk != customer.pk and d.customer.kind == customer.kind]


def likely_twice() -> list[ChannelIdentity]:
    """Addresses on more than one standing file, of those entered last. One statement, bounded."""
    other = ChannelIdentity.unscoped.filter(
        kind=OuterRef("kind"), value=OuterRef("value"), active=True, customer__merged_into=None,
        customer__kind=OuterRef("customer__kind"),
    ).exclude(customer=OuterRef("customer"))  # fmt: skip
    last = ChannelIdentity.objects.filter(active=True, customer__merged_into=None).order_by("-pk")[:RECENT]
    rows = ChannelIdentity.objects.filter(Exists(other), pk__in=last.values("pk"))
    return list(rows.select_related("customer__owner").order_by("-pk")[:100])


def merge_of(merge_id: int) -> CustomerMerge | None:
    """One statement."""
    return CustomerMerge.objects.select_related("survivor", "absorbed", "merged_by").filter(pk=merge_id).first()
