"""Mails on their way out: one row per interaction, claimed before sending, closed after."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from yinuo.channels.contract import Inbound
from yinuo.channels.email.models import Mailbox, OutboundMessage
from yinuo.channels.email.queries import sending_mailbox
from yinuo.channels.email.sealing import token_key
from yinuo.channels.email.tokens import reply_token
from yinuo.channels.email.wording import receipt_text
from yinuo.conversations.commands import mark_delivery, reply_to
from yinuo.conversations.models import Channel, Conversation, Interaction
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Missing, Refused
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_line

# A server that is down over a weekend must not cost a mail.
WAITS_MINUTES = (1, 5, 15, 30, 60, 120, 240, 480, 720, 1440, 1440)
CLAIM = timedelta(minutes=10)


def new_message_id(conversation_id: int, domain: str) -> str:
    """Unique, stable over attempts, and carrying the signed token so that any reply finds its way back."""
    return f"{reply_token(conversation_id, token_key())}.{secrets.token_hex(8)}@{domain}"


def outbound_values(
    interaction: Interaction, mailbox: Mailbox | None, *, automatic: bool, at: datetime
) -> dict[str, Any]:
    """The row for sending an interaction, as it begins; `mailbox`: the `sending_mailbox` of its conversation."""
    domain = mailbox.address.rpartition("@")[2] if mailbox else "yinuo.invalid"
    return {
        "interaction": interaction, "mailbox": mailbox, "to_address": interaction.to_address, "automatic": automatic,
        "message_id": new_message_id(interaction.conversation_id, domain), "queued_at": at, "next_try_at": at,
    }  # fmt: skip


def tell_outbound(message: OutboundMessage) -> None:
    """What is recorded and announced of a new one, inside a command."""
    record(message, {"interaction": message.interaction_id, "automatic": message.automatic})
    emit("mail.queued", topics=[], outbound_id=message.pk)


def _make(interaction: Interaction, automatic: bool, by: Actor, at: datetime) -> OutboundMessage:
    values = outbound_values(interaction, sending_mailbox(interaction.conversation), automatic=automatic, at=at)
    message: OutboundMessage = OutboundMessage.unscoped.create(**values)
    tell_outbound(message)
    return message


@command("mail.prepare", internal=True)
def prepare_outbound(*, interaction_id: int, by: Actor, at: datetime) -> OutboundMessage | None:
    """The reaction to a queued reply: its row for sending, in the reply's own transaction. Once per interaction."""
    interaction = Interaction.unscoped.select_related("conversation").get(pk=interaction_id)
    existing = OutboundMessage.unscoped.filter(interaction=interaction).first()
    if interaction.channel != Channel.EMAIL or interaction.delivery != "queued" or existing is not None:
        record(interaction, {"prepared": existing is not None})
        return existing
    return _make(interaction, False, by, at)


@command("mail.receipt", internal=True)
def send_receipt(
    *, mailbox: Mailbox, conversation: Conversation, inbound: Inbound, by: Actor, at: datetime
) -> OutboundMessage | None:
    """Tell a person once that the mail arrived; never more often than the mailbox's setting allows."""
    since = at - timedelta(hours=max(mailbox.receipt_every_hours, 1))
    told = OutboundMessage.unscoped.filter(to_address=inbound.sender, automatic=True, queued_at__gt=since).exists()
    wanted = (
        mailbox.receipt_enabled and sending_mailbox(conversation) is not None and conversation.identity_id is not None
    )
    if told or not wanted:
        record(conversation, {"receipt": False})
        return None
    interaction = reply_to(
        conversation=conversation, text=mailbox.receipt_text.strip() or receipt_text(inbound.subject),
        author_name=mailbox.name, by=by, at=at,
    )  # fmt: skip
    return _make(interaction, True, by, at)


def locked_outbound(outbound_id: int) -> OutboundMessage:
    row = (
        OutboundMessage.unscoped.select_for_update(no_key=True, of=("self",))
        .select_related("mailbox", "interaction__conversation__identity__customer").filter(pk=outbound_id).first()
    )  # fmt: skip
    if row is None:
        raise Missing(_("没有这封待发邮件"))
    return row


def longest_wait(attempts: int) -> timedelta:
    """How far ahead the next try can be after so many."""
    return timedelta(minutes=WAITS_MINUTES[min(max(attempts, 1), len(WAITS_MINUTES)) - 1])


def _is_time(when: datetime | None, at: datetime, longest: timedelta) -> bool:
    """Whether it is time; also for what was planned before the clock was set back, which now lies too far ahead."""
    return when is None or when <= at or when > at + longest


