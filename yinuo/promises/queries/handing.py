"""What a promise takes along to a new owner."""

from yinuo.promises.models import Promise
from yinuo.promises.rules.handing import Goes, goes


def goes_along(promise: Promise) -> Goes:
    """Of a promise with its matter and its conversation."""
    return goes(
        task=promise.task_id is not None,
        about_row=bool(promise.about),
        has_matter=promise.matter_id is not None,
        matter_owner=promise.matter.owner_id if promise.matter else None,
        has_thread=promise.conversation_id is not None,
        thread_owner=promise.conversation.owner_id if promise.conversation else None,
        owner=promise.owner_id,
    )
