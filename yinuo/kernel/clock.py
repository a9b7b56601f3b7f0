"""The only place that reads the clock. Everything else is handed `at`."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

CST = ZoneInfo("Asia/Shanghai")
_frozen: ContextVar[datetime | None] = ContextVar("frozen", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def of_our_time(moment: datetime) -> bool:
    """Whether it can be reckoned with everywhere: in another zone the first and the last days of all are in no year a
    program can tell, and PostgreSQL takes no offset of sixteen hours.
    """
    return 1900 <= moment.year <= 2999 and abs(moment.utcoffset() or timedelta()) < timedelta(hours=16)


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Hold the clock still at `at` (aware). For tests and for building demo history."""
    if at.tzinfo is None:
        raise ValueError("frozen() takes an aware datetime")
    token = _frozen.set(at.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)
