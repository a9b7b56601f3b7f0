"""Text as people type it: cleaned on the way in, cut into search tokens, masked on the way out."""

import re
import unicodedata
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from yinuo.kernel.errors import Invalid

# Invisible characters that spoof or break text: zero width, bidi controls, BOM, soft hyphen, tags, fillers.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff"
    "\uffa0\ufff0-\uffff\U000e0000-\U000e0fff]"
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_CJK_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]+")
_WORD = re.compile(r"[a-z0-9][a-z0-9._@+-]*", re.I)
_DIGITS = re.compile(r"\d{4,}")
#: A number is found by its last four digits and by every longer tail, up to a whole telephone number with area code.
TAILS = range(4, 12)
_BETWEEN_DIGITS = re.compile(r"[\s()（）.+-]")
_ADDRESS = re.compile(r"[^\s@<>\"'(),:;\[\]]+@[^\s@<>\"'(),:;\[\]]+")
MAX_TOKENS = 4000


def clean_text(text: str | None, max_length: int = 20_000) -> str:
    """NFC text with line breaks kept and everything invisible or spoofing removed; too long raises `Invalid`."""
    raw = (text or "").replace("\r\n", "\n").replace("\r", "\n")
    if len(raw) > max_length * 2:
        raise Invalid(_("内容太长：最多 %(max)d 个字，现有 %(now)d 个字") % {"max": max_length, "now": len(raw)})
    cleaned = unicodedata.normalize("NFC", _INVISIBLE.sub("", _CONTROL.sub("", raw))).strip()
    if len(cleaned) > max_length:
        raise Invalid(_("内容太长：最多 %(max)d 个字，现有 %(now)d 个字") % {"max": max_length, "now": len(cleaned)})
    return cleaned


def clean_line(text: str | None, max_length: int = 200) -> str:
    """As `clean_text`, on one line with single spaces."""
    return " ".join(clean_text(text, max_length).split())


def storable(value: Any) -> Any:
    """As it was typed, without what the database cannot hold: NUL and halves of characters, at any depth."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("", value)
    if isinstance(value, dict):
        return {storable(str(key)): storable(inner) for key, inner in value.items()}
    return [storable(inner) for inner in value] if isinstance(value, list) else value


def grams(text: str) -> list[str]:
    """Search tokens: overlapping two-character grams and single characters of Chinese runs, words, digit tails.

    Finds every fragment of two characters or more; see docs/decisions/search.md.
    """
    return list(_grams(text))


@lru_cache(maxsize=32)  # the words of one intake are those of its message, its matter and its complaint
def _grams(text: str) -> tuple[str, ...]:
    folded = unicodedata.normalize("NFKC", text).lower()
    found: dict[str, None] = {}
    for run in _CJK_RUN.findall(folded):
        for i in range(len(run) - 1):
            found[run[i : i + 2]] = None
        if len(run) == 1:
            found[run] = None
    for word in _WORD.findall(folded):
        found[word[:60]] = None
        for part in re.split(r"[._@+-]", word):
            if len(part) > 1:
                found[part[:60]] = None
    for number in _DIGITS.findall(folded):
        for length in TAILS:
            found[number[-length:]] = None
    return tuple(found)[:MAX_TOKENS]


def query_tokens(query: str) -> list[str]:
    """The tokens that must all be present for `query` to match."""
    folded = unicodedata.normalize("NFKC", clean_line(query, 100)).lower()
    wanted: list[str] = []
    for run in _CJK_RUN.findall(folded):
        wanted += [run[i : i + 2] for i in range(len(run) - 1)] or [run]
    wanted += [w[:60] for w in _WORD.findall(folded)]
    return list(dict.fromkeys(wanted))


def phone_tail(query: str) -> str:
    """The token by which a telephone number is found, when `query` is one or the end of one, however it is written:
    no country code, no leading zero, at most eleven digits. Otherwise empty.
    """
    digits = _BETWEEN_DIGITS.sub("", unicodedata.normalize("NFKC", clean_line(query, 100)))
    if not (digits.isascii() and digits.isdigit()) or len(digits) < TAILS[0]:
        return ""
    whole = digits.lstrip("0") if len(digits) >= 10 else digits
    return whole[-TAILS[-1] :]


@lru_cache(maxsize=20_000)
def pinyin_initials(name: str) -> str:
    """First letters of each syllable, lower case: 王小明 → wxm."""
    from pypinyin import Style, lazy_pinyin

    pieces = re.findall(f"{_CJK_RUN.pattern}|[^\\W_]", name[:40].lower())
    return "".join(s[:1] for piece in pieces for s in lazy_pinyin(piece, style=Style.FIRST_LETTER))


@lru_cache(maxsize=20_000)
def pinyin_full(name: str) -> str:
    """Syllables without tones, joined: 王小明 → wangxiaoming."""
    from pypinyin import lazy_pinyin

    return "".join(c for c in "".join(lazy_pinyin(name[:40])).lower() if c.isalnum())


def mask_phone(phone: str) -> str:
    """+8613812345678 → 138****5678; short numbers keep only their tail."""
    digits = phone.removeprefix("+86")
    if len(digits) < 7:
        return "*" * max(len(digits) - 2, 0) + digits[-2:]
    return digits[:3] + "*" * (len(digits) - 7) + digits[-4:]


def mask_email(address: str) -> str:
    """zhangsan@example.cn → z***n@example.cn."""
    local, at, domain = address.partition("@")
    if not at:
        return "***"
    return (local[0] + "***" + (local[-1] if len(local) > 2 else "") if local else "***") + at + domain


def mask_addresses(text: str) -> str:
    """Every e-mail address in a line, masked: some mail programs put the address where the name belongs."""
    return _ADDRESS.sub(lambda found: mask_email(found[0]), text)


def mask_id(number: str) -> str:
    """Keeps the first three and last four characters."""
    return number[:3] + "*" * max(len(number) - 7, 4) + number[-4:] if len(number) > 7 else "*" * len(number)


def mask_text(text: str) -> str:
    """Keeps the first character only."""
    return text[:1] + "*" * min(max(len(text) - 1, 1), 6) if text else ""
