"""A mail that points at a conversation its sender has no part in: a person decides where it belongs."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from yinuo.channels.email.commands.understanding import customer_of
from yinuo.channels.email.models import Participant, RawMessage
from yinuo.conversations.commands import open_conversation, topics_of
from yinuo.conversations.models import Conversation, Interaction
from yinuo.customers.models import ChannelIdentity
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Missing, Refused
from yinuo.kernel.events import emit
from yinuo.kernel.locks import through_gates


def _unverified(interaction_id: int) -> tuple[Interaction, RawMessage]:
    """The interaction, locked, and the raw mail behind it, if the actor may see them."""
    seen = Interaction.objects.filter(pk=interaction_id).select_related("conversation").first()
    if seen is None:
        raise Missing(_("没有这封邮件，或您无权查看"))
    through_gates(seen.conversation)
    interaction = Interaction.objects.select_for_update(no_key=True, of=("self",)).get(pk=interaction_id)
    raw = RawMessage.unscoped.filter(interaction=interaction).order_by("pk").first()
    if raw is None or not (interaction.unverified_sender or interaction.unauthenticated):
        raise Refused(_("这封邮件的发件人不需要核实"))
    return interaction, raw


@command("mail.accept_sender", needs="conversation.reply")
def accept_sender(*, interaction_id: int, by: Actor, at: datetime) -> Interaction:
    """The sender belongs here (a colleague, a relative): this mail and later ones are part of the conversation."""
    interaction, raw = _unverified(interaction_id)
    Participant.unscoped.get_or_create(
        conversation_id=interaction.conversation_id,
        address=raw.sender,
        defaults={"accepted_by_id": by.staff_id, "created_at": at},
    )
    stranger = interaction.unverified_sender
    interaction.unverified_sender = interaction.unauthenticated = False
    interaction.save(update_fields=["unverified_sender", "unauthenticated"])
    record(interaction, {"accepted": True})
    if stranger:
        _tell(interaction, interaction.conversation)
    return interaction


@command("mail.separate_sender", needs="conversation.reply")
def separate_sender(*, interaction_id: int, by: Actor, at: datetime) -> Conversation:
    """The sender has nothing to do with it: the mail becomes a conversation of its own with its own customer."""
    interaction, raw = _unverified(interaction_id)
    if not interaction.unverified_sender:
        raise Refused(_("这封邮件已经是单独的会话"))
    before = interaction.conversation
    genuine = not interaction.unauthenticated
    customer = customer_of(raw.sender, interaction.author_name, before.unit_id, by, at, genuine=genuine)
    identity = ChannelIdentity.unscoped.filter(customer=customer, kind="email", value=raw.sender, active=True).first()
    conversation: Conversation = open_conversation(
        channel="email",
        customer_id=customer.pk,
        subject=interaction.subject,
        identity_id=identity.pk if identity else None,
        account=before.account,
        unit_id=before.unit_id,
        thread_key=f"mail:{interaction.external_id}"[:200],
        by=by,
        at=at,
    )
    interaction.conversation, interaction.customer, interaction.unverified_sender = conversation, customer, False
    interaction.save(update_fields=["conversation", "customer", "unverified_sender"])
    record(interaction, {"from": before.pk, "to": conversation.pk})
    emit("interaction.moved", topics=topics_of(before), interaction_id=interaction.pk, conversation_id=before.pk)
    _tell(interaction, conversation)
    return conversation


def _tell(interaction: Interaction, conversation: Conversation) -> None:
    """From here on it counts like any mail of a known sender, the promise of an answer included."""
    emit(
        "interaction.received",
        topics=topics_of(conversation),
        interaction_id=interaction.pk,
        conversation_id=conversation.pk,
        direction="in",
        expects_answer=True,
    )
