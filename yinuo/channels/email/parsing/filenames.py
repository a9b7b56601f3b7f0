"""The name of an attachment: decoded from every form in use, and safe to show and to save."""

from __future__ import annotations

import mimetypes
import re
from email.message import Message
from urllib.parse import unquote_to_bytes

from yinuo.channels.email.parsing.charset import decode, one_line
from yinuo.channels.email.parsing.headers import decode_words, raw_values

MAX_NAME = 150
_PARAM = re.compile(
    rb";\s*(?P<name>[A-Za-z0-9_-]+)(?P<part>\*\d{1,3})?(?P<ext>\*)?\s*=\s*"
    rb"(?:\"(?P<quoted>(?:[^\"\\]|\\.)*)\"|(?P<bare>[^;]*))",
    re.DOTALL,
)
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def _pieces(value: bytes, wanted: bytes) -> list[tuple[int, bool, bytes]]:
    found = []
    for match in _PARAM.finditer(value):
        if match["name"].lower() != wanted:
            continue
        content = match["quoted"]
        if content is not None:
            content = re.sub(rb"\\(.)", rb"\1", content) if b'\\"' in content else content
        else:
            content = match["bare"].strip()
        index = int(match["part"][1:]) if match["part"] else -1
        found.append((index, bool(match["ext"]), content))
    return found


def parameter(message: Message, header: str, name: str) -> str:
    """A header parameter in any of its forms: plain, raw 8-bit, RFC 2047 inside quotes, RFC 2231 in pieces."""
    for value in raw_values(message, header):
        pieces = _pieces(value.replace(b"\r", b"").replace(b"\n", b""), name.encode("ascii"))
        extended = sorted((p for p in pieces if p[0] >= 0), key=lambda p: p[0])
        single = [p for p in pieces if p[0] < 0]
        chosen = [p for p in single if p[1]] or extended or single
        if not chosen:
            continue
        if not any(is_extended for _, is_extended, _ in chosen):
            joined = b"".join(content for _, _, content in (extended or chosen[:1]))
            return decode_words(joined)
        group = extended if chosen is extended else chosen[:1]
        label, data = "", b""
        for position, (_, is_extended, content) in enumerate(group):
            if is_extended:
                if position == 0 and content.count(b"'") >= 2:
                    charset, _, content = content.split(b"'", 2)
                    label = charset.decode("latin-1")
                data += unquote_to_bytes(content)
            else:
                data += content
        return decode(data, label)
    return ""


def safe_name(name: str) -> str:
    """A name without folders, invisible characters, leading dots or reserved words; '' when nothing is left."""
    name = one_line(name, 2000).replace("\\", "/").split("/")[-1]
    name = re.sub(r'[<>:"|?*\x00-\x1f]', "_", name).strip(" .")
    if _RESERVED.match(name):
        name = "_" + name
    if len(name) <= MAX_NAME:
        return name
    stem, dot, suffix = name.rpartition(".")
    if dot and len(suffix) <= 12:
        return stem[: MAX_NAME - len(suffix) - 1] + "." + suffix
    return name[:MAX_NAME]


def file_name(message: Message, media_type: str, number: int) -> str:
    """The attachment's own name, or one made from its number and type."""
    named = parameter(message, "Content-Disposition", "filename") or parameter(message, "Content-Type", "name")
    safe = safe_name(named)
    if safe:
        return safe
    suffix = ".eml" if media_type == "message/rfc822" else mimetypes.guess_extension(media_type) or ".bin"
    return f"attachment-{number}{suffix}"