@command("mail.claim", internal=True)
def claim_outbound(*, outbound_id: int, by: Actor, at: datetime) -> OutboundMessage | None:
    """Take a message for sending; None when it is sent, given up, taken by somebody else or not yet due."""
    row = locked_outbound(outbound_id)
    states = OutboundMessage.State
    free = row.state == states.QUEUED or (row.state == states.SENDING and _is_time(row.claimed_until, at, CLAIM))
    if not free or not _is_time(row.next_try_at, at, longest_wait(row.attempts)):
        record(row, {"claimed": False, "state": row.state})
        return None
    if row.mailbox is None or not row.mailbox.active or not (row.mailbox.smtp_host or row.mailbox.rehearsal):
        row.mailbox = sending_mailbox(row.interaction.conversation)
    row.state, row.attempts, row.claimed_until = states.SENDING, row.attempts + 1, at + CLAIM
    row.save(update_fields=["state", "attempts", "claimed_until", "mailbox"])
    mark_delivery(interaction_id=row.interaction_id, delivery="sending", by=by, at=at)
    record(row, {"attempt": row.attempts})
    return row


@command("mail.sent", internal=True)
def record_sent(*, outbound_id: int, detail: str = "", by: Actor, at: datetime) -> OutboundMessage:
    """The server took it over. From here on nothing sends it again."""
    row = locked_outbound(outbound_id)
    if row.state == OutboundMessage.State.SENDING:
        row.state, row.sent_at, row.next_try_at, row.claimed_until, row.last_error = (
            OutboundMessage.State.SENT, at, None, None, "",
        )  # fmt: skip
        row.save()
        mark_delivery(
            interaction_id=row.interaction_id, delivery="sent", note=clean_line(detail[:300], 300), by=by, at=at
        )
    record(row, {"state": row.state})
    return row


@command("mail.rehearsed", internal=True)
def record_rehearsed(*, outbound_id: int, by: Actor, at: datetime) -> OutboundMessage:
    """It would have gone out: the demo's mailbox sends nothing, and whoever reads the conversation sees that."""
    row = locked_outbound(outbound_id)
    if row.state == OutboundMessage.State.SENDING:
        row.state, row.next_try_at, row.claimed_until = OutboundMessage.State.SUPPRESSED, None, None
        row.save(update_fields=["state", "next_try_at", "claimed_until"])
        mark_delivery(interaction_id=row.interaction_id, delivery="suppressed", by=by, at=at)
    record(row, {"state": row.state})
    return row


@command("mail.not_sent", internal=True)
def record_not_sent(*, outbound_id: int, detail: str, permanent: bool, by: Actor, at: datetime) -> OutboundMessage:
    """The server refused: later again, or never."""
    row = locked_outbound(outbound_id)
    if row.state != OutboundMessage.State.SENDING:
        record(row, {"state": row.state})
        return row
    row.last_error, row.claimed_until = clean_line(detail[:600], 600)[:300], None
    if permanent or row.attempts > len(WAITS_MINUTES):
        row.state, row.next_try_at = OutboundMessage.State.FAILED, None
        mark_delivery(interaction_id=row.interaction_id, delivery="failed", note=row.last_error, by=by, at=at)
    else:
        row.state = OutboundMessage.State.QUEUED
        row.next_try_at = at + timedelta(minutes=WAITS_MINUTES[row.attempts - 1])
        mark_delivery(interaction_id=row.interaction_id, delivery="queued", note=row.last_error, by=by, at=at)
    row.save()
    record(row, {"state": row.state, "permanent": permanent, "attempts": row.attempts})
    return row


@command("mail.resend", needs="conversation.reply")
def resend(*, outbound_id: int, by: Actor, at: datetime) -> OutboundMessage:
    """A person has put right what made sending fail; the same message goes out under the same Message-ID."""
    visible = OutboundMessage.objects.filter(pk=outbound_id).exists()
    if not visible:
        raise Missing(_("没有这封待发邮件"))
    row = locked_outbound(outbound_id)
    if row.state not in (OutboundMessage.State.FAILED, OutboundMessage.State.QUEUED):
        raise Refused(_("只有发送失败或等待发送的邮件可以重新发送"))
    row.state, row.next_try_at, row.attempts = OutboundMessage.State.QUEUED, at, 0
    row.save()
    mark_delivery(interaction_id=row.interaction_id, delivery="queued", by=by, at=at)
    record(row, {"resend": True})
    emit("mail.queued", topics=[], outbound_id=row.pk)
    return row
