"""What else stands on the customer card: contacts, links, notes, grade, and looking at masked fields."""

from datetime import date, datetime

from django.utils.translation import gettext as _

from yinuo.customers.commands.identities import resolve_customer
from yinuo.customers.commands.rows import locked_customer
from yinuo.customers.models import (
    ChannelIdentity,
    Contact,
    Customer,
    CustomerNote,
    GradeChange,
    OrganisationLink,
)
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused
from yinuo.kernel.text import clean_line, clean_text

REVEALABLE = ("phone", "email", "wechat", "address", "uscc", "birthday", "family", "id_number")


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
    row = Contact.objects.select_related("organisation").filter(pk=contact_id).first()
    if row is None:
        raise Missing(_("没有这位联系人，或您无权查看"))
    organisation = locked_customer(row.organisation_id, merged_too=True)
    record(organisation, {"contact_removed": row.person_id, "role": row.role})
    row.delete()
    return organisation


@command("customer.unlink", needs="customer.edit")
def unlink_organisations(*, link_id: int, by: Actor, at: datetime) -> Customer:
    """The two organisations do not belong together any more."""
    row = OrganisationLink.objects.filter(pk=link_id).first()
    if row is None:
        raise Missing(_("没有这条关联，或您无权查看"))
    parent = locked_customer(row.parent_id, merged_too=True)
    record(parent, {"unlinked": row.child_id, "kind": row.kind})
    row.delete()
    return parent


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


@command("customer.propose_grade", needs="customer.edit")
def propose_grade(*, customer_id: int, grade: str, reason: str, by: Actor, at: datetime) -> GradeChange:
    customer = locked_customer(customer_id)
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
    change = GradeChange.objects.filter(pk=change_id).select_for_update(no_key=True, of=("self",)).first()
    if change is None:
        raise Missing(_("没有这条级别变更"))
    if change.confirmed_at:
        raise Refused(_("这条级别变更已处理过"))
    locked_customer(change.customer_id)
    change.confirmed_by_id, change.confirmed_at, change.refused = by.staff_id, at, not agree
    change.save()
    if agree:
        Customer.unscoped.filter(pk=change.customer_id).update(grade=change.new_grade, updated_at=at)
    record(change.customer, {"to": change.new_grade, "agree": agree})
    return change


@command("customer.reveal", needs="customer.reveal", keeps=False)
def reveal_field(*, customer_id: int, field: str, reason: str, by: Actor, at: datetime) -> list[str]:
    """The plain values of a masked field; who looked, at what and why is kept."""
    customer = locked_customer(customer_id, merged_too=True)
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
