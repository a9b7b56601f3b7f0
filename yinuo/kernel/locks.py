"""The one order in which rows are locked, so that no two transactions ever wait for each other in a ring.

Whoever locks rows of several tables takes them in the order of `ORDER`, and rows of one table by their id. A matter is
the gate to all that hangs on it: who wants to write on its case, conversation, tasks or promises holds the matter
first, and then needs no order among those. So does a customer's message, which begins with its conversation:
`through_gates` locks the matters it tells of. An approval is the gate of its steps in the same way.

Locks never keep others from pointing at a row (`no_key=True`): keys do not change here, and a new row that names a
locked one must not wait for it. `tests/test_lock_order.py` watches a case from end to end for all of this.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import Model

#: Number of an advisory lock that programs outside Django share with the product: held shared while files are copied
#: (a backup), tried alone by whoever deletes files.
FILES_LOCK = 0x59494E56

#: The gate: who holds the matter has everything below it in this order that hangs on it to themselves.
GATE = "matters_matter"
#: Tables from the outermost to the innermost.
ORDER = (
    "identity_unit", "identity_staff", "identity_role", "identity_absence", "identity_apikey",
    "email_mailbox", "email_rawmessage", "email_outboundmessage", "sms_smsmessage", "portal_sentcode",
    "webhook_endpoint", "webhook_delivery", "complaints_acceptedintake", "conversations_heldmessage",
    "approvals_approval",
    "customers_customermerge", "customers_gradechange", "customers_customer", "customers_channelidentity",
    "promises_standard",
    GATE, "complaints_complaint", "conversations_conversation", "conversations_interaction", "matters_task",
    "promises_promise", "promises_promisechange", "promises_compensation",
)  # fmt: skip
_RANK = {table: number for number, table in enumerate(ORDER)}
_gates: dict[str, Callable[[Any], object]] = {}


def rank(table: str) -> int:
    """Where a table stands in the order; one nobody locks together with others comes last."""
    return _RANK.get(table, len(ORDER))


def gate(label: str) -> Callable[[Callable[[Any], object]], Callable[[Any], object]]:
    """Declare what locks the gates of a row of `label`. A lower layer can so hold what only a higher one knows."""

    def keep(lock: Callable[[Any], object]) -> Callable[[Any], object]:
        _gates[label] = lock
        return lock

    return keep


def through_gates(row: Model) -> None:
    """Lock what must be held before this row is written on."""
    lock = _gates.get(row._meta.label_lower)
    if lock:
        lock(row)
