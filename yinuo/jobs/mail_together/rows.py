"""The rows of a letter that begins a conversation, and what is recorded and announced with them, in the order of the
command and of the reactions to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from yinuo.calendars.queries import _book
from yinuo.channels.email.commands.outbound import outbound_values, tell_outbound
from yinuo.channels.email.commands.understanding import happened_at
from yinuo.channels.email.models import OutboundMessage, RawMessage
from yinuo.channels.email.parsing import nature as natures
from yinuo.channels.email.wording import receipt_text
from yinuo.conversations.commands import MAX_TEXT, topics_of
from yinuo.conversations.models import Conversation, Interaction
from yinuo.customers.commands import search_tokens
from yinuo.customers.models import ChannelIdentity, Customer
from yinuo.jobs.mail_together.claiming import Letter
from yinuo.jobs.mail_together.known import Desk, Known, Sender
from yinuo.jobs.promise_reactions import PROMISES
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.audit import record
from yinuo.kernel.events import emit
from yinuo.kernel.single_write import new_row, vector_text
from yinuo.kernel.text import clean_line, clean_text, grams, pinyin_initials
from yinuo.kernel.work import Work
from yinuo.promises.commands.making import Subject, from_standard
from yinuo.promises.commands.telling import topics_of as promise_topics
from yinuo.promises.models import Promise, Standard
from yinuo.promises.rules.matching import applicable
from yinuo.promises.rules.moments import start_of

_TIMELINE, _MAIL = Actor.system("timeline"), Actor.system("mail")
#: What was understood of a raw mail, as `close_raw` keeps it.
UNDERSTOOD = """
    UPDATE email_rawmessage r SET state = 'understood', reason = 'new', detail = '', handled_at = d.handled_at,
        message_id = d.message_id, content_key = d.content_key, sender = d.sender, subject = d.subject,
        nature = d.nature, problems = d.problems, quoted = d.quoted, interaction_id = d.interaction_id
    FROM jsonb_to_recordset(%s) AS d(id bigint, handled_at timestamptz, message_id text, content_key text, sender text,
        subject text, nature text, problems text[], quoted text, interaction_id bigint) WHERE r.id = d.id
"""


@dataclass(slots=True)
class Written:
    """What a group writes, and the mails that are to be sent."""

    rows: list[Any] = field(default_factory=list)
    raws: list[dict[str, Any]] = field(default_factory=list)
    outbound: list[OutboundMessage] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)


@dataclass(slots=True)
class _Threads:
    """A letter's conversation and who began it."""

    customer: Customer
    conversation: Conversation
    received: Interaction
    rows: list[Any]


def write_letter(
    work: Work, known: Known, letter: Letter, standards: Sequence[Standard], into: Written, by: Actor, at: datetime
) -> bool:
    """Add its rows, and to the work what is recorded and announced; False if the command has to see to it."""
    desk, who = known.desks[letter.row.mailbox_id], _recognised(known, letter)
    if desk.unit is None or (who and who.merged_into_id):
        return False
    with work.frame("mail.understand"):
        begun = _begin(work, known, letter, desk, who, at)
        answer = _receipt(work, known, letter, desk, begun, at)
        into.raws.append(_closed(letter, begun.received, at))
        record(letter.row, {"state": RawMessage.State.UNDERSTOOD, "reason": "new"})
        emit("mail.handled", topics=["mail"])
    into.rows += begun.rows
    _follow(work, begun.received)
    _promise(work, known, letter, begun, desk, standards, into, at)
    if answer is not None:
        _answered(work, answer, into)
    return True


def _recognised(known: Known, letter: Letter) -> Sender | None:
    """As `resolve_customer`: a verified address recognises, an unverified one only with the same name."""
    found = known.senders.get(letter.inbound.sender, [])
    proved = next((one for one in found if one.verified), None)
    return proved or next((one for one in found if one.name == letter.shown), None)


def _begin(work: Work, known: Known, letter: Letter, desk: Desk, who: Sender | None, at: datetime) -> _Threads:
    inbound, rows = letter.inbound, []
    if who is not None:
        customer = new_row(
            Customer, pk=who.customer_id, name=who.name, grade=who.grade, region=who.region, owner_id=who.owner_id
        )
        its = [o.identity_id for o in known.senders[inbound.sender] if o.customer_id == who.customer_id]
        identity = new_row(ChannelIdentity, pk=min(its), customer=customer, kind="email", value=inbound.sender)
        with work.frame("customer.resolve"):
            record(customer, {"recognised_by": "email", "verified": who.verified})
    else:
        customer = _stranger(known, letter, desk, at)
        identity = new_row(
            ChannelIdentity,
            pk=next(known.identity_ids), customer=customer, kind="email", value=inbound.sender,
        )  # fmt: skip
        rows += [customer, identity]
        with work.frame("customer.create"):
            record(customer, {"kind": customer.kind, "identities": ["email"]})
    conversation = new_row(
        Conversation,
        pk=next(known.conversation_ids), channel="email", account=desk.mailbox.address[:80], customer=customer,
        identity=identity, subject=_heading(inbound.subject), owner_id=customer.owner_id, unit=desk.unit,
        thread_key=f"mail:{inbound.external_id}"[:200], opened_at=at, last_at=at,
    )  # fmt: skip
    with work.frame("conversation.open"):
        record(conversation, {"channel": "email"})
    received = _said(
        known, conversation, direction="in", text=inbound.text, html=inbound.html,
        external_id=inbound.external_id[:300], author_name=letter.shown, to_address=desk.mailbox.address,
        at=happened_at(letter.row, inbound, at),
    )  # fmt: skip
    with work.frame("interaction.add"):
        record(received, {"direction": "in", "channel": "email"})
        emit("interaction.received", topics=topics_of(conversation))
    return _Threads(customer, conversation, received, [*rows, conversation, received])


