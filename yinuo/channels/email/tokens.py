"""Signed reply tokens: which conversation an answer belongs to, in a form nobody can make up.

Short and case-blind, because the token travels in the local part of an address (64 characters at most)
and some servers change its case. The number inside is worthless without the signature over it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable

_MARK = re.compile(r"(?<![a-z0-9])yn([a-z2-7]{2,13})-([a-z2-7]{20})(?![a-z2-7])", re.IGNORECASE)
_MAC_BYTES = 12


def _b32(data: bytes) -> str:
    return base64.b32encode(data).decode("ascii").rstrip("=").lower()


def _mac(number: int, key: bytes) -> str:
    return _b32(hmac.new(key, b"yinuo.mail.reply:%d" % number, hashlib.sha256).digest()[:_MAC_BYTES])


def reply_token(number: int, key: bytes) -> str:
    """The token of a conversation, such as ``ynae-k3f7…``."""
    if number <= 0:
        raise ValueError("only a stored conversation has a token")
    return f"yn{_b32(number.to_bytes((number.bit_length() + 7) // 8, 'big'))}-{_mac(number, key)}"


def read_token(token: str, key: bytes) -> int | None:
    """The conversation a token names, or None when the signature is not ours."""
    match = _MARK.fullmatch(token.strip().lower())
    if match is None:
        return None
    packed = match[1].upper()
    try:
        number = int.from_bytes(base64.b32decode(packed + "=" * (-len(packed) % 8)), "big")
    except ValueError:
        return None
    good = 0 < number < 2**63 and hmac.compare_digest(_mac(number, key), match[2])
    return number if good else None


def find_tokens(texts: Iterable[str], limit: int = 10) -> tuple[str, ...]:
    """Everything in the texts that looks like a token, in order; whether it is one only the key can tell."""
    found: dict[str, None] = {}
    for text in texts:
        for match in _MARK.finditer(text):
            found.setdefault(match[0].lower(), None)
            if len(found) >= limit:
                return tuple(found)
    return tuple(found)


def with_token(address: str, token: str) -> str:
    """A mailbox address carrying the token behind a plus sign."""
    local, _, domain = address.rpartition("@")
    return f"{local}+{token}@{domain}"


def without_token(address: str) -> str:
    """The plain mailbox address of one that may carry a token."""
    local, _, domain = address.rpartition("@")
    head, plus, tail = local.rpartition("+")
    return f"{head}@{domain}" if plus and _MARK.fullmatch(tail) else address
