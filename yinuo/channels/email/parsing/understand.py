"""Raw bytes to an ``Inbound``. The only exception that leaves this module is ``Unparseable``."""

from __future__ import annotations

import email
import hashlib
import re
from email import policy
from email.message import Message

from yinuo.channels.contract import Inbound, InboundFile, Unparseable
from yinuo.channels.email.parsing import authentication
from yinuo.channels.email.parsing import nature as natures
from yinuo.channels.email.parsing.charset import one_line, readable
from yinuo.channels.email.parsing.headers import (
    addresses,
    message_ids,
    plain_header,
    sent_at,
    text_header,
)
from yinuo.channels.email.parsing.html import sanitise
from yinuo.channels.email.parsing.parts import Bodies, walk
from yinuo.channels.email.parsing.quotes import split
from yinuo.channels.email.parsing.words import text_of
from yinuo.channels.email.tokens import find_tokens

WHOLE_LIMIT = 48 * 1024 * 1024
PREFIX = 4 * 1024 * 1024
MAX_TEXT = 90_000
_STUB = re.compile(
    r"(does not support|not support|can(no|')t (display|read)|view (this|it) in).{0,80}html", re.IGNORECASE
)


def _tree(raw: bytes) -> Message:
    """The message tree; the older policy first: it takes headers as they are, which is all that `headers.py` asks for,
    and costs half; the modern one when that stumbles.
    """
    for rules in (policy.compat32, policy.default):
        try:
            return email.message_from_bytes(raw, policy=rules)
        except RecursionError as error:
            raise Unparseable("too_deep") from error
        except MemoryError:
            raise
        except Exception:  # noqa: S112 - the library raises many kinds on hostile headers
            continue
    raise Unparseable("broken")


def fingerprint(raw: bytes) -> str:
    """The name of these exact bytes."""
    return hashlib.sha256(raw).hexdigest()


def _body(bodies: Bodies) -> tuple[str, str]:
    """(text, sanitised HTML): plain text when it says something, else the words of the HTML."""
    source = "\n".join(bodies.html)
    clean = sanitise(source) if source.strip() else ""
    text = "\n".join(part.strip("\n") for part in bodies.plain if part.strip())
    if source.strip() and (not text.strip() or (len(text) < 400 and _STUB.search(text))):
        text = text_of(source)
        if not clean and text:
            bodies.problem("html_left_out")
    return readable(text), clean


def _sender(message: Message, nature_hint: str) -> tuple[str, str]:
    for header in ("From", "Sender", "Return-Path", "X-Sender"):
        found = addresses(message, header)
        if found:
            return found[0]
    # A bounce may come from nobody; it is still ours to evaluate.
    if nature_hint:
        return "", "mailer-daemon@invalid"
    raise Unparseable("no_sender")


def parse(raw: bytes) -> Inbound:
    """Understand one message."""
    if not raw.strip():
        raise Unparseable("empty")
    try:
        return _parse(raw)
    except (Unparseable, MemoryError):
        raise
    except RecursionError as error:
        raise Unparseable("too_deep") from error
    except Exception as error:
        raise Unparseable("broken", type(error).__name__) from error


def _parse(raw: bytes) -> Inbound:
    whole = len(raw) <= WHOLE_LIMIT
    message = _tree(raw if whole else raw[:PREFIX])
    bodies = walk(message)
    if not whole:
        # The cut goes through the files, so none of them is kept here; the raw message holds them all.
        bodies.files.clear()
        bodies.problem("too_large")
    is_bounce = natures.is_report(message, "delivery-status") or plain_header(message, "Return-Path") == "<>"
    sender_name, sender = _sender(message, "bounce" if is_bounce else "")
    subject = text_header(message, "Subject", 300)
    text, clean = _body(bodies)
    nature = natures.nature_of(message, sender, subject)
    if len(text) > MAX_TEXT:
        bodies.problem("text_cut")
        bodies.files.append(InboundFile("full-text.txt", "text/plain", text.encode()))
        text = text[:MAX_TEXT]
    parts = split(text)
    recipients = list(
        dict.fromkeys(
            address for _, address in addresses(message, "Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
        )
    )
    threads = message_ids(message, "In-Reply-To", "References")
    own = message_ids(message, "Message-ID")
    thread_topic = plain_header(message, "Thread-Index", 60)
    return Inbound(
        external_id=own[0] if own else f"sha256:{fingerprint(raw)}",
        sender_kind="email",
        sender=sender,
        sender_name=sender_name,
        sent_at=sent_at(message),
        recipients=tuple(recipients),
        subject=subject,
        text=parts.new,
        quoted=parts.quoted,
        html=clean,
        files=tuple(bodies.files),
        thread_ids=threads,
        tokens=find_tokens([*recipients, *threads, subject, text]),
        nature=nature,
        problems=tuple(bodies.problems),
        extra=_extra(message, bodies, text, nature, sender, subject)
        | {
            "signature": parts.signature[:2000],
            "thread_index": thread_topic,
            "fingerprint": fingerprint(raw),
        },
    )


def _extra(message: Message, bodies: Bodies, text: str, nature: str, sender: str, subject: str) -> dict[str, object]:
    extra: dict[str, object] = {
        "may_be_answered": natures.may_be_answered(message, sender, subject, nature),
        "loop": plain_header(message, natures.LOOP_HEADER, 200),
        "mailer": one_line(text_header(message, "X-Mailer", 100) or text_header(message, "User-Agent", 100), 100),
        "authentication": authentication.results_named(message),
        "reply_to": [address for _, address in addresses(message, "Reply-To")][:5],
    }
    if nature == natures.BOUNCE:
        status = "\n\n".join(bodies.status)
        found = natures.failures(status, text, plain_header(message, "X-Failed-Recipients"))
        extra["failures"] = [
            {
                "recipient": f.recipient,
                "action": f.action,
                "status": f.status,
                "detail": f.detail,
                "permanent": f.permanent,
            }
            for f in found
        ]
        extra["about"] = list(natures.ids_mentioned(message, [*bodies.returned, text]))
    return extra