def _stranger(known: Known, letter: Letter, desk: Desk, at: datetime) -> Customer:
    customer = new_row(
        Customer,
        pk=next(known.customer_ids), kind="person", name=letter.shown, pinyin=pinyin_initials(letter.shown)[:120],
        profile={}, unit_id=desk.unit.pk if desk.unit else None, source="inbound", created_at=at, updated_at=at,
    )  # fmt: skip
    customer.search = vector_text(search_tokens(customer, [letter.inbound.sender]))
    return customer


def _heading(subject: str) -> str:
    return clean_line(subject[:600], 600)[:300]


def _said(known: Known, conversation: Conversation, *, text: str, author_name: str, **more: Any) -> Interaction:
    body = clean_text(text, MAX_TEXT)
    return new_row(
        Interaction,
        pk=next(known.interaction_ids), conversation=conversation, customer_id=conversation.customer_id,
        channel="email", author_name=clean_line(author_name, 240)[:120], subject=conversation.subject, text=body,
        search=vector_text(grams(f"{conversation.subject}\n{body[:20_000]}")), **more,
    )  # fmt: skip


def _receipt(
    work: Work, known: Known, letter: Letter, desk: Desk, begun: _Threads, at: datetime
) -> OutboundMessage | None:
    """As `mail.receipt`."""
    if letter.row.silent or not letter.inbound.extra.get("may_be_answered"):
        return None
    box, told = desk.mailbox, known.told_at(letter.inbound.sender)
    with work.frame("mail.receipt"):
        recently = told is not None and told > at - timedelta(hours=max(box.receipt_every_hours, 1))
        if recently or not box.receipt_enabled or desk.sends_by is None:
            record(begun.conversation, {"receipt": False})
            return None
        said = _said(
            known, begun.conversation, direction="out", at=at, author_name=box.name, delivery="queued",
            text=box.receipt_text.strip() or receipt_text(letter.inbound.subject), to_address=letter.inbound.sender,
        )  # fmt: skip
        topics = topics_of(begun.conversation)
        with work.frame("conversation.reply_to"), work.frame("interaction.add"):
            record(said, {"direction": "out", "channel": "email"})
            emit("interaction.added", topics=topics)
        emit("interaction.queued", topics=topics)
        values = outbound_values(said, desk.sends_by, automatic=True, at=at)
        message = new_row(OutboundMessage, pk=next(known.outbound_ids), **values)
        tell_outbound(message)
    begun.rows += [said, message]
    return message


def _closed(letter: Letter, received: Interaction, at: datetime) -> dict[str, Any]:
    inbound = letter.inbound
    return {
        "id": letter.row.pk, "handled_at": at.isoformat(), "message_id": inbound.external_id[:300],
        "content_key": letter.key, "sender": inbound.sender[:254], "subject": inbound.subject[:300],
        "nature": inbound.nature, "problems": list(inbound.problems), "quoted": inbound.quoted,
        "interaction_id": received.pk,
    }  # fmt: skip


def _follow(work: Work, said: Interaction) -> None:
    """A conversation just begun is told on no matter yet."""
    with acting_as(_TIMELINE), work.frame("matter.follow_interaction"):
        record(said, {"direction": said.direction})


def _promise(
    work: Work, known: Known, letter: Letter, begun: _Threads, desk: Desk, standards: Sequence[Standard],
    into: Written, at: datetime,
) -> None:  # fmt: skip
    """As `answer_and_count_on`: somebody waits for an answer, and the standards say until when."""
    if letter.inbound.nature != natures.MESSAGE or letter.row.silent:
        return
    customer, thread = begun.customer, begun.conversation
    facts: dict[str, Any] = {
        "grade": customer.grade, "region": customer.region, "channel": "email", "conversation_id": thread.pk,
        "interaction_kind": "",
    }  # fmt: skip
    subject = Subject(None, None, thread, customer.pk, thread.owner_id, desk.unit, facts)
    by_key, book = {s.key: s for s in standards}, _book(known.calendar)
    with acting_as(PROMISES):
        for wanted in applicable([s.spec for s in standards], facts):
            if start := start_of(wanted, facts, at):
                promise = from_standard(by_key[wanted.key], subject, start, book, by=PROMISES, at=at)
                promise.pk = next(known.promise_ids)
                with work.frame("promise.make"):
                    record(promise, {"due_at": promise.due_at.isoformat(), "obligation": promise.obligation})
                    emit("promise.made", topics=promise_topics(promise))
                into.rows.append(promise)
                into.promises.append(promise)


def _answered(work: Work, message: OutboundMessage, into: Written) -> None:
    """What follows from the receipt: it is told on no matter, and its row for sending is there already."""
    said = message.interaction
    _follow(work, said)
    with acting_as(_MAIL), work.frame("mail.prepare"):
        record(said, {"prepared": True})
    into.outbound.append(message)
