"""Registering a complaint, whatever the channel, and correcting what was registered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from yinuo.complaints.commands.moving import entry, handled_by, locked, require_open, save, topics
from yinuo.complaints.models import Complaint, LeaderReception
from yinuo.complaints.queries.searching import found_by, search_tokens
from yinuo.complaints.rules.choices import SEVERITY_RANK, Channel, RestatementState, Severity, Temperament
from yinuo.complaints.rules.conditions import for_standards
from yinuo.complaints.rules.registration import FIELDS, priority, registration, title_of, wrong_kind
from yinuo.complaints.states import Stage
from yinuo.conversations.commands import add_interaction, open_conversation
from yinuo.conversations.models import Conversation, Interaction
from yinuo.customers.commands import resolve_customer
from yinuo.customers.models import Customer
from yinuo.customers.rules import normal_identity
from yinuo.identity.models import Staff, Unit
from yinuo.identity.queries import intake_unit_id
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.clock import CST
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused
from yinuo.kernel.events import emit
from yinuo.kernel.locks import through_gates
from yinuo.kernel.search import tsvector
from yinuo.kernel.text import clean_line
from yinuo.matters.commands import open_matter, reindex_matter
from yinuo.matters.models import TimelineEntry

#: Nothing came before; and what came in the year 1 by our clock, no program could read again.
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


@command("complaint.register", needs="complaint.register")
def register(
    *, channel: str, content: str, customer_id: int | None = None, name: str = "", phone: str = "", email: str = "",
    customer_kind: str = "person", verified_how: str = "", title: str = "", severity: str = "", kind: str = "",
    subkind: str = "", temperament: str = "", upload_key: str = "", interaction_id: int | None = None,
    owner_id: int | None = None, unit_id: int | None = None,
    wants_leader: bool = False, received_at: datetime | None = None, number: str = "", by: Actor, at: datetime,
    **fields: Any,
) -> Complaint:  # fmt: skip
    """Open matter, complaint and interaction. `fields` are those of the form: demand, demand_amount, product, batch,
    produced_on, used_on, occurred_on, equipment, conditions, used_before. The interaction the
    complaint came by (an e-mail) is passed by id; otherwise it is made here and claims the files under `upload_key`.
    A number that was given out already is passed as `number`.
    """
    clean, wrong = _checked(
        {"content": content, "complainant": name, **fields}, channel, severity, kind, subkind, temperament, at
    )
    customer, phone, email = _customer(
        customer_id, customer_kind, name, phone, email, verified_how, unit_id, wrong, by, at
    )
    received = _received_at(received_at, at)
    _check_place(unit_id, owner_id)
    severity = severity or Severity.ORDINARY
    title = clean_line(title, 120) or title_of(clean["content"], clean.get("product", ""))
    unit_id = unit_id or by.unit_id or intake_unit_id()
    owner_id = owner_id or by.staff_id
    conversation, interaction = _thread(
        interaction_id, channel=channel, customer=customer, title=title, text=clean["content"], upload_key=upload_key,
        owner_id=owner_id, unit_id=unit_id, received=received, by=by, at=at,
    )  # fmt: skip
    row = Complaint(
        stage_since=at, channel=channel, registered_by_id=by.staff_id, received_at=received, phone=phone, email=email,
        severity=severity, kind=kind, subkind=subkind, temperament=temperament, raised_from_id=interaction_id, **clean,
    )  # fmt: skip
    text, *also = found_by(row)
    row.matter = open_matter(
        kind="complaint", title=title, customer=customer, conversation=conversation, channel=channel, owner_id=owner_id,
        unit_id=unit_id, state=Stage.RECEIVED.value, severity=SEVERITY_RANK[severity],
        priority=priority(severity, customer.grade, 0), search_text=text, search_also=also, number=number, by=by,
        at=at,
    )  # fmt: skip
    row.complainant = row.complainant or customer.name[:80]
    row.search = tsvector(search_tokens(row))
    handled_by(row, by)
    row.save(force_insert=True)
    _after_registering(row, customer, interaction, wants_leader, by, at)
    return row


def _after_registering(
    row: Complaint, customer: Customer, interaction: Interaction, wants_leader: bool, by: Actor, at: datetime
) -> None:
    entry(row, "received", _("投诉已登记"), by=by, at=at, public=True, interaction=interaction)
    if wants_leader:
        asked = LeaderReception.unscoped.create(complaint=row, at=at, by_id=by.staff_id, topic=row.matter.title)
        emit("complaint.reception_requested", topics=topics(row), matter_id=row.pk, reception_id=asked.pk)
        entry(row, "reception", _("客户要求领导接待"), by=by, at=at)
    emit(
        "complaint.received", topics=topics(row), matter_id=row.pk, number=row.matter.number,
        customer_id=customer.pk, grade=customer.grade, interaction_id=interaction.pk,
        received_at=row.received_at.isoformat(), by_kind=by.kind, **for_standards(row),
    )  # fmt: skip
    record(row, {"channel": row.channel, "number": row.matter.number, "severity": row.severity}, matter_id=row.pk)


@command("complaint.submit", needs="portal.use")
def submit_complaint(*, content: str, by: Actor, at: datetime, **fields: Any) -> Complaint:
    """A customer complains through the portal, without an account. Takes what `register` takes, but nothing that
    only staff may decide.
    """
    ours = {"owner_id", "severity", "verified_how", "customer_id", "received_at", "interaction_id", "channel", "number"}
    allowed = {k: v for k, v in fields.items() if k not in ours}
    if by.customer_id:
        allowed["customer_id"] = by.customer_id
    row: Complaint = register(channel=Channel.PORTAL, content=content, by=by, at=at, **allowed)
    record(row, {"channel": "portal"}, matter_id=row.pk)
    return row


@command("complaint.edit_registration", needs="complaint.handle")
def edit_registration(*, complaint_id: int, expected_version: int, by: Actor, at: datetime, **fields: Any) -> Complaint:
    """Correct the registered fields. What changed is kept in the timeline; a confirmed restatement must be repeated
    when the words the customer confirmed have changed.
    """
    row = locked(complaint_id, expected_version)
    require_open(row)
    unknown = sorted(set(fields) - set(FIELDS))
    if unknown:
        raise Invalid(_("没有这些字段：%(names)s") % {"names": "、".join(unknown)}, code="unknown_field")
    clean, wrong = registration({"produced_on": row.produced_on, "used_on": row.used_on, **fields}, _today(at))
    if wrong:
        raise Invalid(_("有几处需要更正"), fields=wrong)
    changed = {k: v for k, v in clean.items() if getattr(row, k) != v}
    if not changed:
        record(row, {"changed": []}, matter_id=row.pk)
        return row
    before = {k: _shown(getattr(row, k)) for k in changed}
    for name, value in changed.items():
        setattr(row, name, value)
    if row.restatement in (RestatementState.CONFIRMED, RestatementState.PENDING, RestatementState.CORRECTED):
        row.restatement = ""
    handled_by(row, by)
    save(row)
    Complaint.unscoped.filter(pk=row.pk).update(search=tsvector(search_tokens(row)))
    reindex_matter(row.matter, *found_by(row))
    labels = "、".join(str(getattr(Complaint._meta.get_field(k), "verbose_name", k)) for k in changed)
    entry(row, "edited", _("更正登记：%(names)s") % {"names": labels}, by=by, at=at, data={"before": before})
    emit("complaint.edited", topics=topics(row), matter_id=row.pk)
    record(row, {"changed": sorted(changed)}, matter_id=row.pk)
    return row


def _thread(
    interaction_id: int | None, *, channel: str, customer: Customer, title: str, text: str, upload_key: str,
    owner_id: int | None, unit_id: int | None, received: datetime, by: Actor, at: datetime,
) -> tuple[Conversation, Interaction]:  # fmt: skip
    """The interaction the complaint came by, and its conversation."""
    if interaction_id is not None:
        found = Interaction.objects.filter(pk=interaction_id, customer=customer).select_related("conversation").first()
        if found is None:
            raise Missing(_("没有这条互动，或您无权查看"))
        through_gates(found.conversation)
        _check_raised_once(found)
        return found.conversation, found
    conversation = open_conversation(
        channel=channel, customer_id=customer.pk, subject=title, owner_id=owner_id, unit_id=unit_id, by=by, at=at
    )
    interaction = add_interaction(
        conversation=conversation, direction="in", kind="complaint", text=text, subject=title, upload_key=upload_key,
        author_name=customer.name, happened_at=received, by=by, at=at,
    )  # fmt: skip
    return conversation, interaction


def _check_raised_once(interaction: Interaction) -> None:
    """One message is one complaint; who comes second is told which it is."""
    list(Interaction.unscoped.filter(pk=interaction.pk).select_for_update(no_key=True).values_list("pk"))
    number = raised_number(interaction.pk)
    if number:
        raise Refused(
            _("这条来信已经登记为投诉 %(number)s，请在那一件里办理") % {"number": number}, code="already_raised"
        )


def raised_number(interaction_id: int) -> str | None:
    """The number of the complaint an interaction has become, by whichever way it was registered."""
    lines = TimelineEntry.unscoped.filter(interaction=interaction_id, kind="received", matter__kind="complaint")
    return lines.values_list("matter__number", flat=True).first()


def _checked(
    given: dict[str, Any], channel: str, severity: str, kind: str, subkind: str, temperament: str, at: datetime
) -> tuple[dict[str, Any], dict[str, str]]:
    unknown = sorted(set(given) - set(FIELDS))
    if unknown:
        raise Invalid(_("没有这些字段：%(names)s") % {"names": "、".join(unknown)}, code="unknown_field")
    clean, wrong = registration(given, _today(at))
    if channel not in Channel.values:
        wrong["channel"] = _("请选择投诉渠道")
    if severity and severity not in Severity.values:
        wrong["severity"] = _("请选择严重程度")
    if temperament and temperament not in Temperament.values:
        wrong["temperament"] = _("没有这种客户类型")
    if kind or subkind:
        wrong.update(wrong_kind(kind, subkind))
    return clean, wrong


def _customer(
    customer_id: int | None, kind: str, name: str, phone: str, email: str, verified_how: str, unit_id: int | None,
    wrong: dict[str, str], by: Actor, at: datetime,
) -> tuple[Customer, str, str]:  # fmt: skip
    """The customer who complains, and the phone and address to reach them at, in one form."""
    clean: dict[str, str] = {}
    for what, given in (("phone", phone), ("email", email)):
        try:
            clean[what] = normal_identity(what, given) if given and given.strip() else ""
        except Invalid as problem:
            clean[what], wrong[what] = "", problem.message
    if wrong:
        raise Invalid(_("有几处需要更正"), fields=wrong)
    if customer_id is not None:
        found = Customer.objects.filter(pk=customer_id).select_related("merged_into").first()
        if found is None:
            raise Missing(_("没有这位客户，或您无权查看"))
        return found.merged_into or found, clean["phone"], clean["email"]
    identities = [(what, value) for what, value in clean.items() if value]
    customer = resolve_customer(
        kind=kind, name=name, identities=identities, verified_how=verified_how, unit_id=unit_id, by=by, at=at
    )
    return customer, clean["phone"], clean["email"]


def _check_place(unit_id: int | None, owner_id: int | None) -> None:
    """Where somebody asked the case to go must exist."""
    if unit_id and not Unit.objects.filter(pk=unit_id, active=True).exists():
        raise Invalid(_("没有这个部门"), fields={"unit_id": _("没有这个部门")})
    if owner_id and not Staff.objects.filter(pk=owner_id, is_active=True).exists():
        raise Invalid(_("这位员工不存在或已停用"), fields={"owner_id": _("这位员工不存在或已停用")})


def _received_at(given: datetime | None, at: datetime) -> datetime:
    if given is None:
        return at
    if given.tzinfo is None or given > at:
        raise Invalid(_("收到时间不能晚于现在"), fields={"received_at": _("收到时间不能晚于现在")})
    if given < EARLIEST:
        raise Invalid(_("收到时间太早，请核对年份"), fields={"received_at": _("收到时间太早，请核对年份")})
    return given


def _today(at: datetime) -> Any:
    return at.astimezone(CST).date()


def _shown(value: Any) -> str:
    return "" if value is None else str(value)[:500]
