"""Where a page of rows ends, as an address writes it: the value they are sorted by, and the primary key."""

import base64
import json
import math
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.dateparse import parse_date, parse_datetime

from yinuo.kernel.clock import of_our_time
from yinuo.kernel.text import storable

Mark = tuple[Any, Any] | None


def beyond(name: str, down: bool, mark: tuple[Any, Any], *, nullable: bool) -> Q:
    value, pk = mark
    side = "lt" if down else "gt"
    if name in ("pk", "id"):
        return Q(**{f"pk__{side}": pk})
    if value is None:
        return Q(**{f"{name}__isnull": True, f"pk__{side}": pk})
    edge = Q(**{f"{name}__{side}e": value}) & (Q(**{f"{name}__{side}": value}) | Q(**{f"pk__{side}": pk}))
    return edge | Q(**{f"{name}__isnull": True}) if nullable else edge


def value_of(row: Any, name: str) -> Any:
    for part in name.split("__"):
        row = getattr(row, part) if row is not None else None
    return row


def pack(value: Any, pk: Any) -> str:
    kind = (
        "t"
        if isinstance(value, datetime)
        else "d"
        if isinstance(value, date)
        else ("n" if isinstance(value, Decimal) else "")
    )
    plain = value.isoformat() if kind in ("t", "d") else str(value) if kind == "n" else value
    return base64.urlsafe_b64encode(json.dumps([kind, plain, pk]).encode()).decode().rstrip("=")


def _sortable(value: Any) -> bool:
    """Whether the database could have told it."""
    if isinstance(value, str):
        return bool(value == storable(value))
    if isinstance(value, float):  # JSON as Python reads it knows Infinity and NaN
        return math.isfinite(value)
    if isinstance(value, datetime):
        return value.tzinfo is not None and of_our_time(value)
    return not isinstance(value, Decimal) or (value.is_finite() and abs(value.adjusted()) < 30)


def unpack(text: str) -> Mark:
    """Read a cursor; one that is not ours starts the list again."""
    if not text or len(text) > 500:
        return None
    try:
        kind, plain, pk = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        readers: dict[str, Callable[[Any], Any]] = {"t": parse_datetime, "d": parse_date, "n": Decimal}
        value = readers[kind](plain) if kind else plain
        if type(pk) is not int or (kind and value is None) or isinstance(value, (list, dict)) or not _sortable(value):
            return None
    except (ValueError, TypeError, KeyError, ArithmeticError):
        return None
    return value, pk
