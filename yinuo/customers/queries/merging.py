"""Files that may be one customer's, and what goes over when they become one."""

from collections.abc import Iterator

from django.db.models import Exists, Model, OuterRef
from django.db.models.fields.reverse_related import ForeignObjectRel

from yinuo.customers.models import ChannelIdentity, Customer, CustomerMerge, GradeChange
from yinuo.customers.queries.finding import Duplicate, duplicates, identities_of
from yinuo.kernel.locks import rank

RECENT = 500
#: What stays with the absorbed file of a merge: how its own grade came about, and the merges themselves.
STAYS = (Customer, CustomerMerge, GradeChange)


def pointing() -> Iterator[tuple[str, type[Model], str]]:
    """(label, model, field) of every reference to a customer that goes over in a merge, in the order of locks:
    addresses first.
    """
    every = Customer._meta.get_fields(include_hidden=True)  # also those without a name on this side
    refers = [r for r in every if isinstance(r, ForeignObjectRel)]
    found = [(r.related_model, r.field.name) for r in refers if r.related_model not in STAYS]
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
