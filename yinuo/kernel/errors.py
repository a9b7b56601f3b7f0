"""Errors a person or an API client may see. `message` is a Chinese sentence, `fields` maps a field to its sentence."""

from collections.abc import Mapping
from typing import Any


class YinuoError(Exception):
    status = 400
    code = "error"

    def __init__(self, message: str, *, code: str | None = None, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.fields: dict[str, str] = dict(fields or {})


class Invalid(YinuoError):
    """The input is wrong; `fields` says where."""

    status = 422
    code = "invalid"


class Denied(YinuoError):
    """The actor has no grant for this."""

    status = 403
    code = "denied"


class Missing(YinuoError):
    """No such row, or none this actor may see (the two are not told apart)."""

    status = 404
    code = "missing"


class Refused(YinuoError):
    """A rule of the business forbids it now; `fields` may list what is missing."""

    status = 409
    code = "refused"


class Stale(YinuoError):
    """Somebody else saved first; `current` is the row as it stands."""

    status = 409
    code = "stale"

    def __init__(self, message: str, *, current: Any = None, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message, fields=fields)
        self.current = current


class TooMany(YinuoError):
    """Too many tries; `retry_after` in seconds."""

    status = 429
    code = "too_many"

    def __init__(self, message: str, *, retry_after: int = 60) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class AlreadyDone(YinuoError):
    """The same once-key was used before; `result` is what that call returned."""

    status = 409
    code = "already_done"

    def __init__(self, result: Any) -> None:
        super().__init__("already done")
        self.result = result


class NoActor(RuntimeError):
    """A scoped query ran with nobody acting. A programming error: scope fails closed."""


class WriteOutsideCommand(RuntimeError):
    """A domain table was written outside a command. A programming error."""


class UnrecordedCommand(RuntimeError):
    """A command ended without an audit entry. A programming error."""
