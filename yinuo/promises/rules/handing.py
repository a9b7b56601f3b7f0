"""What goes along when what is owed is given to somebody else."""

from enum import StrEnum


class Goes(StrEnum):
    TASK = "task"
    MATTER = "matter"
    THREAD = "thread"
    ALONE = "alone"


def goes(
    *, task: bool, about_row: bool, has_matter: bool, matter_owner: int | None, has_thread: bool,
    thread_owner: int | None, owner: int | None,
) -> Goes:  # fmt: skip
    """The task of a task's promise; the matter or the thread if it is with the same person; else the promise alone, as
    are checks and appointments, which are somebody's own within a case.
    """
    if task:
        return Goes.TASK
    if about_row:
        return Goes.ALONE
    if has_matter:
        return Goes.MATTER if matter_owner == owner else Goes.ALONE
    return Goes.THREAD if has_thread and thread_owner in (owner, None) else Goes.ALONE
