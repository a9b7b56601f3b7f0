"""Making and changing a customer's profile."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from yinuo.customers.commands.rows import locked_customer, reindex, search_tokens, verified_elsewhere
from yinuo.customers.models import (
    ChannelIdentity,
    Customer,
)
from yinuo.customers.rules import SOURCES, normal_identity, normal_uscc
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid
from yinuo.kernel.events import emit
from yinuo.kernel.search import tsvector
from yinuo.kernel.text import clean_line, pinyin_initials

EDITABLE = ("name", "status", "source", "industry", "size", "region", "address", "uscc")


def _cleaned(values: dict[str, Any]) -> dict[str, Any]:
    lengths = {
        "name": 120,
        "industry": 60,
        "size": 40,
        "region": 60,
        "address": 200,
        "source": 20,
        "status": 12,
    }
    cleaned = {k: clean_line(v, lengths.get(k, 200)) for k, v in values.items() if k in EDITABLE}
    if "name" in cleaned and not cleaned["name"]:
        raise Invalid(_("请填写客户姓名或单位名称"), fields={"name": _("请填写客户姓名或单位名称")})
    if "uscc" in cleaned:
        cleaned["uscc"] = normal_uscc(cleaned["uscc"])
    if cleaned.get("source") and cleaned["source"] not in SOURCES:
        raise Invalid(_("没有这个来源"), fields={"source": _("没有这个来源")})
    if cleaned.get("status") and cleaned["status"] not in Customer.Status.values:
        raise Invalid(_("没有这个状态"), fields={"status": _("没有这个状态")})
    return cleaned


@command("customer.create", needs="customer.edit")
def create_customer(
    *, kind: str, name: str, identities: Sequence[tuple[str, str]] = (), verified_how: str = "",
    profile: dict[str, Any] | None = None, owner_id: int | None = None, unit_id: int | None = None,
    by: Actor, at: datetime, **values: Any,
) -> Customer:  # fmt: skip
    """Make a customer. `verified_how` (for example "agent") marks the identities as checked by a person."""
    if kind not in Customer.Kind.values:
        raise Invalid(_("没有这种客户"), fields={"kind": _("没有这种客户")})
    cleaned = _cleaned({"name": name, **values})
    normal = list(dict.fromkeys((k, normal_identity(k, v)) for k, v in identities if v))
    customer = Customer(
        kind=kind, pinyin=pinyin_initials(cleaned["name"])[:120], profile=profile or {}, owner_id=owner_id,
        unit_id=unit_id or by.unit_id, created_at=at, updated_at=at, **cleaned,
    )  # fmt: skip
    customer.search = tsvector(search_tokens(customer, (v for _k, v in normal)))
    customer.save(force_insert=True)
    _keep_identities(customer, normal, verified_how, at)
    record(customer, {"kind": kind, "identities": [k for k, _v in normal]})
    return customer


def _keep_identities(customer: Customer, pairs: Sequence[tuple[str, str]], how: str, at: datetime) -> None:
    """What is verified for somebody else, also since a moment ago, is kept unverified."""
    for _try in range(len(pairs) + 1):
        taken = verified_elsewhere(pairs) if how else set(pairs)
        rows = [
            ChannelIdentity(
                customer=customer, kind=k, value=v, verified_at=None if (k, v) in taken else at,
                verified_how="" if (k, v) in taken else how,
            )
            for k, v in pairs
        ]  # fmt: skip
        if taken >= set(pairs):
            ChannelIdentity.unscoped.bulk_create(rows)
            return
        try:
            with transaction.atomic():
                ChannelIdentity.unscoped.bulk_create(rows)
            return
        except IntegrityError:  # somebody else verified one of them in between: look again
            continue


@command("customer.edit", needs="customer.edit")
def edit_customer(
    *, customer_id: int, expected_version: int, profile: dict[str, Any] | None = None, by: Actor, at: datetime,
    **values: Any,
) -> Customer:  # fmt: skip
    customer = locked_customer(customer_id, expected_version)
    cleaned = _cleaned(values)
    changed, called = sorted(k for k, v in cleaned.items() if getattr(customer, k) != v), customer.name
    for key, value in cleaned.items():
        setattr(customer, key, value)
    if profile is not None:
        customer.profile = {**customer.profile, **profile}
        changed += [f"profile.{k}" for k in profile]
    customer.pinyin = pinyin_initials(customer.name)[:120]
    customer.version += 1
    customer.updated_at = at
    customer.save()
    reindex(customer)
    record(customer, {"changed": changed})
    if customer.name != called:
        emit("customer.renamed", customer_id=customer.pk, old=called)
    return customer
