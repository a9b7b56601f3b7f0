"""Addresses a customer is reached by: adding, proving, and recognising by them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from yinuo.customers.commands.profiles import create_customer
from yinuo.customers.commands.rows import locked_customer, reindex
from yinuo.customers.models import (
    ChannelIdentity,
    Customer,
)
from yinuo.customers.rules import masked, normal_identity
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Refused
from yinuo.kernel.text import clean_line


def _identity_rows(pairs: Sequence[tuple[str, str]]) -> list[ChannelIdentity]:
    if not pairs:
        return []
    wanted = Q()
    for kind, value in pairs:
        wanted |= Q(kind=kind, value=value)
    rows = ChannelIdentity.unscoped.filter(wanted, active=True).select_related("customer__merged_into")
    return sorted(rows, key=lambda r: (r.verified_at is None, r.pk))


@command("customer.resolve", internal=True)
def resolve_customer(
    *, kind: str = "person", name: str, identities: Sequence[tuple[str, str]], verified_how: str = "",
    unit_id: int | None = None, source: str = "inbound", recognise: bool = True, by: Actor, at: datetime,
) -> Customer:  # fmt: skip
    """The customer who owns one of these verified identities, else a new one whose identities wait to be verified.

    A merged customer leads to the one it was merged into. An unverified identity never recognises anybody, except
    that a returning stranger with the very same unverified identity and name is not made twice. With `recognise`
    false (a forged sender) it never does: not the verified owner, nor anybody who has more than strangers have.
    """
    normal = list(dict.fromkeys((k, normal_identity(k, v)) for k, v in identities if v))
    rows = _identity_rows(normal)
    known = next((r for r in rows if r.verified_at), None) if recognise else None
    if known is None:
        same_name = (r for r in rows if r.customer.name == clean_line(name, 120))
        known = next((r for r in same_name if recognise or not (r.verified_at or r.customer.merged_into_id)), None)
    if known:
        customer = known.customer.merged_into or known.customer
        record(customer, {"recognised_by": known.kind, "verified": bool(known.verified_at)})
        return customer
    shown = clean_line(name, 120) or (masked(*normal[0])[:120] if normal else _("匿名客户"))
    return create_customer(
        kind=kind,
        name=shown,
        identities=normal,
        verified_how=verified_how,
        unit_id=unit_id,
        source=source,
        by=by,
        at=at,
    )


@command("customer.add_identity", needs="customer.edit")
def add_identity(*, customer_id: int, kind: str, value: str, verified_how: str = "", by: Actor, at: datetime) -> Any:
    customer, verified_how = locked_customer(customer_id), clean_line(verified_how, 40)
    normal = normal_identity(kind, value)
    identity, _made = ChannelIdentity.unscoped.get_or_create(customer=customer, kind=kind, value=normal)
    if not proved(identity, verified_how or identity.verified_how, at if verified_how else identity.verified_at):
        raise Refused(_("这个渠道身份已属于另一位客户，请先查重合并"))
    reindex(customer)
    record(customer, {"identity": identity.pk, "kind": kind, "verified": bool(verified_how)})
    return identity


@command("customer.verify_identity", internal=True)
def verify_identity(*, identity_id: int, how: str, by: Actor, at: datetime) -> ChannelIdentity:
    """The customer proved the address is theirs (a code, a signed link) or an agent checked it."""
    identity = ChannelIdentity.unscoped.select_for_update(no_key=True).get(pk=identity_id)
    if identity.verified_at is None and identity.active:
        proved(identity, how, at)
    record(identity, {"how": how, "verified": identity.verified_at is not None})
    return identity


def proved(identity: ChannelIdentity, how: str, verified_at: datetime | None) -> bool:
    """Store the identity as in use and, with a time, as verified. False, and nothing stored, when the address is
    verified for another customer, also one who proves it in this very moment: the database lets only one through.
    """
    before = identity.verified_at, identity.verified_how, identity.active
    identity.verified_at, identity.verified_how, identity.active = verified_at, how[:40], True
    try:
        with transaction.atomic():
            identity.save(update_fields=["verified_at", "verified_how", "active"])
    except IntegrityError:
        identity.verified_at, identity.verified_how, identity.active = before
        return False
    return True
