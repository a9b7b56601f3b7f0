"""Files inside ``winmail.dat`` (TNEF), the wrapping some Outlook servers put around attachments."""

from __future__ import annotations

import struct

from yinuo.channels.email.parsing.charset import decode, guess

SIGNATURE = 0x223E9F78
_ATTACHMENT_LEVEL = 2
_BODY, _TITLE, _DATA, _RENDER, _MAPI, _CODEPAGE = 0x800C, 0x8010, 0x800F, 0x9002, 0x9005, 0x9007
_LONG_NAME, _ATTACH_DATA = 0x3707, 0x3701
MAX_ATTRIBUTES = 5_000


def _long_name(data: bytes, charset: str) -> str:
    """The long file name among the MAPI properties of an attachment, found by its tag."""
    for kind, codec in ((0x001F, "utf-16-le"), (0x001E, charset)):
        at = data.find(struct.pack("<HH", kind, _LONG_NAME))
        if at < 0 or at + 12 > len(data):
            continue
        size = struct.unpack_from("<I", data, at + 8)[0]
        if 0 < size <= 2_000 and at + 12 + size <= len(data):
            return decode(data[at + 12 : at + 12 + size], codec).rstrip("\x00")
    return ""


def files(data: bytes) -> list[tuple[str, bytes]]:
    """(name, content) of each wrapped file; an empty list when this is no TNEF or is cut off before the first."""
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != SIGNATURE:
        return []
    at, charset = 6, ""
    found: list[tuple[str, bytes]] = []
    name, content = "", b""
    for _ in range(MAX_ATTRIBUTES):
        if at + 9 > len(data):
            break
        level, attribute, _, size = struct.unpack_from("<BHHI", data, at)
        begin, end = at + 9, at + 9 + size
        if end > len(data):
            break
        value = data[begin:end]
        if attribute == _CODEPAGE and len(value) >= 4:
            charset = f"cp{struct.unpack_from('<I', value)[0]}"
        elif level == _ATTACHMENT_LEVEL:
            if attribute == _RENDER:
                if content:
                    found.append((name, content))
                name, content = "", b""
            elif attribute == _TITLE and not name:
                raw = value.rstrip(b"\x00")
                name = decode(raw, charset) if charset else guess(raw)
            elif attribute == _DATA:
                content = value
            elif attribute == _MAPI:
                name = _long_name(value, charset or "cp1252") or name
        at = end + 2
    if content:
        found.append((name, content))
    return found
