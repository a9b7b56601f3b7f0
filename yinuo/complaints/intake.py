"""The hot path of registration: the very rows `commands.register` and its reactions write, in one read and one write.

Only the plain case goes this way: a complaint that comes by itself, from a customer who is new or recognised and not of
grade A. Anything else returns None and the caller takes the command. `tests/test_intake.py` holds the two against each
other row by row, so a change to the command or a reaction that is not made here fails there.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from yinuo.calendars.queries import _book
from yinuo.complaints.commands.moving import handled_by, topics
from yinuo.complaints.commands.registration import _checked, _received_at
from yinuo.complaints.models import Complaint
from yinuo.complaints.queries.searching import search_tokens
from yinuo.complaints.rules.choices import SEVERITY_RANK, Severity
from yinuo.complaints.rules.registration import priority, title_of
from yinuo.complaints.states import Stage
from yinuo.conversations.commands import topics_of as conversation_topics
from yinuo.conversations.models import Conversation, Interaction
from yinuo.customers.commands import search_tokens as customer_tokens
from yinuo.customers.models import ChannelIdentity, Customer
from yinuo.customers.rules import masked, normal_identity
from yinuo.identity.models import Staff, Unit
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.audit import record
from yinuo.kernel.clock import CST
from yinuo.kernel.errors import Denied, Invalid
from yinuo.kernel.events import emit
from yinuo.kernel.guard import permit_writes
from yinuo.kernel.prepared import prepared
from yinuo.kernel.single_write import vector_text, write_at_once
from yinuo.kernel.text import clean_line, clean_text, grams, pinyin_initials
from yinuo.kernel.work import Work, current_work, working
from yinuo.matters.commands import PREFIXES, matter_tokens
from yinuo.matters.commands import topics_of as matter_topics
from yinuo.matters.models import Matter, TimelineEntry
from yinuo.promises.commands.making import Subject, from_standard
from yinuo.promises.commands.telling import topics_of as promise_topics
from yinuo.promises.commands.telling import wake_clock
from yinuo.promises.models import Promise, Standard
from yinuo.promises.rules.matching import applicable
from yinuo.promises.rules.moments import start_of
from yinuo.promises.wording import made_text

TRIGGER = "complaint.received"
PROMISES = Actor.system("promises")
MOST_PROMISES = 12
#: What the hot path does not do itself.
BY_COMMAND = ("customer_id", "interaction_id", "upload_key", "owner_id", "unit_id", "wants_leader", "verified_how")

READ = """
    SELECT (SELECT coalesce(jsonb_agg(
                jsonb_build_array(i.kind, i.verified_at IS NOT NULL, c.id, c.name, c.grade, c.merged_into_id)
                ORDER BY (i.verified_at IS NULL), i.id), '[]')
            FROM customers_channelidentity i JOIN customers_customer c ON c.id = i.customer_id
            WHERE i.active AND (i.kind, i.value) IN (('phone', %(phone)s), ('email', %(email)s))),
           (SELECT count(*) || ':' || coalesce(max(id), 0) FROM promises_standard
            WHERE in_force AND trigger = %(trigger)s),
           (SELECT coalesce(max(id), 0) FROM calendars_calendarversion),
           (SELECT path FROM identity_unit WHERE id = %(unit)s), (SELECT name FROM identity_staff WHERE id = %(staff)s),
           nextval('customers_customer_id_seq'), nextval('conversations_conversation_id_seq'),
           nextval('conversations_interaction_id_seq'), nextval('matters_matter_id_seq'), nextval('matters_number'),
           ARRAY(SELECT nextval('promises_promise_id_seq') FROM generate_series(1, %(promises)s))
