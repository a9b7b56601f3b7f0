"""Reading the rules. The book of an edition never changes, so a process keeps it."""

import hashlib
import json
from functools import lru_cache
from typing import Any

from django.db.models import Q, QuerySet

from yinuo.wording.models import WordingEdition, WordingRule
from yinuo.wording.rules import FOLDING, Book, Finding, Rule, fold
from yinuo.wording.shipped import shipped


def edition() -> int:
    """The number of the rules as they are now: one statement."""
    return WordingEdition.objects.values_list("no", flat=True).order_by("pk").first() or 0


def book_of(no: int) -> Book:
    """The rules of an edition, for who has read its number."""
    return _book(no)


def current_book() -> Book:
    """The rules in force, compiled: one statement, one more when this process has not read that edition yet."""
    return _book(edition())


def found_in(text: str, *, kind: str = "", channel: str = "") -> list[Finding]:
    """What a writer is to think about."""
    return current_book().find(text, kind=kind, channel=channel)


def listed() -> QuerySet[Any]:
    return WordingRule.objects.select_related("changed_by")


def named(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
    return rows.filter(Q(phrases__icontains=words) | Q(why__icontains=words) | Q(instead__icontains=words))


@lru_cache(maxsize=4)
def _book(no: int) -> Book:
    """Before any were laid down, those that come with the product hold."""
    rows = WordingRule.objects.order_by("pk")
    rules = [as_rule(row.pk, row.fields) for row in rows if row.active]
    if not rules and not no:
        rules = [as_rule(one["code"], one) for one in shipped()]
    return Book(rules, no)


def as_rule(key: int | str, given: dict[str, Any]) -> Rule:
    return Rule(
        str(key), tuple(given["phrases"].split("\n")), given["category"], given["level"], given["why"],
        tuple(one for one in given["instead"].split("\n") if one), frozenset(given["kinds"]),
        frozenset(given["channels"]),
    )  # fmt: skip


def digest(text: str) -> str:
    """The same for texts that read the same."""
    return hashlib.sha256("".join(fold(text).text.split()).encode()).hexdigest()


@lru_cache(maxsize=4)
def for_browsers(no: int) -> bytes:
    """The rules as `coach.js` reads them. The same phrases, anchors and shapes as here, so both find the same."""
    book = _book(no)
    numbers = {rule.key: n for n, rule in enumerate(book.rules)}
    phrases: list[list[Any]] = [
        [numbers[rule.key], phrase.source, list(phrase.anchors), phrase.reach]
        for rule, phrase, _pattern in book.phrases
    ]
    rules = [
        {
            "category": rule.category, "level": rule.level, "why": rule.why, "instead": list(rule.instead),
            "kinds": sorted(rule.kinds), "channels": sorted(rule.channels),
        }
        for rule in book.rules
    ]  # fmt: skip
    whole = {"edition": no, "folding": FOLDING.plain(), "rules": rules, "phrases": phrases}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
