"""Header values from the raw lines, decoded by our own rules so that a hostile header cannot raise."""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
from datetime import UTC, datetime
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from yinuo.channels.email.parsing.charset import decode, one_line, readable

_WORD = re.compile(rb"=\?([A-Za-z0-9_.:*'-]{1,60})\?([bBqQ])\?(.*?)\?=", re.DOTALL)
_BETWEEN = re.compile(rb"(\?=)[ \t\r\n]+(=\?[A-Za-z0-9_.:*'-]{1,60}\?[bBqQ]\?)")
_ID = re.compile(r"<([^<>\s]{3,400})>")
_ADDRESS = re.compile(r"[^\s<>\"'(),:;\[\]@\\]{1,64}@[^\s<>\"'(),:;\[\]@\\]{1,253}")
MAX_HEADER_BYTES = 64_000
MAX_IDS = 60
MAX_RECIPIENTS = 200


def raw_values(message: Message, name: str) -> list[bytes]:
    """Every raw value of a header, as the bytes that were on the wire."""
    wanted = name.lower()
    out = []
    for key, value in message.raw_items():
        if str(key).lower() == wanted:
            out.append(str(value).encode("utf-8", "surrogateescape")[:MAX_HEADER_BYTES])
    return out


def _word_bytes(encoding: bytes, payload: bytes) -> bytes:
    if encoding in b"bB":
        compact = re.sub(rb"[^A-Za-z0-9+/]", b"", payload)
        if len(compact) % 4 == 1:
            compact = compact[:-1]
        try:
            return base64.b64decode(compact + b"=" * (-len(compact) % 4))
        except (binascii.Error, ValueError):
            return payload
    return binascii.a2b_qp(payload.replace(b"\r", b"").replace(b"\n", b""), header=True)


def decode_words(raw: bytes) -> str:
    """RFC 2047 words decoded. Neighbours of one charset are joined as bytes first: senders cut inside a
    Chinese character and only the joined bytes can be read."""
    raw = _BETWEEN.sub(rb"\1\2", _BETWEEN.sub(rb"\1\2", raw))
    out: list[str] = []
    pending, label, at = b"", "", 0

    def flush() -> None:
        nonlocal pending
        if pending:
            out.append(decode(pending, label))
            pending = b""

    for match in _WORD.finditer(raw):
        plain = raw[at : match.start()]
        if plain:
            flush()
            out.append(decode(plain))
        charset = match[1].decode("ascii").split("*")[0]
        if charset.lower() != label.lower():
            flush()
            label = charset
        pending += _word_bytes(match[2], match[3])
        at = match.end()
    flush()
    if raw[at:]:
        out.append(decode(raw[at:]))
    return "".join(out)


def text_header(message: Message, name: str, limit: int = 500) -> str:
    """The first value of a header as one readable line."""
    values = raw_values(message, name)
    return one_line(decode_words(values[0]), limit) if values else ""


def plain_header(message: Message, name: str, limit: int = 2000) -> str:
    """The first value of a protocol header, unfolded, without decoding words."""
    values = raw_values(message, name)
    return one_line(values[0].decode("latin-1"), limit) if values else ""


def message_ids(message: Message, *names: str) -> tuple[str, ...]:
    """Message ids in the given headers, in order, without repeats."""
    seen: dict[str, None] = {}
    for name in names:
        for value in raw_values(message, name):
            text = one_line(value.decode("latin-1"), MAX_HEADER_BYTES)
            found = _ID.findall(text) or ([text.strip()] if "@" in text and " " not in text.strip() else [])
            seen.update(dict.fromkeys(found))
    ids = list(seen)
    # The newest references matter most; the root is kept as the thread's name.
    return tuple(ids if len(ids) <= MAX_IDS else [ids[0], *ids[-MAX_IDS + 1 :]])


def normal_address(address: str) -> str:
    """An address for comparing: lower case, domain in its ASCII form where that exists."""
    local, _, domain = readable(address).strip().strip(".").rpartition("@")
    if not local or not domain or "\ufffd" in local + domain:
        return ""  # bytes of no known charset name nobody
    with contextlib.suppress(UnicodeError, ValueError):
        domain = domain.encode("idna").decode("ascii")
    return f"{local}@{domain}".lower()[:254]


def addresses(message: Message, *names: str) -> list[tuple[str, str]]:
    """(display name, normalised address) of each mailbox in the given headers."""
    out: list[tuple[str, str]] = []
    for name in names:
        for raw in raw_values(message, name):
            out.extend(_addresses_of(raw))
            if len(out) >= MAX_RECIPIENTS:
                return out[:MAX_RECIPIENTS]
    return out


def _addresses_of(raw: bytes) -> list[tuple[str, str]]:
    # Split while the words are still encoded: a decoded name may contain commas and angle brackets.
    line = " ".join(raw.decode("utf-8", "surrogateescape").split())
    try:
        pairs = getaddresses([line])
    except Exception:
        pairs = []
    out = []
    for name, address in pairs:
        shown = one_line(decode_words(name.encode("utf-8", "surrogateescape")), 120)
        plain = normal_address(address if _ADDRESS.fullmatch(address) else "")
        if plain:
            out.append(("" if shown.lower() == plain else shown, plain))
    if not out:
        text = one_line(decode_words(raw), MAX_HEADER_BYTES)
        for match in _ADDRESS.findall(text)[:MAX_RECIPIENTS]:
            plain = normal_address(match)
            shown = one_line(text.split(match)[0].rstrip("<").strip(" \"'"), 120)
            if plain:
                out.append((shown, plain))
    return out


def sent_at(message: Message) -> datetime | None:
    """The Date header as an aware time, or None when it is missing or impossible."""
    text = plain_header(message, "Date", 200)
    if not text:
        return None
    try:
        value = parsedate_to_datetime(text)
        if value.tzinfo is None:
            value = value.replace(tzinfo=UTC)
        value = value.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return None
    return value if 1980 <= value.year <= 2200 else None


_SENDER_LINE = re.compile(rb"^(?:From|Sender):[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.IGNORECASE | re.MULTILINE)
_SUBJECT_LINE = re.compile(rb"^Subject:[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.IGNORECASE | re.MULTILINE)


def glance(raw: bytes) -> tuple[str, str]:
    """(sender, subject) as far as they can be made out in a message that could not be understood."""
    head = raw[:16_000]
    sender, subject = _SENDER_LINE.search(head), _SUBJECT_LINE.search(head)
    return (
        one_line(decode_words(sender[1]), 200) if sender else "",
        one_line(decode_words(subject[1]), 300) if subject else "",
    )
