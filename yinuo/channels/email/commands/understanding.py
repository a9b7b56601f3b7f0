"""From an understood mail to customer, conversation, interaction and receipt: one transaction, exactly once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from yinuo.channels.contract import Inbound, InboundFile
from yinuo.channels.email import threads
from yinuo.channels.email.commands.bounces import apply_bounce
from yinuo.channels.email.commands.intake import close_raw, lock_name, locked_raw
from yinuo.channels.email.commands.outbound import send_receipt
from yinuo.channels.email.instance import loop_mark
from yinuo.channels.email.models import Mailbox, RawMessage
from yinuo.channels.email.parsing import nature as natures
from yinuo.channels.email.parsing.authentication import FAILED, verdict
from yinuo.channels.email.parsing.html import name_attachments
from yinuo.conversations.commands import add_interaction, open_conversation, store_attachment
from yinuo.conversations.models import Attachment, Conversation, Interaction
from yinuo.conversations.rules import DOWNLOAD_ONLY, safe_name
from yinuo.customers.commands import resolve_customer, verify_identity
from yinuo.customers.models import ChannelIdentity, Customer
from yinuo.customers.rules import normal_identity
from yinuo.identity.queries import intake_unit_id
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.blobs import store
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid
from yinuo.kernel.locks import through_gates
from yinuo.kernel.text import mask_addresses, mask_email

FROM_FILE = "file:"
BELIEVABLE_AGE = timedelta(days=7)


def content_key(inbound: Inbound) -> str:
    """Equal for copies of one mail that reached us over different mailboxes or roads."""
    digest = hashlib.sha256()
    for part in (inbound.sender, inbound.external_id, inbound.subject, inbound.text):
        digest.update(part.encode() + b"\0")
    for file in inbound.files:
        digest.update(hashlib.sha256(file.content).digest())
    return digest.hexdigest()


@command("mail.understand", internal=True)
def understand(*, raw_id: int, inbound: Inbound, by: Actor, at: datetime) -> RawMessage:
    """Turn a stored message into history. A second call finds it done and changes nothing."""
    row = locked_raw(raw_id)
    if row.state != RawMessage.State.STORED:
        record(row, {"already": row.state})
        return row
    row.message_id, row.content_key = inbound.external_id[:300], content_key(inbound)
    row.sender, row.subject, row.nature = inbound.sender[:254], inbound.subject[:300], inbound.nature
    row.problems, row.quoted = list(inbound.problems), inbound.quoted
    lock_name("content", row.content_key)
    ignored = _reason_to_ignore(row, inbound)
    if ignored:
        return close_raw(row, RawMessage.State.IGNORED, ignored, at)
    if inbound.nature == natures.BOUNCE:
        row.interaction = apply_bounce(inbound=inbound, by=by, at=at)
        known = row.interaction is not None
        state = RawMessage.State.UNDERSTOOD if known else RawMessage.State.IGNORED
        return close_raw(row, state, "bounce" if known else "bounce_unknown", at)
    lock_name("sender", row.sender)
    genuine = is_genuine(row, row.mailbox, inbound)
    thread = threads.find(inbound, genuine)
    if thread is None and inbound.nature == natures.AUTO_REPLY:
        return close_raw(row, RawMessage.State.IGNORED, "auto_reply", at)
    reason = "new" if thread is None else ("thread" if thread.known else "unverified")
    conversation = thread.conversation if thread else _open(row, inbound, genuine, by, at)
    if genuine and thread is not None and thread.known and thread.by_token:
        _verify_by_answer(conversation, inbound, by, at)
    if thread is not None:
        through_gates(conversation)  # its matters are held before it is written in
    row.interaction = _add(row, inbound, conversation, reason == "unverified", genuine, by, at)
    if genuine and thread is None and not row.silent and inbound.extra.get("may_be_answered"):
        send_receipt(mailbox=row.mailbox, conversation=conversation, inbound=inbound, by=by, at=at)
    return close_raw(row, RawMessage.State.UNDERSTOOD, reason, at)


def is_genuine(row: RawMessage, mailbox: Mailbox, inbound: Inbound) -> bool:
    """False when our own server was asked about the sender and does not vouch for it. Files carry no such word."""
    if row.external_id.startswith(FROM_FILE):
        return True
    results = inbound.extra.get("authentication", ())
    return verdict(results, mailbox.authserv_id, inbound.sender) != FAILED


def _reason_to_ignore(row: RawMessage, inbound: Inbound) -> str:
    twin = (
        RawMessage.unscoped.filter(content_key=row.content_key, state=RawMessage.State.UNDERSTOOD)
        .exclude(pk=row.pk)
        .first()
    )
    if twin is not None:
        row.interaction = twin.interaction
        return "duplicate"
    if inbound.extra.get("loop") == loop_mark():
        return "loop"
    if inbound.nature == natures.READ_RECEIPT:
        return "read_receipt"
    if inbound.nature != natures.BOUNCE and Mailbox.unscoped.filter(address__iexact=inbound.sender).exists():
        return "own_mail"
    return ""


def shown_sender(name: str, address: str) -> str:
    """What a sender is called on every page: never by the plain address, which takes a reason to see."""
    return mask_addresses(name) or mask_email(address)


def customer_of(
    address: str, name: str, unit_id: int | None, by: Actor, at: datetime, *, genuine: bool = True
) -> Customer:
    """The customer behind an address: recognised when verified, else new. A forged address recognises nobody."""
    try:
        normal_identity("email", address)
        kind = "email"
    except Invalid:
        # An address no answer can be sent to (user@localhost) still names its sender.
        kind = "visitor"
    shown = shown_sender(name, address)
    return resolve_customer(name=shown, identities=[(kind, address)], unit_id=unit_id, recognise=genuine, by=by, at=at)


def _open(row: RawMessage, inbound: Inbound, genuine: bool, by: Actor, at: datetime) -> Conversation:
    unit_id = row.mailbox.unit_id or intake_unit_id()
    customer = customer_of(inbound.sender, inbound.sender_name, unit_id, by, at, genuine=genuine)
    identity = ChannelIdentity.unscoped.filter(
        customer=customer, kind="email", value=inbound.sender, active=True
    ).first()
    return open_conversation(
        channel="email", customer_id=customer.pk, subject=inbound.subject,
        identity_id=identity.pk if identity else None,
        account=row.mailbox.address[:80], owner_id=customer.owner_id, unit_id=unit_id,
        thread_key=f"mail:{inbound.external_id}"[:200], by=by, at=at,
    )  # fmt: skip


def _keep_files(row: RawMessage, files: Sequence[InboundFile], key: str, by: Actor, at: datetime) -> dict[str, int]:
    """Store what was attached; a broken image or an oversized file is kept as a plain download, never dropped."""
    by_content_id: dict[str, int] = {}
    for file in files:
        try:
            with transaction.atomic():
                attachment = store_attachment(file=file.content, name=file.name, upload_key=key, by=by, at=at)
        except Invalid:
            attachment = Attachment.unscoped.create(
                blob=store(file.content, DOWNLOAD_ONLY), name=safe_name(file.name), media_type=DOWNLOAD_ONLY,
                size=len(file.content), upload_key=key, uploaded_by_id=by.staff_id, created_at=at,
            )  # fmt: skip
            record(attachment, {"name": attachment.name, "size": attachment.size, "kept_as": "download"})
        if file.content_id:
            by_content_id.setdefault(file.content_id, attachment.pk)
    return by_content_id


def happened_at(row: RawMessage, inbound: Inbound, at: datetime) -> datetime:
    """The sender's own time when it can be true; a live mail of weeks ago or of tomorrow is not believed."""
    sent = inbound.sent_at
    if sent is None or sent > at:
        return at
    return sent if row.silent or at - sent <= BELIEVABLE_AGE else at


