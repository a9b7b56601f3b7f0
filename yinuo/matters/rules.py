"""What a task asks for before it is done. Pure."""

#: Kinds of tasks by which money leaves the house: refunds and sums of an agreement, compensation for a broken promise.
PAYING = frozenset({"refund", "money", "payment"})


def needs_proof(kind: str) -> bool:
    """Whether words alone do not do: a file, or the reason why there is none."""
    return kind in PAYING
