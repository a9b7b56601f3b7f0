"""What follows slowly from a change of a customer."""

from yinuo.complaints.queries.searching import found_by_of
from yinuo.jobs.deferring import defer, job
from yinuo.matters.commands import follow_name
from yinuo.matters.queries import ids_of_customer

BATCH = 200


@job("customers.renamed")
def renamed(customer_id: int, old: str, after: int = 0) -> int:
    """The customer's matters are found by the new name, and by the old one no more; so many at a time."""
    ids = ids_of_customer(customer_id, after=after, limit=BATCH)
    if not ids:
        return 0
    done: int = follow_name(customer_id=customer_id, old=old, matter_ids=ids, also=found_by_of(ids))
    if len(ids) == BATCH:
        defer("customers.renamed", lock=f"renamed:{customer_id}", customer_id=customer_id, old=old, after=ids[-1])
    return done
