"""Addresses in one form, and what is wrong with one that has none. Pure."""

import re
import unicodedata

import phonenumbers
from django.utils.translation import gettext as _
from stdnum.cn import uscc

from yinuo.kernel.errors import Invalid
from yinuo.kernel.text import clean_line, mask_email, mask_phone, mask_text

_EMAIL = re.compile(
    r"^[^\s@<>\"'(),:;\\\[\]]{1,64}@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$",
    re.I,
)
_SHORT = re.compile(r"^\d{5,6}$|^1\d{2}$")
# Within China, without the leading zero. Ranges are given out faster than any table learns of them, so a mobile number
# is told by its length alone; a landline is written with its area code or, as neighbours do, without.
_CHINA = 86
_MOBILE = re.compile(r"^1[3-9]")
_LANDLINE = re.compile(r"^(?:10|2\d|[3-9]\d\d)[2-9]\d{6,7}$")
# Hotlines by way of an area code (0771-12345, 0771-96335), and service numbers longer than the tables know (950…).
_HOTLINE = re.compile(r"^(?:10|2\d|[3-9]\d\d)(?:1\d{4}|9[56]\d{3,4})$")
_SERVICE = re.compile(r"^(?:950\d{7,9}|1\d{4})$")
_WITHOUT_AREA = re.compile(r"^[2-9]\d{6,7}$")
MOBILE_DIGITS = 11

# Proving a mailbox by a code or an answer says whose mailbox it is, not that the person is this customer.
SELF_PROVED = ("portal_code", "mail_reply")
# Nobody checked this address before its customer was merged with another: it says nothing about the other's cases.
UNCHECKED_AT_MERGE = "merge"


def normal_phone(raw: str) -> str:
    """E.164 for real numbers (+8613812345678); short service codes such as 95588 as they are."""
    text = clean_line(raw, 40)
    digits = re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", text))
    if _SHORT.match(digits):
        return digits
    try:
        number = phonenumbers.parse(digits, "CN")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not _believable(number, zero=digits.startswith("0") and not digits.startswith("00")):
        raise Invalid(_("电话号码不对，请检查位数"), fields={"phone": _("电话号码不对，请检查位数")})
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _believable(number: phonenumbers.PhoneNumber, *, zero: bool) -> bool:
    """Somebody could have this number; `zero`: written with the zero of an area code. Abroad only its length is known
    for sure.
    """
    if number.country_code != _CHINA:
        return phonenumbers.is_possible_number(number)
    digits = phonenumbers.national_significant_number(number)
    if _MOBILE.match(digits):
        return len(digits) == MOBILE_DIGITS
    written = (_LANDLINE, _HOTLINE) if zero else (_LANDLINE, _WITHOUT_AREA, _SERVICE)
    return any(form.match(digits) for form in written) or phonenumbers.is_valid_number(number)


def reachable_phone(value: str) -> bool:
    """Whether a phone in its normal form can be dialled from anywhere: no service such as 95588, and a landline with
    its area code.
    """
    return value.startswith("+") and not _WITHOUT_AREA.match(value.removeprefix(f"+{_CHINA}"))


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
