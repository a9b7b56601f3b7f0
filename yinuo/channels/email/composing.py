"""An outgoing message as MIME. The same row always gives the same Message-ID and date."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from yinuo.channels.contract import InboundFile, Outbound
from yinuo.channels.email.instance import loop_mark
from yinuo.channels.email.models import Mailbox, OutboundMessage
from yinuo.channels.email.parsing.nature import LOOP_HEADER
from yinuo.channels.email.parsing.phrases import any_match
from yinuo.channels.email.sealing import token_key
from yinuo.channels.email.tokens import reply_token, with_token
from yinuo.channels.email.wording import reply_footer
from yinuo.conversations.models import Attachment, Interaction
from yinuo.kernel import clock
from yinuo.kernel.blobs import open_blob
from yinuo.kernel.text import clean_line

MAX_REFERENCES = 20


def _named(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(display_name=clean_line(name, 120), username=local, domain=domain)


def _subject(interaction: Interaction) -> str:
    subject = interaction.subject or interaction.conversation.subject
    answering = Interaction.unscoped.filter(
        conversation_id=interaction.conversation_id, pk__lt=interaction.pk, direction="in"
    ).exists()
    marked = any_match("quotes", "reply_marks", subject)
    return f"Re: {subject}" if answering and subject and not marked else subject


def _references(message: OutboundMessage) -> list[str]:
    """Ids of the conversation's mails before this one, oldest first; the last is what is being answered."""
    before = Interaction.unscoped.filter(
        conversation_id=message.interaction.conversation_id, pk__lt=message.interaction_id, direction="in",
        unverified_sender=False, unauthenticated=False,
    ).exclude(external_id="").exclude(external_id__startswith="sha256:").order_by("-pk")  # fmt: skip
    return list(before.values_list("external_id", flat=True)[:MAX_REFERENCES])[::-1]


def _body(text: str, mailbox: Mailbox, token: str) -> str:
    parts = [text]
    if mailbox.signature.strip():
        parts.append("-- \n" + mailbox.signature.strip())
    if token:
        parts.append(reply_footer(token))
    return "\n\n".join(parts) + "\n"


def _attach(mime: EmailMessage, files: Iterable[InboundFile]) -> None:
    for file in files:
        guessed = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        main, _, sub = guessed.partition("/")
        if main in ("message", "multipart", "text"):
            main, sub = "application", "octet-stream"
        mime.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)


def _files(interaction: Interaction) -> tuple[InboundFile, ...]:
    out = []
    for file in Attachment.unscoped.filter(interaction=interaction).select_related("blob").order_by("pk"):
        with open_blob(file.blob) as source:
            out.append(InboundFile(file.name, file.media_type, source.read()))
    return tuple(out)


def dress(
    *, mailbox: Mailbox, author: str, to: Address, outbound: Outbound, date: datetime | None = None
) -> EmailMessage:
    """A message as MIME, with headers that let replies find back and robots stay quiet."""
    mime = EmailMessage(policy=policy.SMTP)
    mime["Message-ID"] = f"<{outbound.external_id}>"
    mime["Date"] = format_datetime((date or clock.now()).astimezone(clock.CST))
    mime["From"] = _named(author or mailbox.name, mailbox.address)
    mime["To"] = to
    plus = mailbox.plus_addressing and outbound.token
    mime["Reply-To"] = _named(mailbox.name, with_token(mailbox.address, outbound.token) if plus else mailbox.address)
    mime["Subject"] = clean_line(outbound.subject, 400)
    if outbound.thread_ids:
        mime["In-Reply-To"] = f"<{outbound.thread_ids[-1]}>"
        mime["References"] = " ".join(f"<{ref}>" for ref in outbound.thread_ids)
    mime[LOOP_HEADER] = loop_mark()
    if outbound.automatic:
        mime["Auto-Submitted"] = "auto-replied"
        mime["X-Auto-Response-Suppress"] = "All"
        mime["Precedence"] = "auto_reply"
    mime.set_content(_body(outbound.text, mailbox, outbound.token), charset="utf-8", cte="base64")
    _attach(mime, outbound.files)
    return mime


def compose(message: OutboundMessage, mailbox: Mailbox) -> EmailMessage:
    """The message of a stored row: the same Message-ID and date however often it is tried."""
    interaction = message.interaction
    identity = interaction.conversation.identity
    known = identity is not None and identity.value == message.to_address
    outbound = Outbound(
        external_id=message.message_id,
        to=message.to_address,
        text=interaction.text,
        subject=_subject(interaction),
        files=_files(interaction),
        thread_ids=tuple(_references(message)),
        token=reply_token(interaction.conversation_id, token_key()),
        automatic=message.automatic,
    )
    return dress(
        mailbox=mailbox,
        author=interaction.author_name,
        to=_named(identity.customer.name if known and identity else "", message.to_address),
        outbound=outbound,
        date=message.queued_at,
    )
