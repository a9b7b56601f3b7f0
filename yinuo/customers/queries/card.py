"""The card: everything that stands on one customer's two pages."""

from typing import Any

from django.db.models import Q

from yinuo.customers.models import Customer, CustomerMerge, OrganisationLink


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
