"""Whom to ask and when: sampling, the rest between two questions, and what a low score is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as lazy

#: What may make a plan ask.
TRIGGERS: dict[str, str | Lazy] = {
    "complaint.closed": lazy("投诉终止后"), "complaint.called_back": lazy("投诉回访后"),
    "matter.closed": lazy("咨询、建议、表扬办结后"), "periodic": lazy("定期"),
}  # fmt: skip
#: What a low score leads to.
OPENS: dict[str, str | Lazy] = {
    "suggestion": lazy("开一件“建议”并联系客户"), "enquiry": lazy("开一件“咨询”并联系客户"),
    "notify": lazy("只通知部门负责人"),
}  # fmt: skip
ANONYMITY: dict[str, str | Lazy] = {
    "named": lazy("实名"), "choice": lazy("由客户选择"), "always": lazy("一律匿名"),
}  # fmt: skip
REST_DAYS = 30
VALID_DAYS = 14


@dataclass(frozen=True, slots=True)
class LowRule:
    """Low: at most `at_most`; with a comment already at most `with_comment`. None: that limb does not exist."""

    at_most: float | None = None
    with_comment: float | None = None

    def low(self, score: float | None, comment: str) -> bool:
        if score is None:
            return False
        if self.at_most is not None and score <= self.at_most:
            return True
        return bool(comment.strip()) and self.with_comment is not None and score <= self.with_comment


def in_sample(percent: int, plan_id: int, customer_id: int, round_: str) -> bool:
    """Whether this customer falls into the sample of this round. The same every time it is asked, and over many
    customers `percent` of a hundred.
    """
    digest = sha256(f"{plan_id}.{customer_id}.{round_}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % 100 < percent


def rested(last: datetime | None, at: datetime, rest_days: int) -> bool:
    """Whether so many days have passed since the customer was last asked anything."""
    return last is None or at - last >= timedelta(days=rest_days)


def next_round(day: date, months: int) -> date:
    """The same day `months` later; the last of the month where there is no such day."""
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    for back in range(4):
        try:
            return date(year, month + 1, day.day - back)
        except ValueError:
            continue
    raise ValueError(day)


def month_of(day: date) -> date:
    """An anonymous answer keeps no more of its day than this."""
    return day.replace(day=1)
