"""The steps a job takes around the commands: read, parse, store; claim, send, record.

Between two steps the process may die; each step starts from what the database says.
"""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

from django.db.models import Q
from django.db.utils import InterfaceError, OperationalError

from yinuo.channels.contract import Inbound, TransportError, Unparseable
from yinuo.channels.email import sandbox
from yinuo.channels.email.commands.intake import fail_raw, note_attempt
from yinuo.channels.email.commands.outbound import (
    CLAIM,
    WAITS_MINUTES,
    claim_outbound,
    record_not_sent,
    record_rehearsed,
    record_sent,
)
from yinuo.channels.email.commands.understanding import understand
from yinuo.channels.email.composing import compose
from yinuo.channels.email.models import OutboundMessage, RawMessage
from yinuo.channels.email.parsing.headers import glance
from yinuo.channels.email.smtp import deliver
from yinuo.kernel import clock
from yinuo.kernel.blobs import open_blob

log = logging.getLogger("yinuo.mail")
LATE = timedelta(minutes=2)
FURTHEST = timedelta(minutes=max(WAITS_MINUTES))
#: What this process is handing over to a server right now.
_sending: set[int] = set()
_guard = threading.Lock()


def understand_stored(raw_id: int) -> str:
    """Understand one stored message; returns its state afterwards."""
    row = RawMessage.unscoped.select_related("blob").filter(pk=raw_id).first()
    if row is None or row.state != RawMessage.State.STORED:
        return row.state if row else ""
    try:
        with open_blob(row.blob) as source:
            raw = source.read()
        inbound = sandbox.shared().parse(raw)
    except Unparseable as error:
        sender, subject = glance(raw)
        told = fail_raw(raw_id=raw_id, reason=error.code, detail=error.detail, sender=sender, subject=subject)
        return str(told.state)
    except FileNotFoundError:
        return str(fail_raw(raw_id=raw_id, reason="file_lost").state)
    return keep_understood(raw_id, inbound)


def keep_understood(raw_id: int, inbound: Inbound) -> str:
    """Store what a message was understood as; returns its state afterwards."""
    try:
        return str(understand(raw_id=raw_id, inbound=inbound).state)
    except (OperationalError, InterfaceError):
        raise  # the database went away: the message is untouched and its job runs again
    except Exception as error:
        log.exception("mail %s was parsed but could not be stored", raw_id)
        return str(note_attempt(raw_id=raw_id, detail=f"{type(error).__name__}: {error}").state)


def understand_waiting(limit: int = 200) -> int:
    """Whatever waits although its job should have run: a worker died, a job was lost."""
    now = clock.now()
    astray = Q(stored_at__lte=now - LATE) | Q(stored_at__gt=now + LATE)  # the clock was set back
    waiting = RawMessage.unscoped.filter(astray, state=RawMessage.State.STORED)
    ids = list(waiting.order_by("stored_at", "pk").values_list("pk", flat=True)[:limit])
    for raw_id in ids:
        understand_stored(raw_id)
    return len(ids)


def send_queued(outbound_id: int) -> str:
    """Try to send one message; returns its state afterwards. What this process is sending already is left to that,
    whatever the clock says of its claim.
    """
    with _guard:
        if outbound_id in _sending:
            return ""
        _sending.add(outbound_id)
    try:
        return _send(outbound_id)
    finally:
        with _guard:
            _sending.discard(outbound_id)


def _send(outbound_id: int) -> str:
    row = claim_outbound(outbound_id=outbound_id)
    if row is None:
        return ""
    if row.mailbox is None:
        detail = "no mailbox can send"
        return str(record_not_sent(outbound_id=outbound_id, detail=detail, permanent=False).state)
    if row.mailbox.rehearses:
        return str(record_rehearsed(outbound_id=outbound_id).state)
    try:
        mime = compose(row, row.mailbox)
    except (OSError, ValueError, LookupError) as error:
        detail = f"cannot be composed: {type(error).__name__}: {error}"
        return str(record_not_sent(outbound_id=outbound_id, detail=detail, permanent=True).state)
    try:
        receipt = deliver(row.mailbox, row.to_address, mime)
    except TransportError as error:
        return str(record_not_sent(outbound_id=outbound_id, detail=error.detail, permanent=error.permanent).state)
    return str(record_sent(outbound_id=outbound_id, detail=receipt.detail).state)


def send_due(limit: int = 200) -> int:
    """Everything whose time to try (again) has come, and what a dead worker left claimed."""
    now = clock.now()
    ahead = Q(next_try_at__gt=now + FURTHEST) | Q(claimed_until__gt=now + CLAIM)  # the clock was set back
    due = OutboundMessage.unscoped.filter(
        Q(state="queued", next_try_at__lte=now) | Q(state="sending", claimed_until__lte=now)
        | Q(state__in=("queued", "sending")) & ahead
    )  # fmt: skip
    ids = list(due.order_by("next_try_at", "pk").values_list("pk", flat=True)[:limit])
    for outbound_id in ids:
        send_queued(outbound_id)
    return len(ids)