"""


@dataclass(frozen=True, slots=True)
class Known:
    """What the one read found."""

    identities: list[Any]
    standards: str
    calendar: int
    unit_path: str | None
    staff_name: str
    customer_id: int
    conversation_id: int
    interaction_id: int
    matter_id: int
    running: int
    promise_ids: list[int]


def register_at_once(*, channel: str, content: str, by: Actor, at: datetime, **given: Any) -> Complaint | None:
    """The registered complaint, or None when the case is not plain."""
    if any(given.get(name) for name in BY_COMMAND) or not by.staff_id or not by.unit_id or current_work():
        return None
    if not by.may("complaint.register"):
        raise Denied(_("您没有进行此操作的权限"))
    clean, extra = _cleaned(channel, content, given, at)
    known = _read(extra["phone"], extra["email"], by)
    customer, how = _customer(
        known, clean_line(given.get("name", ""), 120), given.get("customer_kind", "person"), extra, by, at
    )
    standards = _standards(known.standards)
    plain_case = customer is not None and known.unit_path is not None and standards is not None
    if not plain_case or customer is None or standards is None or len(standards) > len(known.promise_ids):
        return None
    with working() as work, permit_writes("complaint.register"):
        rows = _rows(work, known, customer, how, clean, extra, standards, channel, by, at)
        write_at_once(rows, work, at)
        wake_clock([row for row in rows if isinstance(row, Promise)], at)
    return next(row for row in rows if isinstance(row, Complaint))


def _cleaned(channel: str, content: str, given: dict[str, Any], at: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    coded = {k: given.pop(k, "") for k in ("severity", "kind", "subkind", "temperament")}
    apart = ("name", "phone", "email", "customer_kind", "title", "received_at", *BY_COMMAND)
    fields = {k: v for k, v in given.items() if k not in apart}
    clean, wrong = _checked(
        {"content": content, "complainant": given.get("name", ""), **fields}, channel, at=at, **coded
    )
    extra: dict[str, Any] = {**coded, "severity": coded["severity"] or Severity.ORDINARY}
    for what in ("phone", "email"):
        raw = given.get(what) or ""
        try:
            extra[what] = normal_identity(what, raw) if raw.strip() else ""
        except Invalid as problem:
            wrong[what] = problem.message
    if wrong:
        raise Invalid(_("有几处需要更正"), fields=wrong)
    extra["received"] = _received_at(given.get("received_at"), at)
    extra["title"] = clean_line(given.get("title", ""), 120) or title_of(clean["content"], clean.get("product", ""))
    return clean, extra


def _read(phone: str, email: str, by: Actor) -> Known:
    given = {
        "phone": phone, "email": email, "trigger": TRIGGER, "unit": by.unit_id, "staff": by.staff_id,
        "promises": MOST_PROMISES,
    }  # fmt: skip
    with prepared(READ, given) as cursor:
        identities, *others = cursor.fetchone()
    return Known(json.loads(identities), *others)


@lru_cache(maxsize=4)
def _standards(fingerprint: str) -> tuple[Standard, ...] | None:
    """The standards in force, kept until one is added or retired; None if a condition asks for more than is known."""
    found = tuple(Standard.objects.filter(trigger=TRIGGER, in_force=True))
    return None if any("unit" in s.spec.conditions for s in found) else found


def _customer(
    known: Known, name: str, kind: str, extra: dict[str, Any], by: Actor, at: datetime
) -> tuple[Customer | None, tuple[str, bool] | None]:
    """As `resolve_customer`: a verified identity recognises, an unverified one only with the same name."""
    rows = known.identities
    found = next((r for r in rows if r[1]), None) or next((r for r in rows if r[3] == name), None)
    if found:
        identity, verified, pk, full_name, grade, merged = found
        plain = not merged and grade != "A"
        return (Customer(pk=pk, name=full_name, grade=grade) if plain else None), (identity, verified)
    if kind not in Customer.Kind.values:
        return None, None
    reached = next((masked(kind, extra[kind]) for kind in ("phone", "email") if extra[kind]), "")
    full_name = name or reached[:120] or _("匿名客户")
    return Customer(
        pk=known.customer_id, kind=kind, name=full_name, pinyin=pinyin_initials(full_name)[:120], profile={},
        unit_id=by.unit_id, source="inbound", created_at=at, updated_at=at,
    ), None  # fmt: skip


def _rows(
    work: Work, known: Known, customer: Customer, how: tuple[str, bool] | None, clean: dict[str, Any],
    extra: dict[str, Any], standards: Sequence[Standard], channel: str, by: Actor, at: datetime,
) -> list[Any]:  # fmt: skip
    """The rows, and in the work what is recorded and announced, each in the order of the command."""
    rows = _customer_rows(work, customer, how, extra, at)
    unit, title = Unit(pk=by.unit_id, path=known.unit_path or ""), extra["title"]
    conversation = Conversation(
        pk=known.conversation_id, channel=channel, customer_id=customer.pk, subject=clean_line(title[:600], 600)[:300],
        owner_id=by.staff_id, unit_id=by.unit_id, opened_at=at, last_at=at,
    )  # fmt: skip
    body = clean_text(clean["content"], 100_000)
    interaction = Interaction(
        pk=known.interaction_id, conversation=conversation, customer_id=customer.pk, channel=channel, direction="in",
        kind="complaint", at=extra["received"], author_id=by.staff_id, author_name=clean_line(customer.name, 240)[:120],
        subject=conversation.subject, text=body, search=vector_text(grams(f"{conversation.subject}\n{body[:20_000]}")),
    )  # fmt: skip
    number = f"{PREFIXES['complaint']}{at.astimezone(CST):%y%m%d}-{known.running:06d}"
    matter = Matter(
        pk=known.matter_id, number=number, kind="complaint", title=clean_line(title[:400], 400)[:200] or number,
        customer=customer, conversation=conversation, channel=channel, state=Stage.RECEIVED.value, unit=unit,
        owner=Staff(pk=by.staff_id, name=known.staff_name), priority=priority(extra["severity"], customer.grade, 0),
        severity=SEVERITY_RANK[extra["severity"]], opened_at=at, last_activity_at=at,
    )  # fmt: skip
    matter.search = vector_text(matter_tokens(matter, customer.name, clean["content"]))
    row = Complaint(
        matter=matter, stage_since=at, channel=channel, registered_by_id=by.staff_id, received_at=extra["received"],
        phone=extra["phone"], email=extra["email"], severity=extra["severity"], kind=extra["kind"],
        subkind=extra["subkind"], temperament=extra["temperament"], **clean,
    )  # fmt: skip
    row.complainant = row.complainant or customer.name[:80]
    row.search = vector_text(search_tokens(row))
    handled_by(row, by)
    received = _entry(matter, by, at, kind="received", text=_("投诉已登记"), public=True, interaction=interaction)
    _tell(work, row, conversation, interaction, by, at)
    return [
        *rows,
        conversation,
        interaction,
        matter,
        row,
        received,
        *_promised(work, known, matter, row, standards, at),
    ]


def _customer_rows(
    work: Work, customer: Customer, how: tuple[str, bool] | None, extra: dict[str, Any], at: datetime
) -> list[Any]:
    if how is not None:
        with work.frame("customer.resolve"):
            record(customer, {"recognised_by": how[0], "verified": how[1]})
        return []
    reached = [(kind, extra[kind]) for kind in ("phone", "email") if extra[kind]]
    customer.search = vector_text(customer_tokens(customer, (value for _kind, value in reached)))
    with work.frame("customer.create"):
        record(customer, {"kind": customer.kind, "identities": [kind for kind, _value in reached]})
    return [customer, *(ChannelIdentity(customer=customer, kind=kind, value=value) for kind, value in reached)]


def _tell(
    work: Work, row: Complaint, conversation: Conversation, interaction: Interaction, by: Actor, at: datetime
) -> None:
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
    with acting_as(Actor.system("timeline")), work.frame("matter.follow_interaction"):
        record(interaction, {"direction": "in"})


def _promised(
    work: Work, known: Known, matter: Matter, row: Complaint, standards: Sequence[Standard], at: datetime
) -> list[Any]:
    """The promises the standards make of a received complaint, and their line on the timeline."""
    facts: dict[str, Any] = {
        "grade": matter.customer.grade, "channel": row.channel, "kind": "complaint", "severity": row.severity,
        "number": matter.number, "customer_id": matter.customer_id, "interaction_id": known.interaction_id,
        "received_at": row.received_at.isoformat(), "by_kind": "api",
    }  # fmt: skip
    by_key = {s.key: s for s in standards}
    subject = Subject(matter, None, None, matter.customer_id, matter.owner_id, matter.unit, facts)
    book, made = _book(known.calendar), []
    with acting_as(PROMISES):
        for wanted in applicable([s.spec for s in standards], facts):
            start = start_of(wanted, facts, at)
            if start:
                made.append(from_standard(by_key[wanted.key], subject, start, book, by=PROMISES, at=at))
        if not made:
            return []
        for pk, promise in zip(known.promise_ids, made, strict=False):
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
    return TimelineEntry(
        matter=matter, at=at, actor_kind=by.kind, actor_name=by.name[:80], staff_id=by.staff_id, **values
    )
