"""What the wording rules have to say about ready words."""

from datetime import datetime

from yinuo.kernel.events import Event
from yinuo.wording.commands import refuse
from yinuo.wording.queries import found_in
from yinuo.wording.rules import blocking


def refuse_kept_back(event: Event, at: datetime) -> None:
    """A template whose words are kept back is not kept: whoever used it would be refused each time."""
    if found := blocking(found_in(event.data["text"], kind="complaint")):
        refuse(found)
