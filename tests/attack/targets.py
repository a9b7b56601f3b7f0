"""The readers of what others write, each as a function of bytes that raises when it does what it must not.

What a reader refuses in its own words is fine; any other exception, an unstorable answer, or one that reads differently
the second time is a find.
"""

import json
import re
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import InvalidOperation
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from yinuo.api.paging import read_cursor
from yinuo.calendars.book import read_hours
from yinuo.calendars.national import national_days, national_years
from yinuo.calendars.pasting import read_days
from yinuo.calendars.rules import WorkCalendar
from yinuo.calendars.spans import ClockKind, Span
from yinuo.channels.contract import Inbound, Unparseable
from yinuo.channels.email.parsing.html import name_attachments, sanitise, show_images
from yinuo.channels.email.parsing.understand import parse
from yinuo.channels.email.parsing.wire import dump, load
from yinuo.channels.email.parsing.words import text_of
from yinuo.complaints.rules.money import parse_amount
from yinuo.complaints.rules.registration import parse_date
from yinuo.complaints.rules.sums import sums_in
from yinuo.customers.queries.segments import _sum
from yinuo.customers.rules.addresses import masked, normal_email, normal_identity, normal_phone, normal_uscc
from yinuo.identity.models import Passkey
from yinuo.identity.passkeys import credential_in, made, used
from yinuo.insight.rules.period import BadPeriod, read_own
from yinuo.kernel import text as words
from yinuo.kernel.errors import Invalid
from yinuo.kernel.sheets import unquoted
from yinuo.kernel.tokens import unsign
from yinuo.promises.rules.reading import read_standard, write_standard
from yinuo.promises.rules.spoken import spoken_promises
from yinuo.surveys.queries.answers import read_day, read_month
from yinuo.web.cursor import beyond, pack, unpack
from yinuo.wording.queries import as_rule
from yinuo.wording.rules import Book, workbook
from yinuo.wording.rules.phrases import WrongPhrase, read_phrase
from yinuo.wording.rules.sheets import Unreadable, table
from yinuo.wording.shipped import shipped

Target = Callable[[bytes], None]
#: Of processor time for one input of at most LARGEST: more grows faster than what is read.
SECONDS, LARGEST = 2.0, 64 * 1024
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TARGETS: dict[str, Target] = {}


def target(function: Target) -> Target:
    def timed(data: bytes) -> None:
        began = time.process_time()
        function(data[:LARGEST])
        took = time.process_time() - began
        assert took < SECONDS, f"{function.__name__} took {took:.1f} s for {len(data)} bytes"

    TARGETS[function.__name__] = timed
    return timed


def written(data: bytes) -> str:
    """As a form or an address has it: decoded, whatever was sent."""
    return data.decode("utf-8", "replace")


def stable(read: Callable[[str], str], said: str) -> None:
    """What was read once is read the same again, and can be kept."""
    with suppress(Invalid):
        found = read(said)
        assert found == words.storable(found), (read, found)
        assert read(found) == found, (read, said, found, read(found))


@target
def mime(data: bytes) -> None:
    try:
        found = parse(data)
    except Unparseable as why:
        assert why.code != "broken", f"{why.detail}: {why.__cause__!r}"
        return
    assert load(*_wire(found)) == found
    for said in (found.sender, found.sender_name, found.subject, found.text, found.quoted, found.html, *found.tokens):
        assert said == words.storable(said), said[:200]
    for one in (found.sender, found.sender_name, found.subject, *found.recipients, *(f.name for f in found.files)):
        assert "\n" not in one and "\r" not in one, one
    for file in found.files:
        assert file.name and not set(file.name) & set("/\\:") and file.name.strip(".") == file.name.lstrip("."), (
            file.name
        )
    harmless(found.html)


def _wire(found: Inbound) -> tuple[bytes, bytes]:
    header, contents = dump(found)
    return header, b"".join(contents)


@target
def html(data: bytes) -> None:
    source = written(data)
    clean = sanitise(source)
    harmless(clean)
    text_of(source)
    shown = show_images(name_attachments(clean, {"a": 7}), {"7": "/files/7/"}, remote=True)
    harmless(shown, pictures=True)


LOADS = ("src", "srcset", "poster", "background", "action", "formaction", "data", "xlink:href", "ping", "manifest")
RUNS = ("script", "iframe", "object", "embed", "style", "link", "meta", "base", "form", "input", "button", "svg", "math",
        "template", "noscript", "textarea", "title", "frameset", "applet", "video", "audio")  # fmt: skip


def harmless(clean: str, *, pictures: bool = False) -> None:
    """As the browser would build it: nothing runs, nothing loads, links lead outside."""
    tree = LexborHTMLParser(f"<!doctype html><html><body>{clean}</body></html>")
    for node in tree.css("body *"):
        assert node.tag not in RUNS, clean[:500]
        for name, value in node.attributes.items():
            plain = (value or "").strip().lower()
            assert not name.startswith("on"), clean[:500]
            assert name not in LOADS or (pictures and (name, node.tag) == ("src", "img")), (name, clean[:500])
            if name in ("href", "src"):
                assert plain.startswith(("http://", "https://", "//", "mailto:", "tel:", "/files/")), (name, value)
            assert name != "style" or not any(bad in meant(plain) for bad in ("url(", "position", "expression", "@")), (
                value
            )


