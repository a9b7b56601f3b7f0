"""Customer rows as commands need them: locked, indexed, checked."""

from collections.abc import Iterable, Sequence

from django.db.models import Q
from django.utils.translation import gettext as _

from yinuo.customers.models import (
    ChannelIdentity,
    Customer,
)
from yinuo.kernel.errors import Missing, Refused, Stale
from yinuo.kernel.search import name_tokens, tsvector
from yinuo.kernel.text import grams


def search_tokens(customer: Customer, identities: Iterable[str]) -> list[str]:
    """What a customer is found by: name, pinyin, region, phone tails, addresses."""
    return [
        *name_tokens(customer.name),
        *grams(f"{customer.region} {customer.industry}"),
        *grams(" ".join(identities)),
    ]


def reindex(customer: Customer) -> None:
    """Found by its own words, and by the names of those merged into it."""
    values = list(ChannelIdentity.unscoped.filter(customer=customer, active=True).values_list("value", flat=True))
    earlier = Customer.unscoped.filter(merged_into=customer).values_list("name", flat=True)
    tokens = [*search_tokens(customer, values), *name_tokens(*earlier)]
    Customer.unscoped.filter(pk=customer.pk).update(search=tsvector(tokens))


def locked_customer(customer_id: int, expected_version: int | None = None, *, merged_too: bool = False) -> Customer:
    """The customer, locked until the transaction ends. One merged into another is written on no more."""
    customer = Customer.objects.filter(pk=customer_id).select_for_update(no_key=True, of=("self",)).first()
    if customer is None:
        raise Missing(_("没有这位客户，或您无权查看"))
    if customer.merged_into_id and not merged_too:
        into = Customer.unscoped.get(pk=customer.merged_into_id)
        raise Refused(_("这位客户已并入“%(name)s”，请在那张卡片上操作") % {"name": into.name}, code="merged")
    if expected_version is not None and customer.version != expected_version:
        raise Stale(_("这位客户的资料刚被别人改过"), current=customer)
    return customer


def verified_elsewhere(pairs: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    wanted = Q(pk__in=[])
    for kind, value in pairs:
        wanted |= Q(kind=kind, value=value)
    rows = ChannelIdentity.unscoped.filter(wanted, verified_at__isnull=False, active=True)
    return set(rows.values_list("kind", "value"))
