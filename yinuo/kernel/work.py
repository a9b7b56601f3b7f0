"""One unit of work: what the running outermost command has recorded and announced so far."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class Frame:
    """One running command; `recorded` once it, or a command inside it, has left an audit entry."""

    name: str
    recorded: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """What will be a line of the audit: the columns of `AuditEntry`."""

    command: str
    subject_type: str
    subject_id: str
    matter_id: int | None
    data: dict[str, Any]
    actor_kind: str
    actor_id: int | None
    actor_name: str
    ip: str
    request_id: str

    def columns(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, told to reactions (same transaction) and to open pages (after commit)."""

    name: str
    topics: tuple[str, ...]
    data: dict[str, Any]


Reaction = Callable[[Event, datetime], None]
MAX_WAVES = 50  # how far events may cause events: many at once are work, this deep is a circle


@dataclass(slots=True)
class Work:
    frames: list[Frame] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    reacted: int = 0
    #: Rows that go with the audit and the notices in one statement, and what is written `also` (`single_write.py`).
    rows: list[Any] = field(default_factory=list)
    also: list[tuple[str, Any]] = field(default_factory=list)

    @contextmanager
    def frame(self, name: str) -> Iterator[Frame]:
        frame = Frame(name)
        self.frames.append(frame)
        try:
            yield frame
        finally:
            self.frames.pop()
        if frame.recorded and self.frames:
            self.frames[-1].recorded = True

    def react(self, at: datetime) -> None:
        """Run the reactions to each event, including events the reactions themselves cause."""
        from yinuo.kernel.events import reactions_to

        for _wave in range(MAX_WAVES):
            wave = self.events[self.reacted :]
            if not wave:
                return
            for event in wave:
                self.reacted += 1
                for reaction in reactions_to(event.name):
                    reaction(event, at)
        raise RuntimeError(f"reactions run in a circle: {self.events[-1].name}")

    def flush(self, at: datetime) -> None:
        from yinuo.kernel.audit import write_entries
        from yinuo.kernel.events import write_notices

        if self.rows:
            from yinuo.kernel.single_write import write_at_once

            write_at_once(self.rows, self, at, self.also)
            return
        write_entries(self.entries)
        write_notices(self.events, at)


_work: ContextVar[Work | None] = ContextVar("work", default=None)


def current_work() -> Work | None:
    return _work.get()


def alone() -> bool:
    """Whether the running command is the outermost one and has left nothing yet."""
    work = _work.get()
    return work is not None and len(work.frames) == 1 and not (work.entries or work.events)


@contextmanager
def working() -> Iterator[Work]:
    work = Work()
    token = _work.set(work)
    try:
        yield work
    finally:
        _work.reset(token)
