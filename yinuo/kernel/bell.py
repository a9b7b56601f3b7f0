"""Waking the live gateway (and who else listens) after a commit, from beside the transaction.

A transaction that notifies holds a lock of the whole server while it is made durable, so such commits wait for each
other. The notice itself is a row of the transaction; the bell only says "look", once for all that was committed in the
same breath. If the process dies before it rings, the gateway finds the row at its next look by itself.
"""

import atexit
import logging
import threading
import time
from typing import Any

import psycopg

from yinuo.kernel.beside import beside

log = logging.getLogger("yinuo.live")
CHANNEL = "yinuo_live"
#: Seconds in which commits share one ring, and after which an unused connection is given back.
BREATH, IDLE = 0.01, 0.5


class Bell:
    """One thread and one connection per process, both made when first needed and given back when idle."""

    def __init__(self, channel: str = CHANNEL) -> None:
        self.channel = channel
        self._asked = threading.Event()
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None
        atexit.register(self.finish)

    def ring(self) -> None:
        with self._guard:
            self._asked.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, args=(beside(),), name="bell", daemon=True)
                self._thread.start()

    def _run(self, params: dict[str, Any]) -> None:
        try:
            with psycopg.connect(**params, autocommit=True, options="-c synchronous_commit=off") as line:
                while self._wanted():
                    time.sleep(BREATH)
                    self._asked.clear()
                    line.execute("SELECT pg_notify(%s, '')", [self.channel])
        except psycopg.Error as wrong:
            log.warning("could not ring %s: %s", self.channel, type(wrong).__name__)
            with self._guard:
                self._thread = None

    def _wanted(self) -> bool:
        """Wait for the next ring; False, and the thread's place is free, when none came."""
        self._asked.wait(IDLE)
        with self._guard:
            if not self._asked.is_set():
                self._thread = None
            return self._thread is not None

    def finish(self) -> None:
        """Let what was asked for be heard, and give the connection back."""
        thread = self._thread
        if thread is not None:
            thread.join(3 * IDLE)


bell = Bell()
