"""Addresses in one form, and what is wrong with one that has none. Pure."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import phonenumbers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from stdnum.cn import uscc

from yinuo.kernel.errors import Invalid
from yinuo.kernel.text import clean_line, mask_email, mask_phone, mask_text

_EMAIL = re.compile(
    r"^[^\s@<>\"'(),:;\\\[\]]{1,64}@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$",
    re.I,
)
_SHORT = re.compile(r"^\d{5,6}$|^1\d{2}$")

SOURCES = {
    "business_card": lazy("名片"), "brochure": lazy("宣传册"), "press": lazy("报刊"), "yellow_pages": lazy("黄页"),
    "website": lazy("网站"), "internal": lazy("内部记录"), "research": lazy("市场调研"), "referral": lazy("转介绍"),
    "event": lazy("活动"), "advertisement": lazy("广告"), "inbound": lazy("来电来信"),
}  # fmt: skip

#: How long a customer has dealt with us, in calendar years.
DEALINGS = {"new": lazy("新客户"), "old": lazy("老客户"), "loyal": lazy("忠诚客户")}
LOYAL_YEARS = 3

# Proving a mailbox by a code or an answer says whose mailbox it is, not that the person is this customer.
SELF_PROVED = ("portal_code", "mail_reply")
# Nobody checked this address before its customer was merged with another: it says nothing about the other's cases.
UNCHECKED_AT_MERGE = "merge"

MERGE_UNDO_DAYS = 30
#: What the surviving file takes over where it has nothing itself.
FILLED_IN = ("grade", "source", "industry", "size", "region", "address", "uscc", "owner_id")


def normal_phone(raw: str) -> str:
    """E.164 for real numbers (+8613812345678); short service codes such as 95588 as they are."""
    text = clean_line(raw, 40)
    digits = re.sub(r"[\s\-()（）]", "", text)
    if _SHORT.match(digits):
        return digits
    try:
        number = phonenumbers.parse(digits, "CN")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise Invalid(_("电话号码不对，请检查位数"), fields={"phone": _("电话号码不对，请检查位数")})
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def normal_email(raw: str) -> str:
    """Lower-cased address; raises `Invalid` for what cannot be one."""
    text = clean_line(raw, 254).lower()
    if not _EMAIL.match(text):
        raise Invalid(_("电子邮件地址不对"), fields={"email": _("电子邮件地址不对")})
    return text


def normal_identity(kind: str, raw: str) -> str:
    if kind == "phone":
        return normal_phone(raw)
    if kind == "email":
        return normal_email(raw)
    if kind not in ("wechat", "visitor"):
        raise Invalid(_("没有这种联系方式"), fields={"kind": _("没有这种联系方式")})
    value = clean_line(raw, 254)
    if not value:
        raise Invalid(_("渠道身份不能为空"), fields={kind: _("渠道身份不能为空")})
    return value


def masked(kind: str, value: str) -> str:
    """An address as everybody may see it."""
    return {"phone": mask_phone, "email": mask_email}.get(kind, mask_text)(value)


def normal_uscc(raw: str) -> str:
    """A valid unified social credit code (GB 32100-2015), or empty."""
    text = clean_line(raw, 30).upper().replace(" ", "")
    if text and not uscc.is_valid(text):
        raise Invalid(_("统一社会信用代码不对"), fields={"uscc": _("统一社会信用代码不对")})
    return text


def propose_grade(*, deals: int, amount: float, years: float) -> tuple[str, str]:
    """A: dense, large and long-term dealings; B: one or two deals but real spending power; C: the rest (A4)."""
    if deals >= 6 and amount >= 100_000 and years >= 2:
        return "A", _("近两年以上往来密集且金额大")
    if deals >= 1 and amount >= 30_000:
        return "B", _("成交次数不多但有实际消费能力")
    return "C", _("往来零散或金额较小")


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


def check_birthday(on: date | None, today: date) -> None:
    if on and (on > today or on.year < 1900):
        raise Invalid(_("生日日期不对"), fields={"birthday": _("生日日期不对")})
