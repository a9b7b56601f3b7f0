"""Somebody writes to us: the customer, the thread, the matter and what they are told at once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from yinuo.channels.portal.rules import KINDS, MAX_CONTENT, demand_text
from yinuo.complaints.commands.registration import submit_complaint
from yinuo.complaints.rules.registration import registration, title_of
from yinuo.conversations.commands import add_interaction, open_conversation
from yinuo.conversations.models import Channel, Conversation
from yinuo.customers.commands import create_customer
from yinuo.customers.models import ChannelIdentity, Customer
from yinuo.customers.rules import normal_identity, reachable_phone
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.clock import CST
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_line, clean_text
from yinuo.matters.commands import add_entry, open_matter
from yinuo.matters.models import Matter
from yinuo.matters.plain import OPEN

Pairs = Sequence[tuple[str, str]]
#: Fields of the complaint form beyond what every kind has.
EXTRA = ("product", "batch", "occurred_on")


@command("portal.submit", needs="portal.use")
def submit(
    *, kind: str, content: str, name: str, phone: str = "", email: str = "", wishes: Sequence[str] = (),
    demand: str = "", wants_leader: bool = False, upload_key: str = "", by: Actor, at: datetime, **extra: Any,
) -> dict[str, Any]:  # fmt: skip
    """A complaint, enquiry, suggestion or praise from somebody without an account. Returns matter id and number.

    What is typed here recognises nobody: a phone or address alone never opens an existing customer's file.
    """
    clean, identities = check(
        kind=kind, content=content, name=name, phone=phone, email=email, wishes=wishes, demand=demand, at=at, **extra
    )  # fmt: skip
    customer = _customer(clean["name"], identities, by, at)
    known = replace(by, customer_id=customer.pk, name=customer.name[:80])
    if kind == "complaint":
        matter = submit_complaint(
            content=clean["content"], name=clean["name"], demand=clean["demand"], wants_leader=wants_leader,
            phone=dict(identities).get("phone", ""), email=dict(identities).get("email", ""), upload_key=upload_key,
            by=known, at=at, **{k: clean[k] for k in EXTRA if k in clean},
        ).matter  # fmt: skip
    else:
        matter = _open(kind, clean, customer, identities, upload_key, known, at)
    _tell_staff(matter, identities, at)
    emit("portal.submitted", topics=["inbox"], matter_id=matter.pk, kind=kind)
    record(matter, {"kind": kind, "contact": [k for k, _v in identities]}, matter_id=matter.pk)
    return {"matter_id": matter.pk, "number": matter.number}


def check(
    *, kind: str, content: str, name: str, phone: str = "", email: str = "", wishes: Sequence[str] = (),
    demand: str = "", at: datetime, **extra: Any,
) -> tuple[dict[str, Any], list[tuple[str, str]]]:  # fmt: skip
    """The clean values and the addresses; or everything that is wrong at once, each in a sentence beside its field.
    Reads no row, so it is asked before tries are counted: who mends a mistake is not somebody who floods.
    """
    if kind not in KINDS:
        raise Invalid(_("请选择要办的事"), fields={"kind": _("请选择要办的事")})
    more = {name: extra[name] for name in EXTRA if name in extra}
    fields = {"content": content, "demand": demand_text(wishes, demand), **more}
    clean, wrong = registration(fields, at.astimezone(CST).date())
    try:
        if len(clean_text(content, MAX_CONTENT)) < 2:
            wrong["content"] = _("请写几个字，告诉我们是什么事")
    except Invalid as problem:
        wrong["content"] = problem.message
    try:
        clean["name"] = clean_line(name, 40)
        if not clean["name"]:
            wrong["name"] = _("请告诉我们怎么称呼您")
    except Invalid:
        wrong["name"] = _("称呼太长了，最多 40 个字")
    identities = _identities(phone, email, wrong)
    if wrong:
        raise Invalid(_("有几处需要补一下，您写的内容都还在"), fields=wrong)
    return clean, identities


def _identities(phone: str, email: str, wrong: dict[str, str]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for what, given in (("phone", phone), ("email", email)):
        if not given.strip():
            continue
        try:
            value = normal_identity(what, given)
        except Invalid as problem:
            wrong[what] = problem.message
            continue
        if what == "phone" and not reachable_phone(value):
            wrong[what] = _("电话号码不对：请写能打通的号码，手机 11 位，座机加区号，例如 0771-5701234")
        found.append((what, value))
    if not found and not {"phone", "email"} & set(wrong):
        wrong["phone"] = _("电话和邮箱请至少留一个，否则我们没法答复您")
    return found


def _customer(name: str, identities: Pairs, by: Actor, at: datetime) -> Customer:
    """A new customer whose addresses wait to be verified; the same stranger coming back is not made twice.

    Somebody with a verified address is never picked here, whoever types that address. Nor does anybody ever get an
    address added here: who knows a name and a phone could add their own and be sent the mail of the other's cases.
    """
    back = Customer.unscoped.filter(name=name, merged_into=None, source="website")
    for kind, value in identities:
        back = back.filter(
            Exists(ChannelIdentity.unscoped.filter(customer=OuterRef("pk"), kind=kind, value=value, active=True))
        )
    known = back.exclude(identities__in=ChannelIdentity.unscoped.filter(verified_at__isnull=False)).order_by("pk")
    found = known.first()
    if found is None:
        made: Customer = create_customer(
            kind="person", name=name, identities=identities, source="website", by=by, at=at
        )
        return made
    record(found, {"returned": True})
    return found


def _open(
    kind: str, clean: dict[str, Any], customer: Customer, identities: Pairs, upload_key: str, by: Actor, at: datetime
) -> Matter:
    """An enquiry waits for its answer (the hotline promise); a suggestion or praise is read and passed on.

    The conversation remembers the address typed with this very case; mail about it goes there only.
    """
    what, value = next((p for p in identities if p[0] == "email"), identities[0])
    identity = ChannelIdentity.unscoped.get(customer=customer, kind=what, value=value)
    thread = open_conversation(
        channel=Channel.PORTAL, customer_id=customer.pk, identity_id=identity.pk, subject=title_of(clean["content"]),
        by=by, at=at,
    )  # fmt: skip
    said = add_interaction(
        conversation=thread, direction="in", kind=KINDS[kind].interaction, text=clean["content"],
        author_name=customer.name, subject=thread.subject, upload_key=upload_key,
        expects_answer=kind == "enquiry", by=by, at=at,
    )  # fmt: skip
    matter: Matter = open_matter(
        kind=kind, title=thread.subject, customer=customer, state=OPEN, conversation=thread,
        search_text=clean["content"], by=by, at=at,
    )  # fmt: skip
    add_entry(matter=matter, kind="received", text=str(KINDS[kind].thanks), interaction=said, public=True, by=by, at=at)
    return matter


def _tell_staff(matter: Matter, identities: Pairs, at: datetime) -> None:
    """Another customer has the same phone or address: staff compare and decide, the visitor learns nothing."""
    names: dict[str, None] = {}
    for kind, value in identities:
        same = ChannelIdentity.unscoped.filter(kind=kind, value=value, active=True).exclude(
            customer_id=matter.customer_id
        )
        names.update(dict.fromkeys(same.values_list("customer__name", flat=True)[:3]))
    if names:
        add_entry(
            matter=matter, kind="identity", by=Actor.system("portal"), at=at,
            text=_("来信人留的联系方式与客户“%(names)s”相同，尚未核实，请核对后再合并") % {"names": "、".join(names)},
        )  # fmt: skip


def thread_of_case(matter: Matter, by: Actor, at: datetime) -> Conversation:
    """Where the customer's words through the portal go: the case's own portal thread, or one beside it."""
    if matter.conversation and matter.conversation.channel == Channel.PORTAL:
        return matter.conversation
    key = f"portal:{matter.pk}"
    found = Conversation.unscoped.filter(thread_key=key, channel=Channel.PORTAL).first()
    if found:
        return found
    made: Conversation = open_conversation(
        channel=Channel.PORTAL, customer_id=matter.customer_id, subject=matter.title, owner_id=matter.owner_id,
        unit_id=matter.unit_id, thread_key=key, by=by, at=at,
    )  # fmt: skip
    return made
