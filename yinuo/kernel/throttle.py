"""Counting tries per key and window in the database, so that every process counts together.

A window that begins in the future was begun before the clock was set back: nobody waits for it longer than a window.
"""

import hashlib
from datetime import datetime, timedelta

from django.db import connection
from django.utils.translation import gettext as _

from yinuo.kernel.errors import TooMany
from yinuo.kernel.guard import permit_writes


def count_try(key: str, *, limit: int, window: timedelta, at: datetime, weight: int = 1) -> None:
    """Count one try of `key`, or as many as it weighs; over `limit` in `window` raises `TooMany`. Keeps its count when
    the caller rolls back only if called outside a transaction: call it before the command.
    """
    digest = f"{key.split(':', 1)[0][:40]}:{hashlib.sha256(key.encode()).hexdigest()[:40]}"
    with permit_writes("throttle"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_throttle AS t (key, window_start, count) VALUES (%(k)s, %(at)s, %(n)s) "
            "ON CONFLICT (key) DO UPDATE SET "
            "count = CASE WHEN t.window_start <= %(at)s - %(w)s THEN %(n)s ELSE t.count + %(n)s END, "
            "window_start = CASE WHEN t.window_start <= %(at)s - %(w)s THEN %(at)s "
            "ELSE least(t.window_start, %(at)s) END "
            "RETURNING count, window_start",
            # Django's stubs do not know that psycopg adapts a timedelta
            {"k": digest, "at": at, "w": window, "n": weight},  # type: ignore[dict-item]
        )
        count, start = cursor.fetchone()
    if count > limit:
        wait = max(1, int((start + window - at).total_seconds()))
        raise TooMany(_("操作太频繁，请在 %(minutes)d 分钟后再试") % {"minutes": -(-wait // 60)}, retry_after=wait)


def forget_tries(key: str) -> None:
    """Start `key` anew (after a success)."""
    digest = f"{key.split(':', 1)[0][:40]}:{hashlib.sha256(key.encode()).hexdigest()[:40]}"
    with permit_writes("throttle"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM kernel_throttle WHERE key = %s", [digest])


#: Answers a row when `key` did not come up since `since`, and counts it as having come up `at`.
FIRST = """INSERT INTO kernel_throttle AS t (key, window_start, count) VALUES (%(key)s, %(at)s, 1)
    ON CONFLICT (key) DO UPDATE SET window_start = excluded.window_start
    WHERE t.window_start <= %(since)s OR t.window_start > %(ahead)s
    RETURNING 1"""


def first_in(key: str, window: timedelta, at: datetime) -> bool:
    """Whether this is the first time within `window`, also of two at once: then what it stands before is to be done."""
    with permit_writes("throttle"), connection.cursor() as cursor:
        cursor.execute(FIRST, {"key": key[:160], "at": at, "since": at - window, "ahead": at + window})
        return cursor.fetchone() is not None
