"""/customers/7/merge: two records of one customer; what it would move, doing it, and taking it back."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Schema

from yinuo.api.nouns.customers import CustomerOut, shown, visible
from yinuo.api.nouns.customers import router as router
from yinuo.api.operations import Id
from yinuo.api.verbs import verb
from yinuo.customers import commands, queries
from yinuo.customers.models import CustomerMerge


class DuplicateOut(Schema):
    """`by` is what both have: phone, email, uscc or name."""

    customer: CustomerOut
    by: str
    verified: bool


class Duplicates(Schema):
    items: list[DuplicateOut]


class MergePreview(Schema):
    """How many rows of each kind would go over to the survivor."""

    survivor: CustomerOut
    absorbed: CustomerOut
    moves: dict[str, int]


class MergeOut(Schema):
    id: int
    survivor_id: int
    absorbed_id: int
    reason: str
    merged_at: datetime
    split_at: datetime | None


def merge_shown(row: CustomerMerge, _row_id: int = 0) -> dict[str, Any]:
    return {
        "id": row.pk, "survivor_id": row.survivor_id, "absorbed_id": row.absorbed_id, "reason": row.reason,
        "merged_at": row.merged_at, "split_at": row.split_at,
    }  # fmt: skip


@router.get_("/{int:row_id}/duplicates", needs="customer.read", returns=Duplicates, summary="Who else it may be")
def duplicates(request: HttpRequest, row_id: int) -> dict[str, Any]:
    found = queries.suspects(visible(row_id))
    return {"items": [{"customer": shown(d.customer), "by": d.by, "verified": d.verified} for d in found]}


@router.get_("/{int:row_id}/merge", needs="customer.merge", returns=MergePreview, summary="What a merge would move")
def preview(request: HttpRequest, row_id: int, absorbed_id: Id) -> dict[str, Any]:
    survivor, absorbed = visible(row_id), visible(absorbed_id)
    return {"survivor": shown(survivor), "absorbed": shown(absorbed), "moves": queries.goes_over(absorbed)}


_MERGE: dict[str, Any] = {"show": merge_shown, "returns": MergeOut}
verb(
    router, "/{int:row_id}/merge", commands.merge_customers, own="survivor_id", status=201,
    summary="Merge another record into this one; it can be taken back for 30 days", **_MERGE,
)  # fmt: skip
verb(
    router,
    "/merges/{int:row_id}/split",
    commands.split_customers,
    own="merge_id",
    summary="Take a merge back",
    **_MERGE,
)
