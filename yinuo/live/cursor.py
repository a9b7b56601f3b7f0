"""Where a listener stands: a database snapshot. Pure.

Notices commit out of order, so neither their ids nor their times can say what somebody has already heard. A snapshot
can: everything visible in it was delivered, everything else was not. It travels as the SSE event id.
"""

import re
from dataclasses import dataclass

_TEXT = re.compile(r"(\d{1,18}):(\d{1,18}):((?:\d{1,18}(?:,\d{1,18}){0,999})?)@(\d{1,12})")


@dataclass(frozen=True, slots=True)
class Cursor:
    """PostgreSQL's `pg_snapshot` (xmin, xmax, the running transactions between) and the epoch second it was taken."""

    xmin: int
    xmax: int
    running: frozenset[int]
    taken: int

    @classmethod
    def of(cls, snapshot: str, taken: float) -> "Cursor":
        found = cls.parse(f"{snapshot}@{int(taken)}")
        if found is None:
            raise ValueError(f"not a snapshot: {snapshot}")
        return found

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        """The cursor a client sent back, or None for anything else."""
        found = _TEXT.fullmatch(text)
        if not found:
            return None
        xmin, xmax, taken = (int(found[n]) for n in (1, 2, 4))
        running = frozenset(int(x) for x in found[3].split(",") if x)
        if not 0 < xmin <= xmax or any(not xmin <= x < xmax for x in running):
            return None
        return cls(xmin, xmax, running, taken)

    @property
    def snapshot(self) -> str:
        return f"{self.xmin}:{self.xmax}:{','.join(str(x) for x in sorted(self.running))}"

    def __str__(self) -> str:
        return f"{self.snapshot}@{self.taken}"

    def saw(self, xact: int) -> bool:
        """Whether a notice written by transaction `xact` was visible, hence delivered."""
        return xact < self.xmin or (xact < self.xmax and xact not in self.running)
