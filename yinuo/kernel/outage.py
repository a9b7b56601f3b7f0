"""What fails beneath the product and passes again: the database is away, the disk is full, two met over one row."""

import errno

from django.db import InterfaceError, OperationalError

FULL = (errno.ENOSPC, errno.EDQUOT)
#: The database let somebody else go first: a ring of locks was broken up, or one transaction would have missed another.
COLLIDED = ("40P01", "40001")


def disk_full(wrong: BaseException | None) -> bool:
    """Files could not be written, or the database could not."""
    if isinstance(wrong, OSError):
        return wrong.errno in FULL
    return isinstance(wrong, OperationalError) and (
        getattr(wrong.__cause__, "sqlstate", "") == "53100" or "No space left on device" in str(wrong)
    )


def collided(wrong: BaseException | None) -> bool:
    """Two transactions met, ours was undone; nothing is wrong with the database, and the same again will do."""
    return isinstance(wrong, OperationalError) and getattr(wrong.__cause__, "sqlstate", "") in COLLIDED


def database_away(wrong: BaseException | None) -> bool:
    """The server does not answer, or went in the middle of what was asked."""
    return isinstance(wrong, (OperationalError, InterfaceError)) and not collided(wrong)
