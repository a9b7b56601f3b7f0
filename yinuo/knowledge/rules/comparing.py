"""Two versions side by side, line by line. Pure."""

from dataclasses import dataclass
from difflib import SequenceMatcher

#: More lines than this are not compared one by one: all of the old is gone, all of the new is new.
MOST = 2000


@dataclass(frozen=True, slots=True)
class Line:
    """`sign`: "same", "gone" or "new"."""

    sign: str
    text: str


def compare(old: str, new: str) -> list[Line]:
    """Read without the lines that are new it is the old text; without those that are gone, the new one."""
    before, after = old.split("\n"), new.split("\n")
    if max(len(before), len(after)) > MOST:
        return [*(Line("gone", text) for text in before), *(Line("new", text) for text in after)]
    found: list[Line] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [Line("same", text) for text in before[i:j]]
        else:
            found += [Line("gone", text) for text in before[i:j]]
            found += [Line("new", text) for text in after[k:m]]
    return found
