"""Bytes to text, whatever the sender claims about them. Nothing here raises."""

from __future__ import annotations

import codecs
import re

# Senders that say GB2312 nearly always mean the superset; decoding as declared loses rare name characters.
_ALIASES = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "gb_2312-80": "gb18030",
    "euc-cn": "gb18030",
    "chinese": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "iso-8859-8-i": "iso-8859-8",
    "utf8": "utf-8",
    "utf8mb4": "utf-8",
    "unknown-8bit": "",
    "default": "",
    "x-unknown": "",
    "x-user-defined": "",
    "binary": "",
    "8bit": "",
}
_TEXT_CODECS_ONLY = re.compile(r"^[a-z0-9][a-z0-9._:-]{1,40}$")
_ESCAPED_JAPANESE = re.compile(rb"\x1b[$(][@BJ]")


def codec_for(label: str) -> str | None:
    """The Python text codec for a declared charset, or None when the label means nothing to us."""
    name = label.strip().strip("\"'").lower().replace(" ", "")
    name = _ALIASES.get(name, name)
    if not name or not _TEXT_CODECS_ONLY.match(name):
        return None
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    # Codecs such as "base64" or "zip" turn bytes into bytes and could be a decompression bomb.
    return info.name if getattr(info, "_is_text_encoding", True) else None


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError):
        return None


def guess(data: bytes) -> str:
    """Text of bytes with no usable label: a byte order mark, UTF-8, then Chinese, then Western."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and (text := _strict(data, "utf-16")):
        return text
    if _ESCAPED_JAPANESE.search(data) and (text := _strict(data, "iso2022_jp")) is not None:
        return text
    for codec in ("utf-8-sig", "gb18030"):
        if (text := _strict(data, codec)) is not None:
            return text
    # A damaged message is mostly right in one encoding: the one with the fewest replacement marks wins.
    candidates = [data.decode(codec, "replace") for codec in ("utf-8", "gb18030", "cp1252")]
    return min(candidates, key=lambda text: text.count("\ufffd"))


def decode(data: bytes, label: str = "") -> str:
    """Decode with the declared charset when it fits, else with the best guess."""
    codec = codec_for(label) if label else None
    if codec is not None:
        text = _strict(data, codec)
        if text is not None:
            return text.removeprefix("\ufeff")
        # A wrong label over valid UTF-8 is common; a truncated tail of the right label even more so.
        utf8 = _strict(data, "utf-8-sig")
        if utf8 is not None:
            return utf8
        try:
            lenient = data.decode(codec, "replace")
        except (UnicodeError, ValueError):
            return guess(data)
        if lenient.count("\ufffd") <= max(2, len(lenient) // 100):
            return lenient
    return guess(data)


# Controls, zero-width characters, bidirectional overrides and isolates: they break, hide or reorder what one reads.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f\xad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]"
)
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029]")
_LONE = re.compile("[\ud800-\udfff]")


def readable(text: str) -> str:
    """Text a database and a person can take: one kind of line end, no controls, no lone surrogates."""
    text = _UNWANTED.sub("", _LINE_ENDS.sub("\n", text))
    if not _LONE.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def one_line(text: str, limit: int) -> str:
    """A single readable line of at most ``limit`` characters."""
    line = " ".join(_LINE_ENDS.sub("\n", text).replace("\x0b", " ").replace("\x0c", " ").split())
    return readable(line)[:limit]
