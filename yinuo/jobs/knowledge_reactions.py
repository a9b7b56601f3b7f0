"""What the trades have to say about ready words."""

from datetime import datetime

from yinuo.complaints.commands.talking import refuse_over_promise as refuse
from yinuo.kernel.events import Event


def refuse_over_promise(event: Event, at: datetime) -> None:
    """A template that promises too much is not kept: whoever used it would be refused each time."""
    refuse(event.data["text"])
