"""Writes about conversations. Channels bring messages in and carry them out; here they become history."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import BinaryIO

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from yinuo.conversations.models import Attachment, Channel, Conversation, HeldMessage, Interaction
from yinuo.conversations.rules import sniff
from yinuo.customers.models import ChannelIdentity
from yinuo.customers.queries import mail_address
from yinuo.identity.queries import intake_unit_id
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.blobs import store
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused, Stale
from yinuo.kernel.events import emit
from yinuo.kernel.locks import through_gates
from yinuo.kernel.search import tsvector
from yinuo.kernel.text import clean_line, clean_text, grams
from yinuo.kernel.work import alone
from yinuo.wording.commands import check_wording

MAX_TEXT = 100_000
#: How long an uploaded file waits for its form to be sent; a portal form is good for half of that.
UPLOAD_LIFE = timedelta(hours=24)


#: The reply to which little else belongs, written at once by who knows all that follows from one; None from it: the
#: commands see to it.
_plainly: list[Callable[..., Interaction | None]] = []


def replies_plainly(way: Callable[..., Interaction | None]) -> None:
    _plainly[:] = [way]


def topics_of(conversation: Conversation) -> list[str]:
    topics = ["inbox", f"conversation:{conversation.pk}"]
    if conversation.owner_id:
        topics.append(f"staff:{conversation.owner_id}")
    return topics


def locked_conversation(conversation_id: int) -> Conversation:
    """The conversation, locked until the transaction ends, if the actor may see it; its matters before it."""
    seen = Conversation.objects.filter(pk=conversation_id).first()
    if seen is None:
        raise Missing(_("没有这个会话，或您无权查看"))
    through_gates(seen)
    return Conversation.objects.select_for_update(no_key=True, of=("self",)).get(pk=conversation_id)


def address_for(conversation: Conversation) -> ChannelIdentity | None:
    """Where mail in this thread goes."""
    return conversation.identity or mail_address(conversation.customer_id)


@command("conversation.open", internal=True)
def open_conversation(
    *, channel: str, customer_id: int, subject: str = "", identity_id: int | None = None, account: str = "",
    owner_id: int | None = None, unit_id: int | None = None, thread_key: str = "", by: Actor, at: datetime,
) -> Conversation:  # fmt: skip
    conversation = Conversation.unscoped.create(
        channel=Channel(channel), account=account, customer_id=customer_id, identity_id=identity_id,
        subject=clean_line(subject[:600], 600)[:300], owner_id=owner_id,
        unit_id=unit_id or by.unit_id or intake_unit_id(),
        thread_key=thread_key, opened_at=at, last_at=at,
    )  # fmt: skip
    record(conversation, {"channel": channel})
    return conversation


@command("interaction.add", internal=True)
def add_interaction(
    *, conversation: Conversation, direction: str, text: str, kind: str = "", subject: str = "", html: str = "",
    external_id: str = "", author_name: str = "", to_address: str = "", delivery: str = "", upload_key: str = "",
    happened_at: datetime | None = None, unverified_sender: bool = False, unauthenticated: bool = False,
    expects_answer: bool = True, by: Actor, at: datetime,
) -> Interaction:  # fmt: skip
    """Append to the thread. `html` must already be sanitised by the channel; `text` is what search and lists use.
    `expects_answer` is false for what no person waits on: automatic mail, lists, imported history.
    """
    body = clean_text(text, MAX_TEXT)
    interaction = Interaction(
        conversation=conversation, customer_id=conversation.customer_id, channel=conversation.channel,
        direction=direction, kind=kind, at=happened_at or at, author_id=by.staff_id,
        author_name=clean_line(author_name or by.name, 240)[:120],
        subject=clean_line(subject[:600], 600)[:300], text=body,
        html=html, external_id=external_id[:300], to_address=to_address, delivery=delivery,
        unverified_sender=unverified_sender, unauthenticated=unauthenticated,
    )  # fmt: skip
    interaction.search = tsvector(grams(f"{interaction.subject}\n{body[:20_000]}"))
    interaction.save(force_insert=True)
    if upload_key:
        waiting = Attachment.unscoped.filter(upload_key=upload_key, interaction=None, uploaded_by_id=by.staff_id)
        waiting.update(interaction=interaction)
    reopened = {"state": Conversation.State.OPEN} if direction == "in" else {}
    Conversation.unscoped.filter(pk=conversation.pk).update(last_at=at, **reopened)
    record(interaction, {"direction": direction, "channel": conversation.channel})
    emit(
        "interaction.received" if direction == "in" else "interaction.added", topics=topics_of(conversation),
        interaction_id=interaction.pk, conversation_id=conversation.pk, direction=direction,
        expects_answer=expects_answer and not unverified_sender,
    )  # fmt: skip
    return interaction


@command("conversation.reply", needs="conversation.reply")
def queue_reply(
    *, conversation_id: int, text: str, kind: str = "consulting", subject: str = "", upload_key: str = "",
    by: Actor, at: datetime,
) -> Interaction:  # fmt: skip
    """Answer on the customer's own channel; the channel's job sends what is queued."""
    if _plainly and not upload_key and alone():
        done = _plainly[0](conversation_id=conversation_id, text=text, kind=kind, subject=subject, by=by, at=at)
        if done is not None:
            return done
    conversation = locked_conversation(conversation_id)
    return reply_to(
        conversation=conversation, text=text, kind=kind, subject=subject, upload_key=upload_key, by=by, at=at
    )


@command("conversation.reply_to", internal=True)
def reply_to(
    *, conversation: Conversation, text: str, kind: str = "", subject: str = "", upload_key: str = "",
    author_name: str = "", checked: bool = False, by: Actor, at: datetime,
) -> Interaction:  # fmt: skip
    """Queue an outbound interaction in a conversation the caller has already been let into. `checked`: the wording was
    looked at when it was written down, by whoever wrote it.
    """
    words = clean_text(text, MAX_TEXT)
    if not words:
        raise Invalid(_("请填写回复内容"), fields={"text": _("请填写回复内容")})
    if not checked:
        check_wording(words, kind=kind, channel=conversation.channel, by=by, at=at)
    address = ""
    if conversation.channel == Channel.EMAIL:
        identity = address_for(conversation)
        if identity is None:
            raise Refused(_("这位客户没有电子邮件地址"))
        address = identity.value
    sends = conversation.channel == Channel.EMAIL
    interaction = add_interaction(
        conversation=conversation, direction="out", text=text, kind=kind, subject=subject or conversation.subject,
        to_address=address, delivery="queued" if sends else "", upload_key=upload_key,
        author_name=author_name, by=by, at=at,
    )  # fmt: skip
    if conversation.owner_id is None and by.staff_id:
        Conversation.unscoped.filter(pk=conversation.pk).update(owner_id=by.staff_id)
    emit(
        "interaction.queued" if sends else "interaction.published", topics=topics_of(conversation),
        interaction_id=interaction.pk, conversation_id=conversation.pk,
    )  # fmt: skip
    return interaction


@command("conversation.mark_delivery", internal=True)
def mark_delivery(*, interaction_id: int, delivery: str, note: str = "", by: Actor, at: datetime) -> Interaction:
    interaction = (
        Interaction.unscoped.select_for_update(no_key=True).select_related("conversation").get(pk=interaction_id)
    )
    interaction.delivery, interaction.delivery_note = (
        Interaction.Delivery(delivery),
        clean_line(note[:500], 600)[:300],
    )
    interaction.save(update_fields=["delivery", "delivery_note"])
    record(interaction, {"delivery": delivery})
    emit(f"interaction.{delivery}", topics=topics_of(interaction.conversation), interaction_id=interaction.pk)
    return interaction


@command("conversation.assign", needs="conversation.reply")
def assign_conversation(
    *, conversation_id: int, owner_id: int | None, expected_version: int, by: Actor, at: datetime
) -> Conversation:
    """Take it oneself, or (with the grant) give it to somebody."""
    conversation = locked_conversation(conversation_id)
    if conversation.version != expected_version:
        raise Stale(_("这个会话刚被别人改过"), current=conversation)
    if owner_id != by.staff_id and not by.may("conversation.assign"):
        raise Refused(_("您只能把会话领到自己名下"))
    conversation.owner_id, conversation.version = owner_id, conversation.version + 1
    conversation.save(update_fields=["owner", "version"])
    record(conversation, {"owner": owner_id})
    emit("conversation.assigned", topics=topics_of(conversation), conversation_id=conversation.pk)
    return conversation


@command("conversation.close", needs="conversation.reply")
def set_conversation_state(*, conversation_id: int, state: str, by: Actor, at: datetime) -> Conversation:
    conversation = locked_conversation(conversation_id)
    if state not in Conversation.State.values:
        raise Invalid(_("没有这个状态"), fields={"state": _("没有这个状态")})
    conversation.state, conversation.version = state, conversation.version + 1
    conversation.save(update_fields=["state", "version"])
    record(conversation, {"state": state})
    emit("conversation.changed", topics=topics_of(conversation), conversation_id=conversation.pk)
    return conversation


@command("attachment.store", internal=True)
def store_attachment(*, file: bytes | BinaryIO, name: str, upload_key: str, by: Actor, at: datetime) -> Attachment:
    """Look at the bytes, re-encode images, keep the rest for download only. 25 MB at most."""
    data = file if isinstance(file, bytes) else file.read(settings.ATTACHMENT_MAX_BYTES + 1)
    if len(data) > settings.ATTACHMENT_MAX_BYTES:
        raise Invalid(_("单个文件不能超过 25 MB"), code="file_too_large")
    if not data:
        raise Invalid(_("文件是空的，请重新选择"), code="file_empty")
    seen = sniff(data, name)
    attachment = Attachment.unscoped.create(
        blob=store(seen.data, seen.media_type), name=seen.name, media_type=seen.media_type, size=len(seen.data),
        is_image=seen.is_image, uploaded_by_id=by.staff_id, upload_key=upload_key[:64], created_at=at,
    )  # fmt: skip
    record(attachment, {"name": seen.name, "size": attachment.size, "type": seen.media_type})
    return attachment


@command("attachment.upload", needs="self.use")
def upload_attachment(*, file: bytes | BinaryIO, name: str, upload_key: str, by: Actor, at: datetime) -> Attachment:
    """A staff member's upload, waiting under `upload_key` for the form that claims it."""
    return store_attachment(file=file, name=name, upload_key=upload_key, by=by, at=at)