def meant(style: str) -> str:
    """A style with its escapes undone, as the browser reads it."""
    return re.sub(r"\\([0-9a-f]{1,6}\s?|.)", lambda m: chr(int(m[1], 16) % 0x110000) if m[1][0] in HEX else m[1], style)


HEX = "0123456789abcdef"


@target
def addresses(data: bytes) -> None:
    said = written(data)
    for read in (normal_phone, normal_email, normal_uscc):
        stable(read, said)
    for kind in ("phone", "email", "wechat", "visitor"):
        with suppress(Invalid):
            kept = normal_identity(kind, said)
            assert kept and (kind == "wechat" or kind == "visitor" or masked(kind, kept) != kept), (kind, kept)
    with suppress(Invalid):
        assert words.phone_tail(said) == "" or words.phone_tail(said).isdigit()


@target
def text(data: bytes) -> None:
    said = written(data)
    for read in (words.clean_text, words.clean_line):
        stable(read, said)
    for read in (words.grams, words.query_tokens, words.pinyin_initials, words.pinyin_full, words.mask_phone,
                 words.mask_email, words.mask_text, unquoted):  # fmt: skip
        with suppress(Invalid):
            found = read(said)
            assert found == words.storable(found) or said != words.storable(said), (read, found)
    for one in sums_in(said):
        assert isinstance(one.value, str) or (one.value.is_finite() and one.value >= 0), one
    spoken_promises(said, NOW, CHINA)
    BOOK.find(said[:20_000], kind="complaint")


BOOK = Book([as_rule(one["code"], one) for one in shipped()])

CHINA = WorkCalendar(national=national_days(), known_years=national_years())


@target
def dates(data: bytes) -> None:
    said = written(data)
    found, sentence = parse_date(said, date(2026, 11, 23))
    assert not (found and sentence)
    read_day(said), read_month(said)
    first, _between, last = said.partition("\n")
    with suppress(BadPeriod):
        read_own(first, last)
    with suppress(ValueError):
        read_hours([line.split("-") for line in said.splitlines()])


@target
def pasted(data: bytes) -> None:
    """Days off as somebody pastes them: what is not understood is said line by line, never raised."""
    for span in read_days(written(data), 2026).spans:
        assert span.first <= span.last and (span.day is None or span.day.name == words.storable(span.day.name))


@target
def numbers(data: bytes) -> None:
    said = written(data)
    amount, _sentence = parse_amount(said)
    assert amount.is_finite() and 0 <= amount < 10**8
    least = _sum(said)
    assert least is None or least.is_finite()
    for kind in ClockKind:
        with suppress(ValueError, InvalidOperation):
            Span.of(kind, said)


@target
def cursors(data: bytes) -> None:
    said = written(data)
    mark = unpack(said)
    if mark is not None:
        assert unpack(pack(*mark)) == mark
        beyond("due_at", True, mark, nullable=True)
    for kinds in ((datetime, int), (int,)):
        with suppress(Invalid):
            read_cursor(said, *kinds)
    with suppress(Invalid):
        unsign("case", said)
        raise AssertionError("nobody signs this")


@target
def sheets(data: bytes) -> None:
    found = workbook.rows(data, 2000, 9)  # as the process does in which such a file is read
    assert isinstance(found, int) or all(isinstance(cell, str) for row in found for cell in row)
    if data[:4] != b"PK\x03\x04":
        with suppress(Unreadable):
            assert all(isinstance(cell, str) for row in table(data, "a.csv") for cell in row)


@target
def standards(data: bytes) -> None:
    try:
        given: Any = json.loads(written(data))
    except (ValueError, RecursionError):
        return
    if isinstance(given, dict):
        with suppress(Invalid):
            spec = read_standard(given)
            assert read_standard(write_standard(spec)) == spec


KEY = Passkey(public_key=b"\xa0", sign_count=0, handle="x", credential="eA")


@target
def passkeys(data: bytes) -> None:
    """What a browser answers, before anybody is signed in."""
    said = written(data)
    with suppress(Invalid):
        credential, handle = credential_in(said)
        assert (credential + handle).isascii() and "\x00" not in credential
    for read in (lambda: made(said, "eHh4"), lambda: used(said, "eHh4", KEY, alone=True)):
        with suppress(Invalid):
            read()
            raise AssertionError("nobody signed this")


@target
def phrases(data: bytes) -> None:
    """A rule's phrase, and below it the text it is looked for in: no pair of them takes long."""
    phrase, _line, said = written(data).partition("\n")
    with suppress(WrongPhrase):
        read_phrase(phrase).pattern.search(said * 20)
