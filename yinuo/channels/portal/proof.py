"""A small puzzle instead of a captcha: the visitor's phone finds a number, the server checks it with one hash.

The challenge is signed, so nothing is stored to hand it out; it is also the form's once-key, so a solution is
used up with the submission it paid for.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _

from yinuo.kernel.errors import Invalid
from yinuo.kernel.tokens import sign, unsign

PURPOSE = "portal.form"
#: About 65,000 hashes, a third of a second on a cheap phone.
BITS = 16
LIFE = timedelta(hours=12)
#: Without a solved puzzle a form must have been open this long: no person is faster.
WAIT = timedelta(seconds=6)


@dataclass(frozen=True, slots=True)
class Ticket:
    """One opening of a form: its token, its once-key, since when it is open and under which key its files wait."""

    token: str
    key: str
    opened_at: datetime
    files: str

    @property
    def upload_key(self) -> str:
        return f"portal-{self.files}"


def issue(at: datetime, files: str = "") -> Ticket:
    key = secrets.token_urlsafe(18)
    files = files or key
    return Ticket(sign(PURPOSE, [key, int(at.timestamp()), BITS, files], at + LIFE), key, at, files)


def read(token: str, *, late: bool = False) -> Ticket | None:
    """The ticket of a posted form; None when it is not ours or, unless `late`, too old."""
    try:
        key, opened, _bits, *files = unsign(PURPOSE, token, late=late)
    except Invalid:
        return None
    return Ticket(token, str(key), datetime.fromtimestamp(int(opened), UTC), str(files[0] if files else key))


def renew(token: str, at: datetime) -> Ticket:
    """A new ticket for a form that was open too long, with the files that wait for it; a ticket of nobody has none."""
    old = read(token, late=True)
    return issue(at, old.files if old else "")


def solved(token: str, answer: str, bits: int = BITS) -> bool:
    """Whether SHA-256 of "token:answer" starts with `bits` zero bits."""
    if not answer.isascii() or not answer.isdigit() or len(answer) > 12:
        return False
    digest = hashlib.sha256(f"{token}:{answer}".encode()).digest()
    return int.from_bytes(digest, "big") >> (256 - bits) == 0


def check_wait(ticket: Ticket, at: datetime) -> None:
    """For a visitor whose browser solved nothing: the form must have been open for a moment."""
    left = (ticket.opened_at + WAIT - at).total_seconds()
    if 0 < left <= WAIT.total_seconds():  # more: the clock was set back meanwhile
        raise Invalid(_("请过 %(n)d 秒再点一次提交，您填写的内容都还在") % {"n": int(left) + 1}, code="too_fast")
