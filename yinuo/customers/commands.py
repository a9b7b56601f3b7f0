"""Writes about customers."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from yinuo.customers.models import (
    ChannelIdentity,
    Contact,
    Customer,
    CustomerNote,
    GradeChange,
    OrganisationLink,
)
from yinuo.customers.rules import SOURCES, normal_identity, normal_uscc
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused, Stale
from yinuo.kernel.search import name_tokens, tsvector
from yinuo.kernel.text import clean_line, clean_text, grams, pinyin_initials

EDITABLE = ("name", "status", "source", "industry", "size", "region", "address", "uscc")
REVEALABLE = ("phone", "email", "wechat", "address", "uscc", "birthday", "family", "id_number")


def search_tokens(customer: Customer, identities: Iterable[str]) -> list[str]:
    """What a customer is found by: name, pinyin, region, phone tails, addresses."""
    return [
        *name_tokens(customer.name),
        *grams(f"{customer.region} {customer.industry}"),
        *grams(" ".join(identities)),
    ]


def _reindex(customer: Customer) -> None:
    values = list(ChannelIdentity.unscoped.filter(customer=customer, active=True).values_list("value", flat=True))
    Customer.unscoped.filter(pk=customer.pk).update(search=tsvector(search_tokens(customer, values)))


def _locked(customer_id: int, expected_version: int | None = None) -> Customer:
    customer = Customer.objects.filter(pk=customer_id).select_for_update(of=("self",)).first()
    if customer is None:
        raise Missing(_("没有这位客户，或您无权查看"))
    if expected_version is not None and customer.version != expected_version:
        raise Stale(_("这位客户的资料刚被别人改过"), current=customer)
    return customer


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
    taken = _verified_elsewhere(normal) if verified_how else set()
    ChannelIdentity.unscoped.bulk_create(
        ChannelIdentity(
            customer=customer, kind=k, value=v, verified_at=at if verified_how and (k, v) not in taken else None,
            verified_how=verified_how if (k, v) not in taken else "",
        )
        for k, v in normal
    )  # fmt: skip
    record(customer, {"kind": kind, "identities": [k for k, _v in normal]})
    return customer


def _verified_elsewhere(pairs: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    wanted = Q(pk__in=[])
    for kind, value in pairs:
        wanted |= Q(kind=kind, value=value)
    rows = ChannelIdentity.unscoped.filter(wanted, verified_at__isnull=False, active=True)
    return set(rows.values_list("kind", "value"))


@command("customer.resolve", internal=True)
def resolve_customer(
    *, kind: str = "person", name: str, identities: Sequence[tuple[str, str]], verified_how: str = "",
    unit_id: int | None = None, source: str = "inbound", by: Actor, at: datetime,
) -> Customer:  # fmt: skip
    """The customer who owns one of these verified identities, else a new one whose identities wait to be verified.

    A merged customer leads to the one it was merged into. An unverified identity never recognises anybody, except
    that a returning stranger with the very same unverified identity and name is not made twice.
    """
    normal = list(dict.fromkeys((k, normal_identity(k, v)) for k, v in identities if v))
    rows = _identity_rows(normal)
    known = next((r for r in rows if r.verified_at), None)
    if known is None:
        known = next((r for r in rows if r.customer.name == clean_line(name, 120)), None)
    if known:
        customer = known.customer.merged_into or known.customer
        record(customer, {"recognised_by": known.kind, "verified": bool(known.verified_at)})
        return customer
    shown = clean_line(name, 120) or (normal[0][1][:120] if normal else _("匿名客户"))
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


def _identity_rows(pairs: Sequence[tuple[str, str]]) -> list[ChannelIdentity]:
    if not pairs:
        return []
    wanted = Q()
    for kind, value in pairs:
        wanted |= Q(kind=kind, value=value)
    rows = ChannelIdentity.unscoped.filter(wanted, active=True).select_related("customer__merged_into")
    return sorted(rows, key=lambda r: (r.verified_at is None, r.pk))


@command("customer.edit", needs="customer.edit")
def edit_customer(
    *, customer_id: int, expected_version: int, profile: dict[str, Any] | None = None, by: Actor, at: datetime,
    **values: Any,
) -> Customer:  # fmt: skip
    customer = _locked(customer_id, expected_version)
    cleaned = _cleaned(values)
    changed = sorted(k for k, v in cleaned.items() if getattr(customer, k) != v)
    for key, value in cleaned.items():
        setattr(customer, key, value)
    if profile is not None:
        customer.profile = {**customer.profile, **profile}
        changed += [f"profile.{k}" for k in profile]
    customer.pinyin = pinyin_initials(customer.name)[:120]
    customer.version += 1
    customer.updated_at = at
    customer.save()
    _reindex(customer)
    record(customer, {"changed": changed})
    return customer


@command("customer.add_identity", needs="customer.edit")
def add_identity(*, customer_id: int, kind: str, value: str, verified_how: str = "", by: Actor, at: datetime) -> Any:
    customer = _locked(customer_id)
    normal = normal_identity(kind, value)
    if verified_how and _verified_elsewhere([(kind, normal)]):
        raise Refused(_("这个渠道身份已属于另一位客户，请先查重合并"))
    identity, _made = ChannelIdentity.unscoped.get_or_create(customer=customer, kind=kind, value=normal)
    identity.active = True
    if verified_how:
        identity.verified_at, identity.verified_how = at, verified_how
    identity.save()
    _reindex(customer)
    record(customer, {"identity": identity.pk, "kind": kind, "verified": bool(verified_how)})
    return identity


@command("customer.verify_identity", internal=True)
def verify_identity(*, identity_id: int, how: str, by: Actor, at: datetime) -> ChannelIdentity:
    """The customer proved the address is theirs (a code, a signed link) or an agent checked it."""
    identity = ChannelIdentity.unscoped.select_for_update().get(pk=identity_id)
    if identity.verified_at is None and not _verified_elsewhere([(identity.kind, identity.value)]):
        identity.verified_at, identity.verified_how = at, how[:40]
        identity.save(update_fields=["verified_at", "verified_how"])
    record(identity, {"how": how, "verified": identity.verified_at is not None})
    return identity


@command("customer.add_contact", needs="customer.edit")
def add_contact(
    *, organisation_id: int, person_id: int, role: str, title: str = "", by: Actor, at: datetime
) -> Contact:
    organisation, person = _locked(organisation_id), _locked(person_id)
    if organisation.kind != "organisation" or person.kind != "person":
        raise Refused(_("联系人必须是个人，所属必须是单位"))
    if role not in Contact.Role.values:
        raise Invalid(_("没有这个角色"), fields={"role": _("没有这个角色")})
    contact, _made = Contact.unscoped.get_or_create(
        organisation=organisation, person=person, role=role, defaults={"title": clean_line(title, 60)}
    )
    record(organisation, {"contact": person.pk, "role": role})
    return contact


@command("customer.add_contact_person", needs="customer.edit")
def add_contact_person(
    *, organisation_id: int, person: str, phone: str = "", role: str, title: str = "", by: Actor, at: datetime
) -> Contact:
    """A contact by name: the person is recognised by a verified phone, else entered as a customer of their own."""
    identities = [("phone", phone)] if phone else []
    known = resolve_customer(name=person, identities=identities, source="internal", by=by, at=at)
    return add_contact(organisation_id=organisation_id, person_id=known.pk, role=role, title=title, by=by, at=at)


@command("customer.link", needs="customer.edit")
def link_organisations(*, parent_id: int, child_id: int, kind: str, by: Actor, at: datetime) -> OrganisationLink:
    parent, child = _locked(parent_id), _locked(child_id)
    if parent.pk == child.pk or "person" in (parent.kind, child.kind):
        raise Refused(_("只有两个不同的单位才能建立关联"))
    link, _made = OrganisationLink.unscoped.get_or_create(parent=parent, child=child, kind=kind)
    record(parent, {"child": child.pk, "kind": kind})
    return link


@command("customer.note", needs="customer.edit")
def add_note(
    *, customer_id: int, with_whom: str, happened_on: date, text: str, by: Actor, at: datetime
) -> CustomerNote:
    customer = _locked(customer_id)
    cleaned = clean_text(text, 5000)
    if not cleaned:
        raise Invalid(_("请填写内容"), fields={"text": _("请填写内容")})
    if happened_on > at.date():
        raise Invalid(_("发生日期不能在将来"), fields={"happened_on": _("发生日期不能在将来")})
    note = CustomerNote.unscoped.create(
        customer=customer, with_whom=with_whom, happened_on=happened_on, text=cleaned, author_id=by.staff_id
    )
    record(customer, {"note": note.pk})
    return note


@command("customer.propose_grade", needs="customer.edit")
def propose_grade(*, customer_id: int, grade: str, reason: str, by: Actor, at: datetime) -> GradeChange:
    customer = _locked(customer_id)
    if grade not in Customer.Grade.values or not clean_line(reason, 300):
        raise Invalid(_("请选择级别并说明理由"), fields={"reason": _("请选择级别并说明理由")})
    change = GradeChange.unscoped.create(
        customer=customer, old_grade=customer.grade, new_grade=grade, reason=clean_line(reason, 300),
        proposed_by_id=by.staff_id, proposed_at=at,
    )  # fmt: skip
    record(customer, {"from": customer.grade, "to": grade})
    return change


@command("customer.confirm_grade", needs="customer.grade")
def confirm_grade(*, change_id: int, agree: bool, by: Actor, at: datetime) -> GradeChange:
    change = GradeChange.objects.filter(pk=change_id).select_for_update(of=("self",)).first()
    if change is None:
        raise Missing(_("没有这条级别变更"))
    if change.confirmed_at:
        raise Refused(_("这条级别变更已处理过"))
    change.confirmed_by_id, change.confirmed_at, change.refused = by.staff_id, at, not agree
    change.save()
    if agree:
        Customer.unscoped.filter(pk=change.customer_id).update(grade=change.new_grade, updated_at=at)
    record(change.customer, {"to": change.new_grade, "agree": agree})
    return change


@command("customer.reveal", needs="customer.reveal")
def reveal_field(*, customer_id: int, field: str, reason: str, by: Actor, at: datetime) -> list[str]:
    """The plain values of a masked field; who looked, at what and why is kept."""
    customer = _locked(customer_id)
    why = clean_line(reason, 200)
    if len(why) < 2:
        raise Invalid(_("请说明查看原因"), fields={"reason": _("请说明查看原因")})
    if field not in REVEALABLE:
        raise Invalid(_("没有这个字段"), fields={"field": _("没有这个字段")})
    record(customer, {"field": field, "reason": why})
    if field in ChannelIdentity.Kind.values:
        return list(
            customer.identities(manager="unscoped").filter(kind=field, active=True).values_list("value", flat=True)
        )
    value = getattr(customer, field, None) or customer.profile.get(field, "")
    return [str(value)] if value else []
