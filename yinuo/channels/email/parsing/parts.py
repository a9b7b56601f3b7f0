"""The parts of a message in order: text to read, files to keep, reports to evaluate; all within limits."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field
from email.message import Message

from yinuo.channels.contract import InboundFile
from yinuo.channels.email.parsing import tnef
from yinuo.channels.email.parsing.charset import decode, one_line, readable
from yinuo.channels.email.parsing.filenames import file_name, parameter, safe_name
from yinuo.channels.email.parsing.headers import plain_header, raw_values

MAX_DEPTH = 30
MAX_PARTS = 500
MAX_FILES = 100
MAX_TEXT = 12_000_000
_TYPE = re.compile(rb"^\s*([A-Za-z0-9!#$&^_.+-]{1,80})\s*/\s*([A-Za-z0-9!#$&^_.+-]{1,80})")
_BASE64_NOISE = re.compile(rb"[^A-Za-z0-9+/]")


@dataclass
class Bodies:
    """What walking the tree collects."""

    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    files: list[InboundFile] = field(default_factory=list)
    status: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    problems: dict[str, None] = field(default_factory=dict)
    count: int = 0

    def problem(self, code: str) -> None:
        self.problems[code] = None


def content_type(part: Message) -> str:
    """The declared type read from the raw header; the library's parser may choke on a hostile one."""
    for value in raw_values(part, "Content-Type"):
        match = _TYPE.match(value)
        if match:
            return (match[1] + b"/" + match[2]).decode("ascii").lower()
    if part.is_multipart():
        return "multipart/mixed"
    return "text/plain"


def raw_content(part: Message) -> bytes:
    """The part's bytes with its transfer encoding undone as far as possible."""
    # get_payload() would already decode 8-bit text by the declared charset and lose what does not fit it.
    payload = getattr(part, "_payload", None)
    if not isinstance(payload, str):
        return b""
    data = payload.encode("utf-8", "surrogateescape")
    how = plain_header(part, "Content-Transfer-Encoding", 60).lower().split(";")[0].strip()
    if how == "base64":
        compact = _BASE64_NOISE.sub(b"", data)
        if len(compact) % 4 == 1:
            compact = compact[:-1]
        try:
            return binascii.a2b_base64(compact + b"=" * (-len(compact) % 4))
        except (binascii.Error, ValueError):
            return data
    if how == "quoted-printable":
        return binascii.a2b_qp(data)
    if how in ("x-uuencode", "uuencode", "uue", "x-uue"):
        return _uudecoded(data)
    return data


def _uudecoded(data: bytes) -> bytes:
    out = []
    for line in data.splitlines():
        if line.startswith(b"begin ") or not line.strip():
            continue
        if line.strip() == b"end":
            break
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            # Some encoders pad lines wrongly; the length byte says how much of the line counts.
            size = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                out.append(binascii.a2b_uu(line[:size]))
            except binascii.Error:
                return data
    return b"".join(out)


def _text(part: Message, bodies: Bodies) -> str:
    data = raw_content(part)
    text = readable(decode(data[: MAX_TEXT * 4], parameter(part, "Content-Type", "charset")))
    if len(data) > MAX_TEXT * 4 or len(text) > MAX_TEXT:
        bodies.problem("text_cut")
    return text[:MAX_TEXT]


def _is_file(part: Message, kind: str) -> bool:
    disposition = plain_header(part, "Content-Disposition", 40).lower()
    if disposition.startswith("attachment"):
        return True
    named = bool(parameter(part, "Content-Disposition", "filename") or parameter(part, "Content-Type", "name"))
    return named if kind in ("text/plain", "text/html") else True


def _keep_file(part: Message, kind: str, content: bytes, bodies: Bodies) -> None:
    if len(bodies.files) >= MAX_FILES:
        bodies.problem("too_many_files")
        return
    name = file_name(part, kind, len(bodies.files) + 1)
    if kind in ("application/ms-tnef", "application/vnd.ms-tnef") or name.lower() == "winmail.dat":
        wrapped = tnef.files(content)
        for number, (inner, data) in enumerate(wrapped[: MAX_FILES - len(bodies.files)], 1):
            bodies.files.append(
                InboundFile(safe_name(inner) or f"winmail-{number}.bin", "application/octet-stream", data)
            )
        if wrapped:
            return
    content_id = one_line(plain_header(part, "Content-ID", 300), 300).strip("<> ")
    inline = plain_header(part, "Content-Disposition", 40).lower().startswith("inline") or bool(
        content_id and kind.startswith("image/")
    )
    bodies.files.append(InboundFile(name, kind, content, inline, content_id))


def _as_bytes(message: Message) -> bytes:
    try:
        return message.as_bytes()
    except Exception:
        lines = [f"{key}: {value}" for key, value in message.raw_items()]
        return ("\n".join(lines) + "\n\n").encode("utf-8", "surrogateescape")


def _children(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []


def walk(root: Message) -> Bodies:
    """Collect everything from a parsed message."""
    bodies = Bodies()
    stack: list[tuple[Message, int]] = [(root, 0)]
    while stack:
        part, depth = stack.pop()
        bodies.count += 1
        if bodies.count > MAX_PARTS:
            bodies.problem("too_many_parts")
            break
        kind = content_type(part)
        if depth and (kind == "message/rfc822" or kind == "message/global"):
            _nested(part, kind, bodies)
        elif depth and kind == "message/delivery-status":
            bodies.status.append(_report_text(part))
        elif depth and kind in ("text/rfc822-headers", "message/global-headers"):
            bodies.returned.append(_text(part, bodies))
        elif part.is_multipart():
            if depth >= MAX_DEPTH:
                bodies.problem("too_deep")
                continue
            stack.extend((child, depth + 1) for child in reversed(_children(part)))
        else:
            _leaf(part, kind, bodies)
    return bodies


def _leaf(part: Message, kind: str, bodies: Bodies) -> None:
    if kind == "text/html" and not _is_file(part, kind):
        bodies.html.append(_text(part, bodies))
    elif kind == "text/calendar":
        # An invitation is shown as words by its plain sibling; the file itself is kept for the calendar.
        _keep_file(part, kind, raw_content(part), bodies)
    elif kind.startswith("text/") and not _is_file(part, "text/plain"):
        bodies.plain.append(_text(part, bodies))
    elif kind.startswith("multipart/"):
        # Declared as multipart but without parts: a broken boundary; the words are still in there.
        bodies.problem("broken_boundary")
        bodies.plain.append(_text(part, bodies))
    else:
        content = raw_content(part)
        if content or parameter(part, "Content-Disposition", "filename"):
            _keep_file(part, kind, content, bodies)


def _report_text(part: Message) -> str:
    children = _children(part)
    if not children:
        return readable(decode(raw_content(part)))
    return "\n\n".join(
        "\n".join(f"{key}: {one_line(str(value), 2000)}" for key, value in child.raw_items())
        for child in children[:200]
    )


def _nested(part: Message, kind: str, bodies: Bodies) -> None:
    children = _children(part)
    content = _as_bytes(children[0]) if children else raw_content(part)
    head = content.split(b"\n\n", 1)[0].split(b"\r\n\r\n", 1)[0]
    bodies.returned.append(readable(decode(head[:64_000])))
    if len(bodies.files) >= MAX_FILES:
        bodies.problem("too_many_files")
        return
    name = file_name(part, kind, len(bodies.files) + 1)
    if not name.lower().endswith(".eml"):
        name = safe_name(name + ".eml")
    bodies.files.append(InboundFile(name, "message/rfc822", content))
