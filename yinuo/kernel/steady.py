"""What must not believe a clock that has just been changed: deleting by age, and taking somebody for dead."""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from yinuo.kernel.guard import permit_writes

#: Housekeeping looks every ten minutes: after a year of a wrong clock, what is kept for a month has days to be saved.
STEP = timedelta(hours=1)
_FOLLOW = """INSERT INTO kernel_throttle AS t (key, window_start, count) VALUES ('housekeeping:seen', %(at)s, 1)
    ON CONFLICT (key) DO UPDATE SET window_start = least(%(at)s, t.window_start + %(step)s) RETURNING window_start"""


def unhurried(at: datetime) -> datetime:
    """The time for what deletes by age: never later than `at`, and only an hour further than at the last look. A clock
    set forward by mistake deletes nothing before somebody has set it right; after a long rest it catches up.
    """
    with permit_writes("housekeeping"), connection.cursor() as cursor:
        cursor.execute(_FOLLOW, {"at": at, "step": STEP})  # type: ignore[dict-item]  # psycopg adapts a timedelta
        found: datetime = cursor.fetchone()[0]
        return found


class Standstill:
    """Which of several values have not changed for a while, by a clock nobody can set."""

    def __init__(self) -> None:
        self._since: dict[Any, tuple[Any, float]] = {}

    def still(self, values: Mapping[Any, Any], *, for_seconds: float) -> set[Any]:
        """The keys whose value is what it was `for_seconds` ago. One seen for the first time is not."""
        now = time.monotonic()
        held = self._since
        self._since = {
            key: held[key] if key in held and held[key][0] == value else (value, now) for key, value in values.items()
        }
        return {key for key, (_value, since) in self._since.items() if now - since >= for_seconds}
