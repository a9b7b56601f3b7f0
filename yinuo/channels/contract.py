"""What every channel speaks: how a message comes in, how one goes out, and how a failure is told.

A channel verifies where a request came from, parses raw bytes into an ``Inbound`` and sends an
``Outbound``. Everything above it only ever sees these four shapes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class InboundFile:
    """One file that came with a message; the name is already safe to show and to save."""

    name: str
    media_type: str
    content: bytes
    inline: bool = False
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message as understood by its channel; text only, nothing in it can raise or execute."""

    external_id: str
    sender_kind: str
    sender: str
    sender_name: str = ""
    sent_at: datetime | None = None
    recipients: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    quoted: str = ""
    html: str = ""
    files: tuple[InboundFile, ...] = ()
    thread_ids: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    nature: str = "message"
    problems: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outbound:
    """One message on its way out; ``external_id`` stays the same over every attempt."""

    external_id: str
    to: str
    text: str
    subject: str = ""
    to_name: str = ""
    html: str = ""
    files: tuple[InboundFile, ...] = ()
    thread_ids: tuple[str, ...] = ()
    token: str = ""
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """The network took the message over; ``external_id`` is how it will be called from now on."""

    external_id: str
    detail: str = ""


class TransportError(Exception):
    """The network did not take it. ``permanent`` means trying again will not help."""

    def __init__(self, detail: str, *, permanent: bool = False) -> None:
        super().__init__(detail)
        self.detail = detail
        self.permanent = permanent


class Unparseable(Exception):
    """The raw bytes are kept but cannot be understood; a person has to look at them."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class Channel(Protocol):
    """An adapter: one folder under ``channels`` and one line in ``registry``."""

    code: str

    def verify(self, request: Any) -> str:
        """Return the account a request or connection belongs to, or raise ``TransportError``."""
        ...

    def parse(self, raw: bytes) -> Inbound:
        """Understand raw bytes, or raise ``Unparseable``."""
        ...

    def send(self, account: str, outbound: Outbound) -> Receipt:
        """Hand one message to the network, or raise ``TransportError``."""
        ...
