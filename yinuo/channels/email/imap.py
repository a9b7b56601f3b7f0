"""Reading a mailbox over IMAP: what is new since the last number seen, stored before the position moves on."""

from __future__ import annotations

import imaplib
import re
import ssl
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from imap_tools import BaseMailBox
from imap_tools.errors import ImapToolsError

from yinuo.channels.contract import TransportError
from yinuo.channels.email.commands.intake import store_raw
from yinuo.channels.email.models import Mailbox
from yinuo.channels.email.positions import position
from yinuo.channels.email.sealing import unseal
from yinuo.channels.email.servers import ImapPlain, ImapStartTls, ImapTls, in_words
from yinuo.channels.email.smtp import tls_context
from yinuo.kernel.errors import Refused

TIMEOUT_SECONDS = 60
CHUNK = 4 * 1024 * 1024
MAX_BYTES = 512 * 1024 * 1024
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


@contextmanager
def as_transport() -> Iterator[None]:
    """Whatever a mail server or the network does wrong, as one kind of error."""
    try:
        yield
    except (imaplib.IMAP4.error, ImapToolsError, ssl.SSLError, OSError, EOFError, ValueError, Refused) as error:
        raise TransportError(in_words(error)) from error


def connect(mailbox: Mailbox, timeout: float = TIMEOUT_SECONDS) -> BaseMailBox:
    """A logged-in connection to the mailbox's folder."""
    with as_transport():
        host, port = mailbox.imap_host, mailbox.imap_port
        server: BaseMailBox
        if mailbox.imap_security == Mailbox.Security.TLS:
            server = ImapTls(host, port, timeout=timeout, ssl_context=tls_context(mailbox))
        elif mailbox.imap_security == Mailbox.Security.STARTTLS:
            server = ImapStartTls(host, port, timeout=timeout, ssl_context=tls_context(mailbox))
        else:
            server = ImapPlain(host, port, timeout=timeout)
        try:
            _say_who_we_are(server)
            server.login(mailbox.imap_user, unseal(mailbox.imap_password), initial_folder=mailbox.imap_folder)
        except BaseException:
            close(server)
            raise
        return server


def _say_who_we_are(server: BaseMailBox) -> None:
    """Some Chinese providers refuse a client that does not name itself (RFC 2971)."""
    if "ID" in server.client.capabilities:
        imaplib.Commands.setdefault("ID", ("NONAUTH", "AUTH", "SELECTED"))
        server.client._simple_command("ID", '("name" "yinuo" "version" "1")')


def close(server: BaseMailBox) -> None:
    """Leave without caring how the other side takes it."""
    try:
        server.client.shutdown()
    except (OSError, AttributeError, imaplib.IMAP4.error):
        return


def _one_fetch(server: BaseMailBox, uid: int, what: str) -> tuple[bytes, bytes | None]:
    """(the response line, the literal) of a FETCH for one message."""
    status, data = server.client.uid("FETCH", str(uid), f"({what})")
    if status != "OK":
        raise TransportError(f"FETCH {uid}: {data!r}"[:300])
    for item in data:
        if isinstance(item, tuple):
            return bytes(item[0]), bytes(item[1])
        if (isinstance(item, bytes) and b"FETCH" in item) or (isinstance(item, bytes) and _SIZE.search(item)):
            return item, None
    return b"", None


def _download(server: BaseMailBox, uid: int) -> BinaryIO | None:
    """The exact bytes of a message in a temporary file, fetched piece by piece so that size costs no memory."""
    line, _ = _one_fetch(server, uid, "UID RFC822.SIZE")
    match = _SIZE.search(line)
    if match is None:
        return None  # deleted between the search and now
    size = min(int(match[1]), MAX_BYTES)
    out: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - handed to the caller
    at = 0
    while True:
        _, piece = _one_fetch(server, uid, f"UID BODY.PEEK[]<{at}.{CHUNK}>")
        if not piece:
            break
        out.write(piece)
        at += len(piece)
        # The announced size may be wrong; only a short piece says that the end is reached.
        if len(piece) < CHUNK or at >= MAX_BYTES:
            break
    if at < size and at == 0:
        out.close()
        return None
    out.seek(0)
    return out


def fetch_new(server: BaseMailBox, mailbox: Mailbox, *, stop: Callable[[], bool] = lambda: False) -> int:
    """Store every message not stored yet, in order; returns how many were new. May be cut off anywhere."""
    new = 0
    with as_transport():
        mailbox.refresh_from_db()
        server.client.noop()  # of the folder that is open, STATUS may tell only what the last command brought to light
        validity, numbers = position(server, mailbox)
        for uid in numbers:
            if stop():
                break
            source = _download(server, uid)
            if source is None:
                continue
            with source:
                _, made = store_raw(
                    mailbox_id=mailbox.pk,
                    external_id=f"{validity}:{uid}",
                    raw=source,
                    last_uid=uid,
                    uidvalidity=validity,
                )
            new += made
    return new
