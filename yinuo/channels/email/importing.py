"""``yinuo import-mail``: the same way in as over IMAP, from files. Run it again after a break: nothing is doubled."""

from __future__ import annotations

import hashlib
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TextIO

from django.utils.translation import gettext as _

from yinuo.channels.email.commands.intake import store_raw
from yinuo.channels.email.commands.mailboxes import save_mailbox
from yinuo.channels.email.commands.understanding import FROM_FILE
from yinuo.channels.email.flows import understand_stored
from yinuo.channels.email.mailfiles import files_of, messages_in
from yinuo.channels.email.models import Mailbox, RawMessage
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.errors import Missing, Refused

IMPORTED = "imported@import.invalid"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Tally:
    """What an import did."""

    files: int = 0
    found: int = 0
    new: int = 0
    known: int = 0
    without_mail: list[str] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def sentence(self) -> str:
        return _("找到 %(found)d 封，新存入 %(new)d 封，以前已有 %(known)d 封") % {
            "found": self.found,
            "new": self.new,
            "known": self.known,
        }

    def result(self) -> str:
        return _("入库 %(understood)d 封，无需处理 %(ignored)d 封，未能解析 %(failed)d 封（在“邮件队列”页可见）") % {
            name: self.states[name] for name in ("understood", "ignored", "failed")
        }


class Progress:
    """One line that is rewritten on a terminal, and a line now and then in a log."""

    def __init__(self, out: TextIO) -> None:
        self.out, self.live, self.last = out, out.isatty(), 0.0

    def tell(self, words: str, *, final: bool = False) -> None:
        now = time.monotonic()
        if not final and now - self.last < (0.2 if self.live else 5.0):
            return
        self.last = now
        self.out.write(f"\r\033[K{words}" if self.live else f"{words}\n")
        if final and self.live:
            self.out.write("\n")
        self.out.flush()


def mailbox_for(address: str) -> Mailbox:
    """The mailbox named, else the default one, else one made to hold imported mail."""
    if address:
        row = Mailbox.unscoped.filter(address__iexact=address.strip()).first()
        if row is None:
            known = ", ".join(Mailbox.unscoped.order_by("pk").values_list("address", flat=True))
            raise Missing(
                _("没有邮箱 %(address)s；已登记的有：%(known)s") % {"address": address, "known": known or _("无")}
            )
        return row
    row = Mailbox.unscoped.order_by("-is_default", "pk").first()
    if row is None:
        row = save_mailbox(name=_("导入的邮件"), address=IMPORTED, active=False, receipt_enabled=False)
    return row


def run(path: Path, *, mailbox: str = "", out: TextIO | None = None) -> Tally:
    """Import a file or a folder. First every message is stored, then all are understood, oldest first."""
    with acting_as(Actor.system("mail.import")):
        box = mailbox_for(mailbox)
        progress, tally = Progress(out or sys.stdout), Tally()
        waiting = _store_all(path, box, tally, progress)
        if not tally.found:
            raise Refused(_("在 %(path)s 里没有找到邮件") % {"path": path})
        progress.tell(tally.sentence(), final=True)
        _understand_all(waiting, tally, progress)
        progress.tell(tally.result() if waiting else _("没有新邮件需要解析"), final=True)
        if tally.without_mail:
            names = _("、").join(tally.without_mail[:5])
            progress.tell(
                _("%(n)d 个文件不是邮件，已跳过：%(names)s") % {"n": len(tally.without_mail), "names": names},
                final=True,
            )
        return tally


def _store_all(path: Path, box: Mailbox, tally: Tally, progress: Progress) -> list[tuple[datetime, int]]:
    """Store what is not stored yet; the numbers of everything that waits to be understood, with its date."""
    files = files_of(path)
    total = max(sum(one.stat().st_size for one in files), 1)
    done = 0
    waiting: list[tuple[datetime, int]] = []
    for file in files:
        tally.files += 1
        before = tally.found
        for found in messages_in(file):
            tally.found += 1
            row = _store(found.raw, box, tally)
            if row.state == RawMessage.State.STORED:
                waiting.append((_date(found.raw), row.pk))
            share = (done + min(found.position, file.stat().st_size)) * 100 // total
            progress.tell(f"{share}% · {tally.sentence()}")
        if tally.found == before and file.stat().st_size:
            tally.without_mail.append(file.name)
        done += file.stat().st_size
    return waiting


def _store(raw: bytes, box: Mailbox, tally: Tally) -> RawMessage:
    digest = hashlib.sha256(raw).hexdigest()
    row = RawMessage.unscoped.filter(mailbox=box, blob__sha256=digest).first()
    if row is not None:
        tally.known += 1
        return row
    row, made = store_raw(
        mailbox_id=box.pk, external_id=f"{FROM_FILE}{digest[:40]}", raw=raw, silent=True, announce=False
    )
    tally.new += made
    return row


def _date(raw: bytes) -> datetime:
    for line in raw[:32_000].split(b"\n"):
        if line[:5].lower() == b"date:":
            try:
                value = parsedate_to_datetime(line[5:].decode("latin-1").strip())
                return value if value.tzinfo else value.replace(tzinfo=UTC)
            except (ValueError, TypeError, IndexError, OverflowError):
                return EPOCH
        if line in (b"", b"\r"):
            break
    return EPOCH


def _understand_all(waiting: list[tuple[datetime, int]], tally: Tally, progress: Progress) -> None:
    """Oldest first, so that an answer finds the letter it answers."""
    for number, (_when, raw_id) in enumerate(sorted(waiting), 1):
        tally.states[understand_stored(raw_id)] += 1
        progress.tell(_("正在解析 %(now)d / %(all)d") % {"now": number, "all": len(waiting)})
