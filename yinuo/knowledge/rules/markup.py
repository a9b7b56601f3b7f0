"""The light structure of an article: headings, lists and paragraphs, as a person types them. Pure, and never HTML: the
page draws what is found here, so nothing typed can become markup.
"""

import re
from dataclasses import dataclass, field

_HEADING = re.compile(r"(#{1,3})\s+(.+)")
_BULLET = re.compile(r"[-*•·]\s+(.+)")
_STEP = re.compile(r"(\d{1,3})(?:[.．](?!\d)|[)）、])\s*(.+)")


@dataclass(slots=True)
class Block:
    """`kind`: heading, list, steps or text (its lines are one paragraph). `start`: the first step's number."""

    kind: str
    lines: list[str] = field(default_factory=list)
    start: int = 1


def blocks(body: str) -> list[Block]:
    """What the body consists of, in order; every word of it is in some line."""
    found: list[Block] = []
    fresh = True
    for raw in body.splitlines():
        line = raw.strip()
        if not line:
            fresh = True
            continue
        kind, words, number = _read(line)
        if kind == "heading" or fresh or not found or found[-1].kind != kind:
            found.append(Block(kind, [words], number))
        else:
            found[-1].lines.append(words)
        fresh = False
    return found


def _read(line: str) -> tuple[str, str, int]:
    if heading := _HEADING.fullmatch(line):
        return "heading", heading[2], 1
    if bullet := _BULLET.fullmatch(line):
        return "list", bullet[1], 1
    if step := _STEP.fullmatch(line):
        return "steps", step[2], int(step[1])
    return "text", line, 1


def plain(body: str) -> str:
    """The body as it goes into a reply: no signs for headings and lists but those a letter has too."""
    parts = []
    for block in blocks(body):
        if block.kind == "steps":
            lines = [f"{n}. {line}" for n, line in enumerate(block.lines, block.start)]
        elif block.kind == "list":
            lines = [f"· {line}" for line in block.lines]
        else:
            lines = block.lines
        parts.append("\n".join(lines))
    return "\n\n".join(parts)
