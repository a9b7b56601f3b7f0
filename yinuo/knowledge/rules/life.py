"""The life of an article and when it must be looked at again. Pure."""

import re
from collections.abc import Collection
from datetime import date, timedelta

#: Days until a published article must be looked at again, where nobody says otherwise.
REVIEW_DAYS = 180
#: Nobody promises to look again later than this.
LONGEST_DAYS = 730
#: So many days before, its owner is told.
WARN_DAYS = 14
MOST_KEYWORDS = 20
_BETWEEN = re.compile(r"[,，、;；\n\t|]+")


def review_day(today: date) -> date:
    return today + timedelta(days=REVIEW_DAYS)


def warn_day(today: date) -> date:
    """Articles to be looked at by this day are announced today."""
    return today + timedelta(days=WARN_DAYS)


def split_keywords(given: str) -> list[str]:
    """Keywords as typed: between commas of any kind; each once, at most twenty of forty characters."""
    words = (" ".join(word.split())[:40] for word in _BETWEEN.split(given))
    return list(dict.fromkeys(word for word in words if word))[:MOST_KEYWORDS]


def may_review(reviewer: int, writers: Collection[int], reviewers: Collection[int]) -> bool:
    """Nobody passes words of their own, unless there is nobody else who could."""
    return reviewer not in writers or not set(reviewers) - set(writers)
