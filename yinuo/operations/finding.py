"""What the doctor's checks answer."""

from collections.abc import Callable
from dataclasses import dataclass

GOOD, WARNING, BAD = "good", "warning", "bad"


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `advice` is empty exactly when nothing needs doing."""

    subject: str
    level: str
    words: str
    advice: str = ""


Check = Callable[[], list[Finding]]
