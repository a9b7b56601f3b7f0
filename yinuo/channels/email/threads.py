"""Which conversation a mail belongs to, and whether its sender has any business there."""

from __future__ import annotations

from dataclasses import dataclass

from yinuo.channels.contract import Inbound
from yinuo.channels.email.models import OutboundMessage, Participant
from yinuo.channels.email.sealing import token_key
from yinuo.channels.email.tokens import read_token
from yinuo.conversations.models import Channel, Conversation, Interaction
from yinuo.customers.models import ChannelIdentity


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation a mail points at; `known` when the sender takes part in it."""

    conversation: Conversation
    known: bool
    by_token: bool


def conversations_named(inbound: Inbound) -> list[tuple[int, bool]]:
    """(conversation, by token) in order of trust: signed tokens, then message ids of mails we sent or stored.

    A number in a subject or a body is never looked at.
    """
    key = token_key()
    found: dict[int, bool] = {}
    for token in inbound.tokens:
        number = read_token(token, key)
        if number:
            found.setdefault(number, True)
    ids = list(inbound.thread_ids)
    if ids:
        sent = dict(
            OutboundMessage.unscoped.filter(message_id__in=ids).values_list(
                "message_id", "interaction__conversation_id"
            )
        )
        stored = dict(
            Interaction.unscoped.filter(external_id__in=ids, channel=Channel.EMAIL).order_by("pk")
            .values_list("external_id", "conversation_id")
        )  # fmt: skip
        for message_id in ids:
            number = sent.get(message_id) or stored.get(message_id)
            if number:
                found.setdefault(number, False)
    return list(found.items())


def takes_part(conversation: Conversation, address: str, genuine: bool = True) -> bool:
    """The conversation's own address, a verified address of its customer, one a person accepted, or one we wrote to.
    An address that may be forged counts only where a person has accepted it.
    """
    if Participant.unscoped.filter(conversation=conversation, address=address).exists():
        return True
    if not genuine:
        return False
    if conversation.identity is not None and conversation.identity.value == address:
        return True
    if ChannelIdentity.unscoped.filter(
        customer_id=conversation.customer_id, kind="email", value=address, verified_at__isnull=False, active=True
    ).exists():
        return True
    return OutboundMessage.unscoped.filter(interaction__conversation=conversation, to_address=address).exists()


def find(inbound: Inbound, genuine: bool = True) -> Thread | None:
    """The best conversation for a mail: one the sender takes part in, else the most trusted one, as unknown."""
    named = conversations_named(inbound)
    rows = Conversation.unscoped.select_related("identity", "customer").in_bulk([number for number, _ in named])
    candidates = [(rows[number], by_token) for number, by_token in named if number in rows]
    for conversation, by_token in candidates:
        if takes_part(conversation, inbound.sender, genuine):
            return Thread(conversation, True, by_token)
    if candidates:
        return Thread(candidates[0][0], False, candidates[0][1])
    return None
