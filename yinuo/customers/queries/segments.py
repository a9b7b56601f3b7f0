"""Segments: customers by the conditions of their list, written as in its address ("industry=物流&grade=A")."""

from collections.abc import Callable, Collection
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qsl

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yinuo.customers.models import Customer
from yinuo.customers.queries.finding import dealt_with, narrowed
from yinuo.customers.queries.grading import BUYING, bought, buying, interested, spent
from yinuo.customers.rules import DEALINGS
from yinuo.kernel.errors import Invalid

MOST_LETTERS = 1000


def _spent(rows: QuerySet[Any], written: str, _today: date) -> QuerySet[Any]:
    """A sum that is none narrows nothing down."""
    least = _sum(written)
    return rows if least is None else spent(rows, least)


def _sum(written: str) -> Decimal | None:
    try:
        least = Decimal(written.replace(",", "").replace("，", ""))
    except InvalidOperation:
        return None
    return least if least.is_finite() and abs(least.adjusted()) < 30 else None


NARROW: dict[str, Callable[[QuerySet[Any], str, date], QuerySet[Any]]] = {
    "q": lambda rows, words, _today: narrowed(rows, words),
    "grade": lambda rows, value, _today: rows.filter(grade=value),
    "kind": lambda rows, value, _today: rows.filter(kind=value),
    "status": lambda rows, value, _today: rows.filter(status=value),
    "owner": lambda rows, _none, _today: rows.filter(owner=None),
    "dealing": lambda rows, how, today: dealt_with(rows, how, today.year),
    "buying": buying,
    "industry": lambda rows, words, _today: rows.filter(industry__icontains=words),
    "region": lambda rows, words, _today: rows.filter(region__icontains=words),
    "size": lambda rows, words, _today: rows.filter(size__icontains=words),
    "interest": lambda rows, words, _today: interested(rows, words),
    "bought": lambda rows, words, _today: bought(rows, words),
    "spent": _spent,
}
KNOWN: dict[str, Collection[str]] = {
    "grade": Customer.Grade.values, "kind": Customer.Kind.values, "status": Customer.Status.values,
    "owner": ("none",), "dealing": DEALINGS, "buying": BUYING,
}  # fmt: skip


def read_segment(query: str) -> dict[str, str]:
    """The conditions; how a list is sorted is none. Raises `Invalid` where it would mean other people than it says:
    everybody, or those of whoever asks.
    """
    if len(query) > MOST_LETTERS:
        raise Invalid(_("客群的条件太长"))
    found = {
        name: value for name, written in parse_qsl(query)
        if name in NARROW and (value := " ".join(written.replace("\x00", "").split())[:100])
    }  # fmt: skip
    odd = [name for name, value in found.items() if name in KNOWN and value not in KNOWN[name]]
    if odd or ("spent" in found and _sum(found["spent"]) is None):
        raise Invalid(_("这个客群里有因人而异或不认识的条件，例如“归属：我的”"))
    if not found:
        raise Invalid(_("这个客群没有条件，等于所有客户"))
    return found


def in_segment(rows: QuerySet[Any], query: str, today: date) -> QuerySet[Any]:
    """Those of `rows` who belong to the segment; everybody where there is none."""
    for name, value in read_segment(query).items() if query else ():
        rows = NARROW[name](rows, value, today)
    return rows
