"""/promises: what we owe by when, made, kept, renewed, paused, extended, waived."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import AwareDatetime

from yinuo.api.operations import Id, Limit, Noun
from yinuo.api.paging import Paged, soonest_first
from yinuo.api.verbs import Made, made, verb
from yinuo.kernel.errors import Missing
from yinuo.promises import commands, queries
from yinuo.promises.models import Promise, PromiseChange, Snooze

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
    version: int


class PromiseEventOut(Schema):
    kind: str
    at: datetime
    late: bool
    text: str
    by_name: str


class ChangeOut(Schema):
    """A request to extend or waive: it holds once it is approved and, for an extension, the customer has been told."""

    id: int
    promise_id: int
    kind: str
    state: str
    reason: str
    old_due_at: datetime
    new_due_at: datetime | None
    requested_at: datetime
    decided_at: datetime | None
    told_at: datetime | None


class SnoozeOut(Schema):
    """What was put aside: out of sight on the day of whom the key belongs to until then, back by itself."""

    promise_id: int | None
    task_id: int | None
    until: datetime
    reason: str
    note: str


class PromiseDetail(PromiseOut):
    """With everything that happened to it, newest first."""

    events: list[PromiseEventOut]
    changes: list[ChangeOut]


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
        "version": row.version,
    }


def snooze_shown(row: Snooze, _row_id: int = 0) -> dict[str, Any]:
    return {
        "promise_id": row.promise_id, "task_id": row.task_id, "until": row.until, "reason": str(row.reason),
        "note": row.note,
    }  # fmt: skip


def change_shown(row: PromiseChange, _row_id: int = 0) -> dict[str, Any]:
    return {
        "id": row.pk, "promise_id": row.promise_id, "kind": str(row.kind), "state": str(row.state),
        "reason": row.reason, "old_due_at": row.old_due_at, "new_due_at": row.new_due_at,
        "requested_at": row.requested_at, "decided_at": row.decided_at, "told_at": row.told_at,
    }  # fmt: skip


def _as_it_stands(row: Promise, row_id: int = 0) -> dict[str, Any]:
    return shown(Promise.objects.get(pk=row_id or row.pk))


@router.get_("", needs="promise.read", returns=PromisePage, summary="List promises, soonest due first")
def listed(
    request: HttpRequest,
    cursor: str = "",
    limit: Limit = 25,
    outstanding: bool = True,
    state: Literal["", "open", "paused", "kept", "renewed", "waived", "broken"] = "",
    matter_id: Id | None = None,
    owner_id: Id | None = None,
    due_before: AwareDatetime | None = None,
) -> dict[str, Any]:
    given = {"state": state, "matter_id": matter_id, "owner_id": owner_id, "due_at__lt": due_before}
    rows = Promise.objects.filter(outstanding=outstanding, **{k: v for k, v in given.items() if v})
    return soonest_first(rows.defer("plan"), "due_at", cursor=cursor, limit=limit, show=shown)


@router.get_("/{int:promise_id}", needs="promise.read", returns=PromiseDetail, summary="One promise and its story")
def one(request: HttpRequest, promise_id: int) -> dict[str, Any]:
    found = queries.promise(promise_id)
    if found is None:
        raise Missing(_("没有这项承诺，或您无权查看"))
    events = [
        {"kind": e.kind, "at": e.at, "late": e.late, "text": e.text, "by_name": e.by_name} for e in found["events"]
    ]
    return {**shown(found["promise"]), "events": events, "changes": [change_shown(c) for c in found["changes"]]}


def _verb(name: str, command: Any, summary: str, **more: Any) -> None:
    verb(router, f"/{{int:row_id}}/{name}", command, own="promise_id", summary=summary, **more)


_NOW: dict[str, Any] = {"show": _as_it_stands, "returns": PromiseOut}
_ASIDE: dict[str, Any] = {"show": snooze_shown, "returns": SnoozeOut}
_CHANGE: dict[str, Any] = {"show": change_shown, "returns": ChangeOut, "status": 201}
verb(
    router, "", commands.make_personal_promise, status=201, summary="Note what one has promised a customer oneself",
    **_NOW,
)  # fmt: skip
verb(
    router, "/by-standard", commands.make_by_standard, status=201, name="make_promise_by_standard",
    summary="Promise by a service standard: a delivery agreed, a payment received, a sample that arrived", **_NOW,
)  # fmt: skip
_verb("keep", commands.keep_promise, "It is kept; say how", **_NOW)
_verb("follow-up", commands.follow_up, "A follow-up is done; say when the next one is", **_NOW)
_verb("renew", commands.renew_promise, "An interim reply was given: the next one is due", **_NOW)
_verb("pause", commands.pause_promise, "Stop the clock while we wait for the customer", **_NOW)
_verb("resume", commands.resume_promise, "Let the clock run again", **_NOW)
_verb("request-extension", commands.request_extension, "Ask for more time (goes to approval)", **_CHANGE)
_verb("request-waiver", commands.request_waiver, "Ask to be released from it (goes to approval)", **_CHANGE)
_verb("assign", commands.assign_promise, "Hand it over, with what it belongs to", **_NOW)
_verb("snooze", commands.snooze_promise, "Put it aside until a time, never past its first warning", **_ASIDE)
_verb("unsnooze", commands.unsnooze_promise, "Take it up again before its time", **_NOW)
_verb("make-good", commands.make_good, "Say how a broken promise was made good", show=made, returns=Made)
verb(
    router, "/changes/{int:row_id}/told", commands.tell_extension, own="change_id", show=change_shown,
    returns=ChangeOut, summary="The customer has been told of the extension: the new time holds",
)  # fmt: skip
