"""Where a customer comes from, how long they have dealt with us, and what one file takes over from another. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as lazy

SOURCES = {
    "business_card": lazy("名片"), "brochure": lazy("宣传册"), "press": lazy("报刊"), "yellow_pages": lazy("黄页"),
    "website": lazy("网站"), "internal": lazy("内部记录"), "research": lazy("市场调研"), "referral": lazy("转介绍"),
    "event": lazy("活动"), "advertisement": lazy("广告"), "inbound": lazy("来电来信"),
}  # fmt: skip

#: How long a customer has dealt with us, in calendar years.
DEALINGS = {"new": lazy("新客户"), "old": lazy("老客户"), "loyal": lazy("忠诚客户")}
LOYAL_YEARS = 3

MERGE_UNDO_DAYS = 30
#: What the surviving file takes over where it has nothing itself.
FILLED_IN = ("grade", "source", "industry", "size", "region", "address", "uscc", "owner_id")


def dealing(since: int, this_year: int) -> str:
    """New in the year it began, loyal from the third year on, else old."""
    years = this_year - since
    return "loyal" if years >= LOYAL_YEARS else "old" if years >= 1 else "new"


def since_year(written: object, created: int) -> int:
    """The year dealings began: what the card says, else when the file was made."""
    found = re.search(r"(19|20)\d\d", str(written or ""))
    return int(found[0]) if found else created


def filled_in(survivor: Mapping[str, Any], absorbed: Mapping[str, Any]) -> dict[str, Any]:
    """What the survivor of a merge takes over: the other's values where it has none; its own are never replaced."""
    found = {name: absorbed[name] for name in FILLED_IN if absorbed[name] and not survivor[name]}
    if survivor["status"] == "potential" and absorbed["status"] != "potential":
        found["status"] = absorbed["status"]
    profile = {k: v for k, v in absorbed["profile"].items() if v and not survivor["profile"].get(k)}
    return {**found, "profile": profile} if profile else found
