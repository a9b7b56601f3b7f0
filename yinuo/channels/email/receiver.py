"""Watching the mailboxes: one thread each, IDLE while quiet, back with growing pauses after trouble.

Several receivers may run; a database lock lets one of them at a time watch a mailbox.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import close_old_connections, connection
from django.db.utils import DatabaseError, InterfaceError
from imap_tools import BaseMailBox

from yinuo.channels.contract import TransportError
from yinuo.channels.email import imap
from yinuo.channels.email.commands.mailboxes import note_state
from yinuo.channels.email.models import Mailbox
from yinuo.kernel.actor import Actor, acting_as

log = logging.getLogger("yinuo.mail")
#: A short wait notices a connection that died without a word, and mail announced in the moment IDLE began or ended.
IDLE_SECONDS = 20.0
POLL_SECONDS = 30.0
LOOK_FOR_CHANGES_SECONDS = 10.0
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0
_LOCK_CLASS = 0x6D626F78


@contextmanager
def _sole_watcher(mailbox_id: int) -> Iterator[bool]:
    """Whether this session now is the one watching the mailbox; the lock goes with the database session."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK_CLASS, mailbox_id])
        held = bool(cursor.fetchone()[0])
    try:
        yield held
    finally:
        if held and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK_CLASS, mailbox_id])


class Watcher:
    """One mailbox's thread."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox_id: int = mailbox.pk
        self.version: int = mailbox.version
        self._stop = threading.Event()
        self._server: BaseMailBox | None = None
        self.thread = threading.Thread(target=self._run, name=f"mailbox-{mailbox.pk}", daemon=True)

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        """Ask it to end; a thread waiting for the server is woken by closing the connection under it."""
        self._stop.set()
        server = self._server
        if server is not None:
            imap.close(server)

    def _run(self) -> None:
        pause = FIRST_PAUSE
        with acting_as(Actor.system("mail.receiver")):
            while not self._stop.is_set():
                began = time.monotonic()
                try:
                    self._session()
                except TransportError as error:
                    self._note(error.detail)
                except (DatabaseError, InterfaceError) as error:
                    log.warning("mailbox %s: database trouble: %s", self.mailbox_id, error)
                    connection.close()
                except Exception:
                    log.exception("mailbox %s: unexpected trouble", self.mailbox_id)
                    connection.close()
                if time.monotonic() - began > 60:
                    pause = FIRST_PAUSE
                # Many mailboxes on one server must not all come back in the same second.
                self._stop.wait(pause * random.uniform(0.7, 1.3))  # noqa: S311 - no secret in a pause
                pause = min(pause * 2, LONGEST_PAUSE)
        connection.close()

    def _note(self, trouble: str) -> None:
        log.info("mailbox %s: %s", self.mailbox_id, trouble)
        if self._stop.is_set():
            return
        try:
            close_old_connections()
            note_state(mailbox_id=self.mailbox_id, trouble=trouble)
        except (DatabaseError, InterfaceError, Mailbox.DoesNotExist) as error:
            log.warning("mailbox %s: could not note its state: %s", self.mailbox_id, error)
            connection.close()

    def _session(self) -> None:
        close_old_connections()
        with _sole_watcher(self.mailbox_id) as mine:
            if not mine:
                self._stop.wait(POLL_SECONDS)
                return
            mailbox = Mailbox.unscoped.get(pk=self.mailbox_id)
            self._server = server = imap.connect(mailbox)
            try:
                while not self._stop.is_set():
                    new = imap.fetch_new(server, mailbox, stop=self._stop.is_set)
                    note_state(mailbox_id=self.mailbox_id, trouble="")
                    if not new:  # what came while we were reading is read before anybody waits
                        self._wait_for_mail(server)
            finally:
                self._server = None
                imap.close(server)

    def _wait_for_mail(self, server: BaseMailBox) -> None:
        """Return when something arrived, or after a moment to look anyway."""
        if "IDLE" not in server.client.capabilities:
            self._stop.wait(POLL_SECONDS)
        elif not self._stop.is_set():
            with imap.as_transport():
                server.idle.wait(timeout=IDLE_SECONDS)


class Receiver:
    """Keeps one watcher per active mailbox, following changes of the settings."""

    def __init__(self) -> None:
        self._watchers: dict[int, Watcher] = {}

    def follow_settings(self) -> None:
        """Start, restart and stop watchers so that they match the table."""
        with acting_as(Actor.system("mail.receiver")):
            wanted = {m.pk: m for m in Mailbox.unscoped.filter(active=True).exclude(imap_host="")}
        for number, watcher in list(self._watchers.items()):
            mailbox = wanted.get(number)
            if mailbox is None or mailbox.version != watcher.version or not watcher.thread.is_alive():
                watcher.stop()
                del self._watchers[number]
        for number, mailbox in wanted.items():
            if number not in self._watchers:
                self._watchers[number] = watcher = Watcher(mailbox)
                watcher.start()

    def run(self, stop: threading.Event) -> None:
        """Until told to stop."""
        while not stop.is_set():
            try:
                close_old_connections()
                self.follow_settings()
            except (DatabaseError, InterfaceError) as error:
                log.warning("receiver: database trouble: %s", error)
                connection.close()
            stop.wait(LOOK_FOR_CHANGES_SECONDS)
        self.close()

    def close(self, seconds: float = 10.0) -> None:
        for watcher in self._watchers.values():
            watcher.stop()
        for watcher in self._watchers.values():
            watcher.thread.join(seconds)
        self._watchers.clear()


def start_in_background() -> tuple[threading.Thread, threading.Event]:
    """The receiver in a thread of the worker process; set the event to end it."""
    stop = threading.Event()
    thread = threading.Thread(target=Receiver().run, args=(stop,), name="mail-receiver", daemon=True)
    thread.start()
    return thread, stop
