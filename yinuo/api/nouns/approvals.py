"""/approvals: who was asked to agree to what, and the answers."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Schema

from yinuo.api.nouns.matters import Named
from yinuo.api.operations import Id, Limit, Noun
from yinuo.api.paging import Paged, newest_first
from yinuo.api.verbs import verb
from yinuo.approvals import commands, queries
from yinuo.approvals.models import Approval
from yinuo.kernel.errors import Missing

router = Noun("/approvals", "approvals")


class StepOut(Schema):
    """One person's say; steps are decided in order. `rung` is why this person is asked."""

    seq: int
    rung: str
    staff: Named
    state: str
    decided_by: Named | None
    comment: str
    at: datetime | None


class ApprovalOut(Schema):
    id: int
    kind: str
    title: str
    state: str
    amount: Decimal | None
    reason: str
    matter_id: int | None
    subject_type: str
    subject_id: int
    requested_by: Named | None
    created_at: datetime
    decided_at: datetime | None
    version: int
    steps: list[StepOut]


class ApprovalPage(Paged):
    items: list[ApprovalOut]


def _named(person: Any) -> dict[str, Any] | None:
    return {"id": person.pk, "name": person.name} if person else None


def shown(row: Any) -> dict[str, Any]:
    return {
        "id": row.pk, "kind": row.kind, "title": row.heading, "state": str(row.state), "amount": row.amount,
        "reason": row.reason if row.inside else "", "matter_id": row.matter_id, "subject_type": row.subject_type,
        "subject_id": row.subject_id, "requested_by": _named(row.requested_by), "created_at": row.created_at,
        "decided_at": row.decided_at, "version": row.version,
        "steps": [
            {"seq": s.seq, "rung": s.rung, "staff": _named(s.staff), "state": str(s.state),
             "decided_by": _named(s.decided_by), "comment": s.comment if row.inside else "", "at": s.at}
            for s in row.steps.all()
        ],
    }  # fmt: skip


def one_row(approval_id: int) -> dict[str, Any]:
    row = queries.one(approval_id)
    if row is None:
        raise Missing(_("没有这份申请，或您无权查看"))
    return shown(row)


def _settled(row: Approval, _row_id: int) -> dict[str, Any]:
    return one_row(row.pk)


@router.get_("", needs="matter.read", returns=ApprovalPage, summary="List requests, newest first")
def listed(
    request: HttpRequest, cursor: str = "", limit: Limit = 25,
    which: Literal["waiting", "asked", "decided", "all"] = "waiting",
    state: Literal["", "pending", "approved", "rejected", "withdrawn"] = "", matter_id: Id | None = None,
) -> dict[str, Any]:  # fmt: skip
    """`waiting`: my say is next. `asked`: asked by me. `decided`: I had a say. `all`: all I may see."""
    rows = {
        "waiting": queries.waiting_for_me, "asked": queries.asked_by_me, "decided": queries.decided_by_me,
        "all": queries.every_one,
    }[which]()  # fmt: skip
    given = {"state": state, "matter_id": matter_id}
    rows = rows.filter(**{k: v for k, v in given.items() if v})
    return newest_first(rows, "created_at", cursor=cursor, limit=limit, show=shown)


@router.get_("/{int:approval_id}", needs="matter.read", returns=ApprovalOut, summary="One request and every step")
def one(request: HttpRequest, approval_id: int) -> dict[str, Any]:
    return one_row(approval_id)


_BY_ID: dict[str, Any] = {"own": "approval_id", "show": _settled, "returns": ApprovalOut}
verb(router, "/{int:row_id}/decide", commands.decide_approval, summary="Agree or reject the next step", **_BY_ID)
verb(router, "/{int:row_id}/withdraw", commands.withdraw_approval, summary="Take one's own request back", **_BY_ID)
verb(router, "/{int:row_id}/hand-over", commands.hand_over_step, summary="Give the step to a colleague", **_BY_ID)
