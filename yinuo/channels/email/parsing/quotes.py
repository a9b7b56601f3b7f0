"""What the sender wrote now, apart from the mail being answered and the signature."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from yinuo.channels.email.parsing.phrases import any_match, words

REPLY_LINE_MARK = "##- "
_WIDE = str.maketrans(
    {
        0xFF1A: ":",
        0xFF1C: "<",
        0xFF1E: ">",
        0xFF0C: ",",
        0x00A0: " ",
        0x3000: " ",
        0xFF08: "(",
        0xFF09: ")",
        0x2014: "-",
        0x2500: "-",
    }
)
_QUOTED = re.compile(r"^\s{0,3}(?:>|\|\s?>)")
_SIGNATURE = re.compile(r"^-- ?$")
MAX_LINES = 20_000


@dataclass(frozen=True, slots=True)
class Split:
    """A body in three parts; ``new`` is never empty when the body was not."""

    new: str
    quoted: str = ""
    signature: str = ""


@cache
def _header_names() -> frozenset[str]:
    return frozenset("".join(name.split()).lower() for name in words("quotes", "header_names"))


def _flat(line: str) -> str:
    line = line.translate(_WIDE).strip()
    return line.strip("*_ ") if line.startswith("*") else line


def _header_name(line: str) -> str:
    name, colon, _ = _flat(line).lstrip("|> ").partition(":")
    name = name.replace("|", "").strip("* ").strip()
    if not colon:
        cells = [cell.strip() for cell in _flat(line).strip("|").split("|")]
        name = cells[0] if len(cells) >= 2 else ""
    squeezed = "".join(name.split()).lower() if len(name) < 40 else ""
    return squeezed if squeezed in _header_names() else ""


def _headers_at(lines: list[str], at: int, need: int = 3) -> bool:
    """Whether a block of quoted mail headers begins at this line (blank lines between are allowed)."""
    if not _header_name(lines[at]):
        return False
    found: set[str] = set()
    misses = 0
    for line in lines[at : at + 16]:
        name = _header_name(line)
        if name:
            found.add(name.lower())
            misses = 0
        elif line.strip():
            misses += 1
            if misses > 1:
                break
        if len(found) >= need:
            return True
    return len(found) >= need


def _next_text(lines: list[str], at: int) -> int:
    while at < len(lines) and not _flat(lines[at]).strip("| -"):
        at += 1
    return at


def _attribution_at(lines: list[str], at: int) -> int:
    """How many lines, from here, form an "On … wrote:"; 0 when none."""
    joined = ""
    for count in range(1, 5):
        if at + count > len(lines):
            return 0
        line = _flat(lines[at + count - 1].lstrip("> ") if count == 1 else lines[at + count - 1])
        if not line:
            return 0
        joined = f"{joined} {line}".strip()
        if len(joined) > 400:
            return 0
        if joined.endswith(":") and any_match("quotes", "attributions", joined):
            return count
    return 0


def _quote_at(lines: list[str], at: int) -> int:
    """How many lines of marker begin a quotation here; 0 when this is still new text."""
    line = _flat(lines[at])
    if not line:
        return 0
    if line.startswith(REPLY_LINE_MARK):
        return 1
    if any_match("quotes", "separators", line):
        if not any_match("quotes", "needs_headers", line):
            return 1
        following = _next_text(lines, at + 1)
        return 1 if following < len(lines) and _headers_at(lines, following) else 0
    if _headers_at(lines, at):
        return 1
    return _attribution_at(lines, at)


def _is_forward(lines: list[str], until: int) -> bool:
    return any(any_match("quotes", "forwards", _flat(line)) for line in lines[: until + 1] if line.strip())


def _after_marks(lines: list[str], at: int) -> int:
    """The first line after a block of ``>`` lines, or the end when the quotation is not marked so."""
    first = _next_text(lines, at)
    if first >= len(lines) or not _QUOTED.match(lines[first]):
        return len(lines)
    last = first
    for index in range(first, len(lines)):
        if _QUOTED.match(lines[index]):
            last = index
        elif lines[index].strip():
            # Folded long lines leave a short unmarked rest between two marked ones.
            if index + 1 < len(lines) and _QUOTED.match(lines[index + 1]) and index - last == 1:
                continue
            return index
    return len(lines)


def _split_signature(text: str) -> tuple[str, str]:
    lines = text.split("\n")
    for index in range(len(lines) - 1, max(-1, len(lines) - 25), -1):
        if _SIGNATURE.match(lines[index]):
            return "\n".join(lines[:index]).strip(), "\n".join(lines[index + 1 :]).strip()
    end = len(lines)
    while end and (not lines[end - 1].strip() or any_match("signatures", "mobile", _flat(lines[end - 1]))):
        end -= 1
    return "\n".join(lines[:end]).strip(), "\n".join(lines[end:]).strip()


def split(text: str) -> Split:
    """Separate new words, quotation and signature. Answers below or between quoted lines are kept."""
    body = text.strip("\n")
    lines = body.split("\n")
    if len(lines) > MAX_LINES:
        return Split(body.strip())
    at = 0
    while at < len(lines):
        length = _quote_at(lines, at)
        if length:
            break
        if _QUOTED.match(lines[at]) and _after_marks(lines, at) >= len(lines):
            length = 0
            break
        at += 1
    if at >= len(lines):
        new, signature = _split_signature(body)
        return Split(new or body.strip(), "", signature if new else "")
    if _is_forward(lines, at):
        return Split(body.strip())
    resume = _after_marks(lines, at + length)
    above, quoted, below = lines[:at], lines[at:resume], lines[resume:]
    if any(line.strip() for line in below):
        rest = "\n".join(below)
        if any(_QUOTED.match(line) for line in below):
            # Answers between the quoted lines make no sense without them.
            kept, signature = _split_signature("\n".join([*above, *lines[at + length :]]).strip())
            return Split(kept or body.strip(), "\n".join(lines[at : at + length]).strip(), signature if kept else "")
        above = [*above, *rest.split("\n")]
    new, signature = _split_signature("\n".join(above).strip())
    if not new:
        return Split(body.strip()) if not signature else Split(signature, "\n".join(quoted).strip())
    return Split(new, "\n".join(quoted).strip(), signature)
