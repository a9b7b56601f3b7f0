"""Keyset pages: the cursor is the sort key of the last row shown, so pages neither skip nor repeat and stay fast."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from ninja import Schema

from yinuo.kernel.clock import of_our_time
from yinuo.kernel.errors import Invalid

BIGGEST_ID = 2**63 - 1


class Paged(Schema):
    """`next` is given as `cursor` to get the following page; null at the end."""

    next: str | None


def write_cursor(*values: Any) -> str:
    plain = [v.isoformat() if isinstance(v, datetime) else v for v in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def read_cursor(cursor: str, *kinds: type) -> list[Any] | None:
    """The values of a cursor, None for an empty one; anything else raises `Invalid` (code `bad_cursor`)."""
    if not cursor:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        values = json.loads(raw.decode("ascii"))
        if not isinstance(values, list) or len(values) != len(kinds):
            raise ValueError
        return [_typed(value, kind) for value, kind in zip(values, kinds, strict=True)]
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise Invalid(_("翻页标记无效，请从第一页重新开始"), code="bad_cursor", fields={"cursor": _("无效")}) from None


def _typed(value: Any, kind: type) -> Any:
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None or not of_our_time(moment):
            raise ValueError
        return moment
    if kind is int and isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= BIGGEST_ID:
        return value
    raise ValueError


def newest_first(
    rows: QuerySet[Any], field: str, *, cursor: str, limit: int, show: Callable[[Any], dict[str, Any]]
) -> dict[str, Any]:
    """A page by (`field`, id), both descending. One statement."""
    after = read_cursor(cursor, datetime, int)
    if after:
        moment, pk = after
        rows = rows.filter(**{f"{field}__lte": moment}).filter(Q(**{f"{field}__lt": moment}) | Q(pk__lt=pk))
    return _cut(list(rows.order_by(f"-{field}", "-pk")[: limit + 1]), field, limit, show)


def soonest_first(
    rows: QuerySet[Any], field: str, *, cursor: str, limit: int, show: Callable[[Any], dict[str, Any]]
) -> dict[str, Any]:
    """A page by (`field`, id), both ascending. One statement."""
    after = read_cursor(cursor, datetime, int)
    if after:
        moment, pk = after
        rows = rows.filter(**{f"{field}__gte": moment}).filter(Q(**{f"{field}__gt": moment}) | Q(pk__gt=pk))
    return _cut(list(rows.order_by(field, "pk")[: limit + 1]), field, limit, show)


def _cut(found: Sequence[Any], field: str, limit: int, show: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    kept = found[:limit]
    more = len(found) > limit
    return {
        "items": [show(row) for row in kept],
        "next": write_cursor(getattr(kept[-1], field), kept[-1].pk) if more else None,
    }
