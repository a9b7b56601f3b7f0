"""What else stands on the customer card: contacts, links and notes."""

from datetime import date, datetime
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from yinuo.customers.commands.identities import resolve_customer
from yinuo.customers.commands.rows import locked_customer
from yinuo.customers.models import (
    Contact,
    Customer,
    CustomerNote,
    OrganisationLink,
)
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused
from yinuo.kernel.text import clean_line, clean_text


@command("customer.add_contact", needs="customer.edit")
def add_contact(
    *, organisation_id: int, person_id: int, role: str, title: str = "", by: Actor, at: datetime
) -> Contact:
    organisation, person = locked_customer(organisation_id), locked_customer(person_id)
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
    parent, child = locked_customer(parent_id), locked_customer(child_id)
    if parent.pk == child.pk or "person" in (parent.kind, child.kind):
        raise Refused(_("只有两个不同的单位才能建立关联"))
    if kind not in OrganisationLink.Kind.values:
        raise Invalid(_("请选择下属单位或经销商"), fields={"kind": _("请选择下属单位或经销商")})
    link, _made = OrganisationLink.unscoped.get_or_create(parent=parent, child=child, kind=kind)
    record(parent, {"child": child.pk, "kind": kind})
    return link


@command("customer.remove_contact", needs="customer.edit")
def remove_contact(*, contact_id: int, by: Actor, at: datetime) -> Customer:
    """This person has that part in the organisation no more; both files stay as they are."""
    row = Contact.objects.filter(pk=contact_id).first()
    if row is None:
        raise Missing(_("没有这位联系人，或您无权查看"))
    return struck_off(row, row.organisation_id, {"contact_removed": row.person_id, "role": row.role})


@command("customer.unlink", needs="customer.edit")
def unlink_organisations(*, link_id: int, by: Actor, at: datetime) -> Customer:
    """The two organisations do not belong together any more."""
    row = OrganisationLink.objects.filter(pk=link_id).first()
    if row is None:
        raise Missing(_("没有这条关联，或您无权查看"))
    return struck_off(row, row.parent_id, {"unlinked": row.child_id, "kind": row.kind})


def struck_off(row: Model, customer_id: int, what: dict[str, Any]) -> Customer:
    """A line leaves the card of its customer, also of one who was merged into another; the audit keeps what it said."""
    customer = locked_customer(customer_id, merged_too=True)
    record(customer, what)
    row.delete()
    return customer


@command("customer.note", needs="customer.edit")
def add_note(
    *, customer_id: int, with_whom: str, happened_on: date, text: str, by: Actor, at: datetime
) -> CustomerNote:
    customer = locked_customer(customer_id)
    if with_whom not in CustomerNote.With.values:
        raise Invalid(_("请选择与我方还是与他方"), fields={"with_whom": _("请选择与我方还是与他方")})
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