def _add(
    row: RawMessage,
    inbound: Inbound,
    conversation: Conversation,
    unverified: bool,
    genuine: bool,
    by: Actor,
    at: datetime,
) -> Interaction:
    key = f"mail:{row.pk}"
    named = _keep_files(row, inbound.files, key, by, at)
    return add_interaction(
        conversation=conversation, direction="in", text=inbound.text, subject=inbound.subject,
        html=name_attachments(inbound.html, named), external_id=inbound.external_id,
        author_name=shown_sender(inbound.sender_name, inbound.sender), to_address=row.mailbox.address, upload_key=key,
        happened_at=happened_at(row, inbound, at), unverified_sender=unverified, unauthenticated=not genuine,
        expects_answer=inbound.nature == natures.MESSAGE and not row.silent, by=by, at=at,
    )  # fmt: skip


def _verify_by_answer(conversation: Conversation, inbound: Inbound, by: Actor, at: datetime) -> None:
    """An answer carrying our signed token came from someone who reads the address we wrote to."""
    identity = conversation.identity
    if identity is None or identity.verified_at or identity.value != inbound.sender:
        return
    if conversation.interactions(manager="unscoped").filter(direction="out", to_address=inbound.sender).exists():
        verify_identity(identity_id=identity.pk, how="mail_reply", by=by, at=at)
