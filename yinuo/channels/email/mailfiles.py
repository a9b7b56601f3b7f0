"""Messages out of files: mbox, maildir, folders of single messages. Each comes as its exact bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# "From " begins a message only after a blank line and with a date behind it; inside a letter it is a word.
_BEGIN = re.compile(rb"^From (\S+.*\d{1,2}:\d\d(:\d\d)?.*\d{4}|- |\?\?\?@\?\?\? )")
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_HEADER = re.compile(rb"^[A-Za-z0-9-]{1,60}:[ \t\r\n]")
_EMLX = re.compile(rb"^\d{1,10}[ \t]*\r?\n")
SINGLE = {".eml", ".emlx", ".msg", ".txt", ".mail", ".mai", ".eml_", ""}
_SKIPPED_FOLDERS = {"tmp", ".git", "__MACOSX"}


@dataclass(frozen=True, slots=True)
class Found:
    """One message and where it was: the file, and how far reading has got in it."""

    raw: bytes
    place: str
    position: int


def _mbox(path: Path) -> Iterator[Found]:
    with path.open("rb") as source:
        lines: list[bytes] = []
        begun, blank, number = False, True, 0
        for line in source:
            if blank and _BEGIN.match(line):
                if begun:
                    number += 1
                    yield Found(_unquoted(lines), f"{path.name}#{number}", source.tell())
                lines, begun = [], True
            elif begun:
                lines.append(line)
            blank = line in (b"\n", b"\r\n")
        if begun and lines:
            yield Found(_unquoted(lines), f"{path.name}#{number + 1}", source.tell())


def _unquoted(lines: list[bytes]) -> bytes:
    if lines and lines[-1] in (b"\n", b"\r\n"):
        lines = lines[:-1]
    return _QUOTED_FROM.sub(rb"\1", b"".join(lines))


def is_mbox(path: Path) -> bool:
    with path.open("rb") as source:
        return bool(_BEGIN.match(source.readline(1000)))


def _single(path: Path) -> Found | None:
    raw = path.read_bytes()
    if path.suffix.lower() == ".emlx" and (head := _EMLX.match(raw)):
        size = int(head[0])
        raw = raw[head.end() : head.end() + size]
    if raw.startswith(b"From ") and b"\n" in raw:
        raw = raw.split(b"\n", 1)[1]
    return Found(raw, path.name, len(raw)) if _HEADER.match(raw[:200]) else None


def _is_maildir(path: Path) -> bool:
    return (path / "cur").is_dir() and (path / "new").is_dir()


def files_of(path: Path) -> list[Path]:
    """The files that may hold messages, in a stable order; sub-folders included, maildirs' tmp left out."""
    if path.is_file():
        return [path]
    found = []
    for one in sorted(path.rglob("*")):
        parts = set(one.relative_to(path).parts[:-1])
        if not one.is_file() or parts & _SKIPPED_FOLDERS:
            continue
        in_maildir = one.parent.name in ("cur", "new") and _is_maildir(one.parent.parent)
        if in_maildir or one.suffix.lower() in SINGLE or one.suffix.lower() in (".mbox", ".mbx") or is_mbox(one):
            found.append(one)
    return found


def messages_in(path: Path) -> Iterator[Found]:
    """The messages of one file; nothing when it holds none."""
    if path.stat().st_size == 0:
        return
    if is_mbox(path):
        yield from _mbox(path)
        return
    one = _single(path)
    if one is not None:
        yield one