@command("attachment.discard", needs="self.use")
def discard_upload(*, attachment_id: int, upload_key: str, by: Actor, at: datetime) -> None:
    """Take back one's own upload that no form has claimed yet."""
    rows = Attachment.objects.filter(pk=attachment_id, upload_key=upload_key, interaction=None)
    if not rows.filter(uploaded_by_id=by.staff_id).exists():
        raise Missing(_("没有这个附件，或您无权查看"))
    Attachment.unscoped.filter(pk=attachment_id, interaction=None).delete()
    record("conversations.attachment", {"discarded": attachment_id})


@command("attachment.sweep", internal=True)
def sweep_uploads(*, limit: int = 5000, by: Actor, at: datetime) -> int:
    """Drop uploads whose form was never sent; their bytes follow once nothing else refers to them."""
    late = Attachment.unscoped.filter(interaction=None, created_at__lt=at - UPLOAD_LIFE).order_by("pk")
    held = HeldMessage.unscoped.filter(state__in=("waiting", "asked"), upload_key=OuterRef("upload_key"))
    late = late.exclude(Exists(held.exclude(upload_key="")))
    rows = list(
        late.select_for_update(no_key=True, skip_locked=True, of=("self",)).values_list("pk", flat=True)[:limit]
    )
    Attachment.unscoped.filter(pk__in=rows).delete()
    record("conversations.attachment", {"swept": len(rows)})
    return len(rows)


def unclaimed(upload_key: str, *, staff_id: int | None) -> Sequence[Attachment]:
    """What waits under a key for whoever put it there; None: a visitor of the portal, who holds a signed form."""
    rows = Attachment.unscoped.filter(upload_key=upload_key, interaction=None, uploaded_by_id=staff_id)
    return list(rows.order_by("pk")) if upload_key else []
