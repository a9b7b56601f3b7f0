"""Raw messages: stored first, then marked by what became of them."""

from __future__ import annotations

import zlib
from datetime import datetime
from typing import BinaryIO

from django.db import connection
from django.utils.translation import gettext as _

from yinuo.channels.email.models import Mailbox, RawMessage
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.blobs import store
from yinuo.kernel.command import command
from yinuo.kernel.errors import Missing, Refused
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_line

MAX_ATTEMPTS = 3


def number_of(*parts: str) -> tuple[int, int]:
    """The advisory lock of a name."""
    return 0x6D61696C, zlib.crc32("\n".join(parts).encode()) - 2**31


def lock_name(*parts: str) -> None:
    """Hold one writer per name until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", number_of(*parts))


@command("mail.store_raw", internal=True)
def store_raw(
    *, mailbox_id: int, external_id: str, raw: bytes | BinaryIO, silent: bool = False, last_uid: int = 0,
    uidvalidity: int = 0, announce: bool = True, by: Actor, at: datetime,
) -> tuple[RawMessage, bool]:  # fmt: skip
    """Keep the bytes of one message; (row, whether it is new). The same message is stored once, whatever its number.

    With `last_uid` the mailbox's reading position moves on in the same transaction.
    """
    blob = store(raw, "message/rfc822")
    external_id = external_id[:100]
    if RawMessage.unscoped.filter(mailbox_id=mailbox_id, external_id=external_id).exclude(blob=blob).exists():
        # A server restored from a backup may give a number out twice.
        external_id = f"{external_id}:{blob.sha256[:12]}"
    row, made = RawMessage.unscoped.get_or_create(
        mailbox_id=mailbox_id, blob=blob,
        defaults={"external_id": external_id, "size": blob.size, "stored_at": at, "silent": silent},
    )  # fmt: skip
    if last_uid:
        Mailbox.unscoped.filter(pk=mailbox_id, uidvalidity=uidvalidity, last_uid__lt=last_uid).update(
            last_uid=last_uid, synced_at=at
        )
    record(row, {"mailbox": mailbox_id, "size": blob.size, "new": made})
    if made and announce:
        emit("mail.stored", topics=["mail"], raw_id=row.pk)
    return row, made


def locked_raw(raw_id: int) -> RawMessage:
    row = RawMessage.unscoped.select_for_update(no_key=True).select_related("mailbox").filter(pk=raw_id).first()
    if row is None:
        raise Missing(_("没有这封邮件"))
    return row


def close_raw(row: RawMessage, state: str, reason: str, at: datetime, detail: str = "") -> RawMessage:
    """Set what became of a raw message; the caller is a command and has it locked."""
    row.state, row.reason, row.handled_at = state, reason[:40], at
    row.detail = clean_line(detail[:600], 600)[:300]
    row.save()
    record(row, {"state": state, "reason": reason})
    emit("mail.handled", topics=["mail"], raw_id=row.pk, state=state)
    return row


@command("mail.fail", internal=True)
def fail_raw(
    *, raw_id: int, reason: str, detail: str = "", sender: str = "", subject: str = "", by: Actor, at: datetime
) -> RawMessage:
    """Nobody could make sense of it: into the visible queue, with its raw file."""
    row = locked_raw(raw_id)
    if row.state != RawMessage.State.STORED:
        record(row, {"already": row.state})
        return row
    row.sender, row.subject = sender[:254], subject[:300]
    return close_raw(row, RawMessage.State.FAILED, reason, at, detail)


@command("mail.note_attempt", internal=True)
def note_attempt(*, raw_id: int, detail: str, by: Actor, at: datetime) -> RawMessage:
    """Storing what was understood went wrong; after a few tries a person has to look."""
    row = locked_raw(raw_id)
    row.attempts += 1
    if row.state == RawMessage.State.STORED and row.attempts >= MAX_ATTEMPTS:
        return close_raw(row, RawMessage.State.FAILED, "error", at, detail)
    row.detail = clean_line(detail[:600], 600)[:300]
    row.save(update_fields=["attempts", "detail"])
    record(row, {"attempts": row.attempts})
    return row


@command("mail.retry", needs="mailbox.manage")
def retry_raw(*, raw_id: int, by: Actor, at: datetime) -> RawMessage:
    """Try a failed or ignored message again."""
    row = locked_raw(raw_id)
    if row.state not in (RawMessage.State.FAILED, RawMessage.State.IGNORED) or row.interaction_id:
        raise Refused(_("这封邮件已经入库，不需要重试"))
    row.state, row.reason, row.detail, row.attempts, row.handled_at = RawMessage.State.STORED, "", "", 0, None
    row.save()
    record(row, {"retry": True})
    emit("mail.stored", topics=["mail"], raw_id=row.pk)
    return row


@command("mail.ignore", needs="mailbox.manage")
def ignore_raw(*, raw_id: int, reason: str, by: Actor, at: datetime) -> RawMessage:
    """A person has looked at a failed message and needs nothing from it; the raw file stays."""
    row = locked_raw(raw_id)
    why = clean_line(reason, 200)
    if row.state != RawMessage.State.FAILED:
        raise Refused(_("只有未能解析的邮件可以标记为无需处理"))
    if len(why) < 2:
        raise Refused(_("请说明为什么无需处理"), fields={"reason": _("请说明为什么无需处理")})
    return close_raw(row, RawMessage.State.IGNORED, "by_person", at, why)
