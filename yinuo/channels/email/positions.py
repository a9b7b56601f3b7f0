"""Where reading a folder goes on: after the last number seen, and after a folder was given new numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from imap_tools import BaseMailBox

from yinuo.channels.contract import TransportError
from yinuo.channels.email.commands.mailboxes import set_position
from yinuo.channels.email.models import Mailbox
from yinuo.kernel import clock

AT_ONCE = 500
_TAKEN_IN = re.compile(rb'INTERNALDATE "([^"]{20,40})"')
_UID = re.compile(rb"UID (\d+)")


def position(server: BaseMailBox, mailbox: Mailbox) -> tuple[int, list[int]]:
    """(UIDVALIDITY, the numbers to fetch). Handles a first visit and a folder whose numbers were given anew."""
    validity, following = _status(server, mailbox.imap_folder)
    if mailbox.uidvalidity != validity:
        _begin(server, mailbox, validity, following - 1)
        mailbox.refresh_from_db()
    last = mailbox.last_uid
    if last + 1 >= following:
        return validity, []
    numbers = [uid for uid in _search(server, f"UID {last + 1}:*") if uid > last]
    if last < mailbox.renumbered_to:
        ours = set(_after(server, mailbox.reads_after))
        numbers = [uid for uid in numbers if uid > mailbox.renumbered_to or uid in ours]
        if not numbers:  # all is read that was given another number: from now on numbers alone tell
            set_position(
                mailbox_id=mailbox.pk, uidvalidity=validity, last_uid=following - 1,
                reads_after=mailbox.reads_after, renumbered_to=0,
            )  # fmt: skip
    return validity, numbers


def _begin(server: BaseMailBox, mailbox: Mailbox, validity: int, newest: int) -> None:
    """The place to read from is kept before anything is read: a link may die at any moment, and the next visit finds
    a folder with known numbers. What lay there before we first came stays untouched, also under new numbers; the rest
    is looked at again, and what is stored already is recognised by content.
    """
    last, reads_after, renumbered_to = 0, mailbox.reads_after, 0
    if mailbox.take_existing:
        pass
    elif not mailbox.uidvalidity:
        last, reads_after = newest, _newest_taken_in(server)
    elif reads_after is not None:
        ours = _after(server, reads_after)
        last, renumbered_to = min(ours) - 1 if ours else newest, newest
    set_position(
        mailbox_id=mailbox.pk, uidvalidity=validity, last_uid=last, reads_after=reads_after, renumbered_to=renumbered_to
    )


def _newest_taken_in(server: BaseMailBox) -> datetime | None:
    """When the server took in the newest mail it holds, by its own clock, which need not agree with ours to the
    hour; None when it holds none. One it claims to have from the days to come says nothing.
    """
    there = _search(server, "ALL")
    last = max((moment for _uid, moment in _taken_in(server, there[-1:]) if moment), default=None)
    if last is None:
        return None
    near = _taken_in(server, _search(server, _since(last)))
    newest = max((moment for _uid, moment in near if moment), default=last)
    return newest if newest < clock.now() + timedelta(days=1) else clock.now()


def _after(server: BaseMailBox, moment: datetime | None) -> list[int]:
    """The numbers of the mails the server took in after the moment, or does not say when."""
    if moment is None:
        return _search(server, "ALL")
    return sorted(uid for uid, when in _taken_in(server, _search(server, _since(moment))) if not when or when > moment)


def _since(moment: datetime) -> str:
    """SINCE compares days of the server's own zone: one day earlier is always enough."""
    return f"SINCE {moment - timedelta(days=1):%d-%b-%Y}"


def _taken_in(server: BaseMailBox, numbers: list[int]) -> Iterator[tuple[int, datetime | None]]:
    """(number, INTERNALDATE) of each message; None where the server says none that can be."""
    for start in range(0, len(numbers), AT_ONCE):
        some = numbers[start : start + AT_ONCE]
        status, data = server.client.uid("FETCH", ",".join(map(str, some)), "(UID INTERNALDATE)")
        if status != "OK":
            raise TransportError(f"FETCH: {data!r}"[:300])
        said = {
            int(number[1]): moment_of(when[1])
            for line in data
            if isinstance(line, bytes) and (number := _UID.search(line)) and (when := _TAKEN_IN.search(line))
        }
        yield from ((number, said.get(number)) for number in some)


def moment_of(written: bytes) -> datetime | None:
    """An INTERNALDATE; None for one that no clock shows (00-Jan-1970, second 60, zone +0860)."""
    try:
        return datetime.strptime(written.decode("ascii", "replace").strip(), "%d-%b-%Y %H:%M:%S %z")
    except ValueError:
        return None


def _status(server: BaseMailBox, folder: str) -> tuple[int, int]:
    """(UIDVALIDITY, UIDNEXT) of the folder."""
    values = server.folder.status(folder, ["UIDVALIDITY", "UIDNEXT"])
    return int(values["UIDVALIDITY"]), int(values["UIDNEXT"])


def _search(server: BaseMailBox, criteria: str) -> list[int]:
    status, data = server.client.uid("SEARCH", criteria)
    if status != "OK":
        raise TransportError(f"SEARCH: {data!r}"[:300])
    return sorted(int(number) for part in data if part for number in part.split())
