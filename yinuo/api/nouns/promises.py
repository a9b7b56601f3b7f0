"""/promises: what we owe by when."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Schema

from yinuo.api.operations import Id, Limit, Noun
from yinuo.api.paging import Paged, soonest_first
from yinuo.promises.models import Promise

router = Noun("/promises", "promises")


class PromiseOut(Schema):
    id: int
    title: str
    state: str
    outstanding: bool
    matter_id: int | None
    customer_id: int | None
    task_id: int | None
    owner_id: int | None
    unit_id: int | None
    made_at: datetime
    due_at: datetime
    kept_at: datetime | None
    explanation: str
    cycle: int


class PromisePage(Paged):
    items: list[PromiseOut]


def shown(row: Promise) -> dict[str, Any]:
    return {
        "id": row.pk,
        "title": row.title,
        "state": row.state,
        "outstanding": row.outstanding,
        "matter_id": row.matter_id,
        "customer_id": row.customer_id,
        "task_id": row.task_id,
        "owner_id": row.owner_id,
        "unit_id": row.unit_id,
        "made_at": row.made_at,
        "due_at": row.due_at,
        "kept_at": row.kept_at,
        "explanation": row.explanation,
        "cycle": row.cycle,
    }


@router.get_("", needs="promise.read", returns=PromisePage, summary="List promises, soonest due first")
def listed(
    request: HttpRequest,
    cursor: str = "",
    limit: Limit = 25,
    outstanding: bool = True,
    state: Literal["", "open", "paused", "kept", "renewed", "waived", "broken"] = "",
    matter_id: Id | None = None,
    owner_id: Id | None = None,
    due_before: datetime | None = None,
) -> dict[str, Any]:
    given = {"state": state, "matter_id": matter_id, "owner_id": owner_id, "due_at__lt": due_before}
    rows = Promise.objects.filter(outstanding=outstanding, **{k: v for k, v in given.items() if v})
    return soonest_first(rows.defer("plan"), "due_at", cursor=cursor, limit=limit, show=shown)
