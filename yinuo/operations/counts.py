"""What earlier processes counted for `/metrics` is put away when the web starts: a fresh start counts from nothing."""

import contextlib
from pathlib import Path

import psutil


def clear(place: Path) -> None:
    """Files of processes that are gone; those of parts that run on are left to them."""
    for path in (place / "metrics").glob("*.db"):
        number = path.stem.rpartition("_")[2]
        if number.isdecimal() and not psutil.pid_exists(int(number)):
            with contextlib.suppress(OSError):
                path.unlink()
