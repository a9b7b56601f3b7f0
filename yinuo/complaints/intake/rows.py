"""The rows of a plain intake, and what is recorded and announced with them, in the order of the command."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yinuo.calendars.queries import _book
from yinuo.complaints.commands.moving import handled_by, topics
from yinuo.complaints.intake.known import Contact, Known, Place, customer_of
from yinuo.complaints.intake.plain import Intake
from yinuo.complaints.models import Complaint
from yinuo.complaints.queries.searching import found_by, search_tokens
from yinuo.complaints.rules.choices import SEVERITY_RANK
from yinuo.complaints.rules.conditions import for_standards
from yinuo.complaints.rules.registration import priority
from yinuo.complaints.states import Stage
from yinuo.conversations.commands import topics_of as conversation_topics
from yinuo.conversations.models import Conversation, Interaction
from yinuo.customers.commands import search_tokens as customer_tokens
from yinuo.customers.models import ChannelIdentity, Customer
from yinuo.identity.models import Staff, Unit
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.audit import record
from yinuo.kernel.clock import CST
from yinuo.kernel.events import emit
from yinuo.kernel.single_write import new_row, vector_text
from yinuo.kernel.text import clean_line, clean_text, grams
from yinuo.kernel.work import Work
from yinuo.matters.commands import PREFIXES, matter_tokens
from yinuo.matters.commands import topics_of as matter_topics
from yinuo.matters.models import Matter, TimelineEntry
from yinuo.promises.commands.making import Subject, from_standard
from yinuo.promises.commands.telling import topics_of as promise_topics
from yinuo.promises.models import Promise, Standard
from yinuo.promises.rules.matching import applicable
from yinuo.promises.rules.moments import start_of
from yinuo.promises.wording import made_text

PROMISES = Actor.system("promises")


def intake_rows(work: Work, known: Known, place: Place, intake: Intake, standards: Sequence[Standard]) -> list[Any]:
    """The rows, and in the work what is recorded and announced, each in the order of the command; none if the
    customer is somebody the command has to deal with. The intake's actor is acting.
    """
    by, at, clean, extra, channel = intake.by, intake.at, intake.clean, intake.extra, intake.channel
    customer, how = customer_of(known, intake.name, intake.customer_kind, intake.contacts, by, at)
    if customer is None:
        return []
    if how is None:
        customer.pk = next(known.customer_ids)
        known.remember(customer, intake.contacts)
    rows = _customer_rows(work, customer, how, intake.contacts)
    unit, title = new_row(Unit, pk=by.unit_id, path=place.unit_path), extra["title"]
    conversation = new_row(
        Conversation,
        pk=next(known.conversation_ids), channel=channel, customer_id=customer.pk,
        subject=clean_line(title[:600], 600)[:300], owner_id=by.staff_id, unit_id=by.unit_id, opened_at=at, last_at=at,
    )  # fmt: skip
    body = clean_text(clean["content"], 100_000)
    interaction = new_row(
        Interaction,
        pk=next(known.interaction_ids), conversation=conversation, customer_id=customer.pk, channel=channel,
        direction="in", kind="complaint", at=extra["received"], author_id=by.staff_id,
        author_name=clean_line(customer.name, 240)[:120], subject=conversation.subject, text=body,
        search=vector_text(grams(f"{conversation.subject}\n{body[:20_000]}")),
    )  # fmt: skip
    number = intake.number or f"{PREFIXES['complaint']}{at.astimezone(CST):%y%m%d}-{next(known.running):06d}"
    matter = new_row(
        Matter,
        pk=next(known.matter_ids), number=number, kind="complaint", title=clean_line(title[:400], 400)[:200] or number,
        customer=customer, conversation=conversation, channel=channel, state=Stage.RECEIVED.value, unit=unit,
        owner=new_row(Staff, pk=by.staff_id, name=place.staff_name),
        priority=priority(extra["severity"], customer.grade, 0), severity=SEVERITY_RANK[extra["severity"]],
        opened_at=at, last_activity_at=at,
    )  # fmt: skip
    row = new_row(
        Complaint,
        matter=matter, stage_since=at, channel=channel, registered_by_id=by.staff_id, received_at=extra["received"],
        phone=extra["phone"], email=extra["email"], severity=extra["severity"], kind=extra["kind"],
        subkind=extra["subkind"], temperament=extra["temperament"], **clean,
    )  # fmt: skip
    row.complainant = row.complainant or customer.name[:80]
    row.search = vector_text(search_tokens(row))
    matter.search = vector_text(matter_tokens(matter, customer.name, *found_by(row)))
    handled_by(row, by)
    received = _entry(matter, by, at, kind="received", text=_("投诉已登记"), public=True, interaction=interaction)
    _tell(work, row, conversation, interaction, intake)
    promised = _promised(work, known, matter, row, interaction, standards, at)
    return [*rows, conversation, interaction, matter, row, received, *promised]


def _customer_rows(
    work: Work, customer: Customer, how: tuple[str, bool] | None, contacts: Sequence[Contact]
) -> list[Any]:
    if how is not None:
        with work.frame("customer.resolve"):
            record(customer, {"recognised_by": how[0], "verified": how[1]})
        return []
    customer.search = vector_text(customer_tokens(customer, (value for _kind, value in contacts)))
    with work.frame("customer.create"):
        record(customer, {"kind": customer.kind, "identities": [kind for kind, _value in contacts]})
    return [
        customer,
        *(new_row(ChannelIdentity, customer=customer, kind=kind, value=value) for kind, value in contacts),
    ]


def _tell(work: Work, row: Complaint, conversation: Conversation, interaction: Interaction, intake: Intake) -> None:
    """What the command and the commands inside it record and announce."""
    matter, channel = row.matter, conversation.channel
    with work.frame("conversation.open"):
        record(conversation, {"channel": channel})
    with work.frame("interaction.add"):
        record(interaction, {"direction": "in", "channel": channel})
        emit("interaction.received", topics=conversation_topics(conversation))
    with work.frame("matter.open"):
        record(matter, {"kind": "complaint", "number": matter.number}, matter_id=matter.pk)
        emit("matter.opened", topics=matter_topics(matter))
    with work.frame("matter.add_entry"):
        record(matter, {"entry": "received"}, matter_id=matter.pk)
        emit("matter.changed", topics=matter_topics(matter))
    with work.frame("complaint.register"):
        emit("complaint.received", topics=topics(row))
        data = {"channel": row.channel, "number": matter.number, "severity": row.severity}
        record(row, data, matter_id=row.pk)
    if intake.accepted is not None:
        with work.frame("intake.register"):
            record(intake.accepted, {"number": matter.number}, matter_id=row.pk)
    with acting_as(Actor.system("timeline")), work.frame("matter.follow_interaction"):
        record(interaction, {"direction": "in"})


def _promised(
    work: Work, known: Known, matter: Matter, row: Complaint, interaction: Interaction, standards: Sequence[Standard],
    at: datetime,
) -> list[Any]:  # fmt: skip
    """The promises the standards make of a complaint, from when it was received; and their line on the timeline."""
    facts: dict[str, Any] = {
        "grade": matter.customer.grade, "kind": "complaint", **for_standards(row),
        "number": matter.number, "customer_id": matter.customer_id, "interaction_id": interaction.pk,
        "received_at": row.received_at.isoformat(), "by_kind": "api",
    }  # fmt: skip
    by_key = {s.key: s for s in standards}
    subject = Subject(matter, None, None, matter.customer_id, matter.owner_id, matter.unit, facts)
    book, made = _book(known.calendar), []
    with acting_as(PROMISES):
        for wanted in applicable([s.spec for s in standards], facts):
            start = start_of(wanted, facts, row.received_at)
            if start:
                made.append(from_standard(by_key[wanted.key], subject, start, book, by=PROMISES, at=at))
        if not made:
            return []
        for promise, pk in zip(made, known.promise_ids, strict=False):
            promise.pk = pk
            _record_promise(work, promise)
        line = _entry(matter, PROMISES, at, kind="promise_made", text=made_text(made), data={"promise_id": made[0].pk})
        with work.frame("matter.add_entries"):
            record(matter, {"entries": 1}, matter_id=matter.pk)
            emit("matter.changed", topics=matter_topics(matter))
    return [*made, line]


def _record_promise(work: Work, promise: Promise) -> None:
    data = {"due_at": promise.due_at.isoformat(), "obligation": promise.obligation}
    with work.frame("promise.make"):
        record(promise, data, matter_id=promise.matter_id)
        emit("promise.made", topics=promise_topics(promise))


def _entry(matter: Matter, by: Actor, at: datetime, **values: Any) -> TimelineEntry:
    return new_row(
        TimelineEntry, matter=matter, at=at, actor_kind=by.kind, actor_name=by.name[:80], staff_id=by.staff_id,
        **values,
    )  # fmt: skip
