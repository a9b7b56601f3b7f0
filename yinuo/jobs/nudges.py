"""Sleeping until there is work: woken by a notification, at the latest when the time is over."""

import threading

import psycopg

from yinuo.kernel.beside import beside


class Nudges:
    """A connection of its own that hears one channel."""

    def __init__(self, channel: str) -> None:
        self.channel = channel

    def __enter__(self) -> "Nudges":
        self._listening = psycopg.connect(**beside(), autocommit=True)
        self._listening.execute(f"LISTEN {self.channel}")
        return self

    def __exit__(self, *_exc: object) -> None:
        self._listening.close()

    def wait(self, seconds: float, stop: threading.Event) -> None:
        """Sleep up to `seconds`, less when nudged; answers a stop within a second."""
        while seconds > 0 and not stop.is_set():
            slice_ = min(seconds, 1.0)
            if any(True for _nudge in self._listening.notifies(timeout=slice_, stop_after=1)):
                return
            seconds -= slice_
