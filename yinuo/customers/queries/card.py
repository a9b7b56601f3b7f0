"""The card: everything that stands on one customer's two pages."""

from typing import Any

from django.db.models import Q, QuerySet

from yinuo.customers.models import (
    ChannelIdentity,
    Contact,
    Customer,
    CustomerMerge,
    CustomerNote,
    GradeChange,
    OrganisationLink,
)
from yinuo.kernel.planned import planned


def links_of(customer: Customer) -> list[Any]:
    """The organisations an organisation belongs to, and those that belong to it. One statement, none for a person."""
    return _links(customer_id=customer.pk) if customer.kind == Customer.Kind.ORGANISATION else []


def card(customer_id: int) -> dict[str, Any] | None:
    """Both pages of the card. Seven statements for a person, eight for an organisation."""
    found = _customer(customer_id=customer_id)
    if not found:
        return None
    return {
        "customer": found[0],
        "identities": _identities(customer_id=customer_id),
        "contacts": _contacts(customer_id=customer_id),
        "links": links_of(found[0]),
        "positions": _positions(customer_id=customer_id),
        "merges": _merges(customer_id=customer_id),
        "notes": _notes(customer_id=customer_id),
        "grade_changes": _grade_changes(customer_id=customer_id),
    }


@planned("customer_id")
def _customer(*, customer_id: int) -> QuerySet[Any]:
    return Customer.objects.select_related("owner", "unit", "merged_into").filter(pk=customer_id)


# What hangs on a customer the actor was already let into.


@planned("customer_id")
def _links(*, customer_id: int) -> QuerySet[Any]:
    rows = OrganisationLink.unscoped.filter(Q(parent=customer_id) | Q(child=customer_id)).order_by("kind", "pk")
    return rows.select_related("parent", "child")


@planned("customer_id")
def _identities(*, customer_id: int) -> QuerySet[Any]:
    return ChannelIdentity.unscoped.filter(customer=customer_id, active=True).order_by("pk")


@planned("customer_id")
def _contacts(*, customer_id: int) -> QuerySet[Any]:
    return Contact.unscoped.filter(organisation=customer_id).select_related("person").order_by("pk")


@planned("customer_id")
def _positions(*, customer_id: int) -> QuerySet[Any]:
    return Contact.unscoped.filter(person=customer_id).select_related("organisation").order_by("pk")


@planned("customer_id")
def _merges(*, customer_id: int) -> QuerySet[Any]:
    rows = CustomerMerge.unscoped.filter(Q(survivor=customer_id) | Q(absorbed=customer_id), split_at=None)
    return rows.select_related("survivor", "absorbed", "merged_by").order_by("-pk")[:20]


@planned("customer_id")
def _notes(*, customer_id: int) -> QuerySet[Any]:
    rows = CustomerNote.unscoped.filter(customer=customer_id).select_related("author")
    return rows.order_by("-happened_on", "-pk")[:50]


@planned("customer_id")
def _grade_changes(*, customer_id: int) -> QuerySet[Any]:
    rows = GradeChange.unscoped.filter(customer=customer_id).select_related("proposed_by", "confirmed_by")
    return rows.order_by("-pk")[:10]
