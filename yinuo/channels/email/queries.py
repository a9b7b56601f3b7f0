"""Reads about mailboxes and the mails that came through them."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from yinuo.channels.email.models import Mailbox, OutboundMessage, RawMessage
from yinuo.channels.email.parsing.charset import guess, readable
from yinuo.channels.email.parsing.html import has_remote_images, show_images
from yinuo.conversations.models import Attachment, Conversation, Interaction
from yinuo.kernel.blobs import open_blob
from yinuo.matters.models import TimelineEntry

HEAD_BYTES = 16_000


def _count(model: Any, condition: Q) -> Any:
    rows = model.unscoped.filter(condition, mailbox=OuterRef("pk")).order_by().values("mailbox")
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)


def mailboxes() -> list[Any]:
    """Every mailbox with how many mails failed, wait for understanding and wait for sending. One statement."""
    rows = Mailbox.objects.select_related("unit").annotate(
        failed=_count(RawMessage, Q(state="failed")),
        waiting=_count(RawMessage, Q(state="stored")),
        unsent=_count(OutboundMessage, Q(state__in=["queued", "sending"])),
    )
    return list(rows.order_by("-active", "-is_default", "pk"))


def mailbox(mailbox_id: int) -> Any:
    return Mailbox.objects.filter(pk=mailbox_id).first()


def messages() -> QuerySet[Any]:
    """Raw messages the actor may see."""
    return RawMessage.objects.select_related("mailbox", "interaction").defer("quoted")


def failed_count() -> int:
    """How many mails nobody could understand wait for a person."""
    return RawMessage.objects.filter(state="failed").count()


def message(raw_id: int) -> Any:
    return messages().select_related("blob").filter(pk=raw_id).first()


def message_of(interaction_id: int) -> Any:
    """The raw mail an interaction came from."""
    return messages().select_related("blob").filter(interaction_id=interaction_id).order_by("pk").first()


def judged_by_hand(row: RawMessage) -> bool:
    """Whether a person has to look at the mail itself, because nothing came of it that could be looked at instead."""
    return row.interaction_id is None and row.state in (RawMessage.State.FAILED, RawMessage.State.IGNORED)


def head_of(row: RawMessage) -> str:
    """The beginning of a raw message as text, for a person to judge it by."""
    try:
        with open_blob(row.blob) as source:
            return readable(guess(source.read(HEAD_BYTES)))
    except FileNotFoundError:
        return ""


def original(interaction_id: int, *, images: bool, link: Any) -> dict[str, Any] | None:
    """A mail as its sender laid it out: attached images shown, remote ones only when asked for.

    It may be read by whoever sees its conversation, or a matter it is told on.
    """
    told = TimelineEntry.objects.filter(interaction_id=interaction_id).values("interaction_id")
    said = Interaction.objects.filter(pk=interaction_id).values("pk")
    seen = Q(pk__in=said) | Q(pk__in=told)
    interaction = Interaction.unscoped.filter(seen, pk=interaction_id).select_related("conversation").first()
    if interaction is None:
        return None
    raw = RawMessage.unscoped.filter(interaction_id=interaction_id).order_by("pk").first()
    files = Attachment.unscoped.filter(interaction=interaction, is_image=True).values_list("pk", flat=True)
    links = {str(pk): link(pk) for pk in files}
    return {
        "interaction": interaction,
        "body": show_images(interaction.html, links, images) if interaction.html else "",
        "held_images": has_remote_images(interaction.html),
        "raw": raw,
        "quoted": raw.quoted if raw and not interaction.html else "",
    }


def sending_mailbox(conversation: Conversation | None = None) -> Any:
    """The mailbox the customer wrote to, else the default one, else any that can send, the demo's last; None without
    any. `held_up` says why mail waits in it, when some does. One statement.
    """
    able = Mailbox.unscoped.filter(Q(rehearsal=True) | ~Q(smtp_host=""), active=True)
    account = conversation.account if conversation else ""
    waits = OutboundMessage.unscoped.filter(mailbox=OuterRef("pk"), state=OutboundMessage.State.QUEUED, attempts__gt=0)
    why = Subquery(waits.order_by("-queued_at").values("last_error")[:1])
    wrote_to = Case(When(address__iexact=account, then=0), default=1)
    sends = Case(When(smtp_host="", then=1), default=0)
    return able.annotate(held_up=Coalesce(why, Value(""))).order_by(wrote_to, sends, "-is_default", "pk").first()


def sends() -> bool:
    """Whether there is a mailbox that mail can go out by, or that at least rehearses it."""
    return Mailbox.unscoped.filter(Q(rehearsal=True) | ~Q(smtp_host=""), active=True).exists()
