"""Log lines without secrets and without people: what is masked before any line is written, whoever wrote it.

An error of the database quotes the whole row it refused; a failed page is logged with its address, and the address of a
customer's page is its key.
"""

import json
import logging
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

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


class DiscreetJson(Discreet):
    """The same as one JSON object a line (`YINUO_LOG=json`): when, how grave, from which part and room, which request,
    and the `fields` a line was given. Texts are masked before they are put in, since a mask ends with its line.
    """

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "part": os.environ.get("YINUO_PART", ""),
            "logger": record.name,
            "request": _REFERENCE.get(),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            said["trace"] = self.formatException(record.exc_info)
        return as_json(said)


def as_json(said: Mapping[str, Any]) -> str:
    """One line; what is empty is left out."""
    kept = {k: masked(v) if isinstance(v, str) else v for k, v in said.items() if v not in ("", None)}
    return json.dumps(kept, ensure_ascii=False, default=str)
