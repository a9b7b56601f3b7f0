"""Log lines without secrets and without people: what is masked before any line is written, whoever wrote it.

An error of the database quotes the whole row it refused; a failed page is logged with its address, and the address of a
customer's page is its key.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

#: The number of the request being answered: on the page that says what went wrong, and in each line about it.
_REFERENCE: ContextVar[str] = ContextVar("reference", default="")

_MASKS = (
    # the rows and values PostgreSQL quotes beside its own sentence
    (re.compile(r"^([^\n]*?)(DETAIL|CONTEXT|LINE \d+):[^\n]*", re.M), r"\1\2: …"),
    # links that open something: the customer's pages, a new device, the live gateway's ticket
    (re.compile(r"(/p/[a-z]/|/login/device/)[A-Za-z0-9_.%=-]+"), r"\1…"),
    (re.compile(r"\b(ticket|token|code|password|secret|signature)=[^&\s'\"]+", re.I), r"\1=…"),
    (re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9+/=._-]{8,}"), r"\1 …"),
    (re.compile(r"\b(yk_[0-9a-f]{8})\.[A-Za-z0-9_-]+"), r"\1.…"),
    (re.compile(r"(://[^\s:/@]+):[^\s/@]+@"), r"\1:…@"),
    (re.compile(r"whsec_[A-Za-z0-9+/=]+"), "whsec_…"),
    (re.compile(r"(?<![0-9a-zA-Z._-])(?:\+?86[ -]?)?(1[3-9]\d)[ -]?\d{4}[ -]?(\d{4})(?![0-9a-zA-Z_-])"), r"\1****\2"),
    (re.compile(r"(?<![0-9a-zA-Z.])\d{6}(?:19|20)\d{9}[\dXx](?![0-9a-zA-Z])"), "…"),  # identity card
    (re.compile(r"([A-Za-z0-9])[A-Za-z0-9._%+-]*@([A-Za-z0-9-]+\.)"), r"\1***@\2"),
)  # fmt: skip


@contextmanager
def referring_to(number: str) -> Iterator[None]:
    """Every line logged meanwhile carries `number`."""
    before = _REFERENCE.set(number)
    try:
        yield
    finally:
        _REFERENCE.reset(before)


def masked(line: str) -> str:
    """The line as it may be kept."""
    for pattern, put in _MASKS:
        line = pattern.sub(put, line)
    return line


class Discreet(logging.Formatter):
    """The formatter of every line; a traceback is masked with it."""

    def format(self, record: logging.LogRecord) -> str:
        record.ref = f"[{number}] " if (number := _REFERENCE.get()) else ""
        return masked(super().format(record))
