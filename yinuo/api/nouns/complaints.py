"""/complaints: register, list, read, correct. The verbs that move one on are in complaint_verbs."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Schema

from yinuo.api.nouns.accepted import keep
from yinuo.api.nouns.matters import Named
from yinuo.api.operations import Flag, Given, Id, Limit, Moment, Noun, Version, render
from yinuo.api.paging import Paged, read_cursor, write_cursor
from yinuo.api.replay import NAME, fingerprint, kept, key_of, repeated
from yinuo.channels.webhook.queries import subscribed
from yinuo.complaints import commands
from yinuo.complaints.intake import EVENTS, register_at_once
from yinuo.complaints.models import Complaint
from yinuo.complaints.queries import complaint, complaints_page, what_is_missing
from yinuo.complaints.states import MOVES, STAGE_LABELS, Stage
from yinuo.kernel import clock
from yinuo.kernel.actor import current_actor
from yinuo.kernel.errors import AlreadyDone
from yinuo.kernel.once import Claim, once_key
from yinuo.kernel.text import mask_email, mask_phone

router = Noun("/complaints", "complaints")


class ComplaintOut(Schema):
    id: int
    number: str
    title: str
    stage: str
    stage_label: str
    open: bool
    stage_since: datetime
    version: int
    customer: Named
    owner: Named | None
    unit_id: int | None
    conversation_id: int | None
    channel: str
    received_at: datetime
    acknowledged_at: datetime | None
    complainant: str
    phone: str
    email: str
    content: str
    demand: str
    demand_amount: Decimal | None
    product: str
    batch: str
    produced_on: date | None
    used_on: date | None
    occurred_on: date | None
    equipment: str
    conditions: str
    used_before: str
    restatement: str
    kind: str
    subkind: str
    judgement: str
    severity: str
    temperament: str
    priority: int
    agreed_total: Decimal | None
    satisfaction: int | None
    reopened: int
    outcome: str


class MoveOut(Schema):
    """A verb that may follow; `missing` says what still blocks it (empty: it may be done now)."""

    name: str
    label: str
    missing: list[str]


class ComplaintDetail(ComplaintOut):
    moves: list[MoveOut]


class ComplaintLine(Schema):
    id: int
    number: str
    title: str
    stage: str
    stage_label: str
    open: bool
    version: int
    customer: Named
    owner: Named | None
    kind: str
    severity: str
    priority: int
    channel: str
    received_at: datetime
    last_activity_at: datetime
    due_at: datetime | None
    promise: str
    satisfaction: int | None


class ComplaintPage(Paged):
    """`count` stops at 1000."""

    items: list[ComplaintLine]
    count: int


class Registered(Given):
    """The fields of the registration form; dates as 2026-03-05, amounts as text or number."""

    demand: str | None = None
    demand_amount: str | int | float | None = None
    product: str | None = None
    batch: str | None = None
    produced_on: str | None = None
    used_on: str | None = None
    occurred_on: str | None = None
    equipment: str | None = None
    conditions: str | None = None
    used_before: str | None = None


class ComplaintIn(Registered):
    content: str
    channel: Literal["api", "portal", "email", "phone", "visit", "letter"] = "api"
    customer_id: Id | None = None
    name: str = ""
    phone: str = ""
    email: str = ""
    customer_kind: Literal["person", "organisation"] = "person"
    verified: Flag = False
    title: str = ""
    severity: str = ""
    kind: str = ""
    subkind: str = ""
    temperament: str = ""
    upload_key: str = ""
    owner_id: Id | None = None
    unit_id: Id | None = None
    wants_leader: Flag = False
    received_at: Moment | None = None


class ComplaintPatch(Registered):
    version: Version
    complainant: str | None = None
    content: str | None = None


def shown(row: Complaint) -> dict[str, Any]:
    matter = row.matter
    return {
        "id": row.pk, "number": matter.number, "title": matter.title, "stage": str(row.stage),
        "stage_label": STAGE_LABELS[Stage(row.stage)], "open": matter.open, "stage_since": row.stage_since,
        "version": row.version, "customer": {"id": matter.customer_id, "name": matter.customer.name},
        "owner": {"id": matter.owner_id, "name": matter.owner.name} if matter.owner else None,
        "unit_id": matter.unit_id, "conversation_id": matter.conversation_id, "channel": row.channel,
        "received_at": row.received_at, "acknowledged_at": row.acknowledged_at, "complainant": row.complainant,
        "phone": mask_phone(row.phone) if row.phone else "", "email": mask_email(row.email) if row.email else "",
        "content": row.content, "demand": row.demand, "demand_amount": row.demand_amount, "product": row.product,
        "batch": row.batch, "produced_on": row.produced_on, "used_on": row.used_on, "occurred_on": row.occurred_on,
        "equipment": row.equipment, "conditions": row.conditions, "used_before": row.used_before,
        "restatement": row.restatement, "kind": row.kind, "subkind": row.subkind, "judgement": row.judgement,
        "severity": row.severity, "temperament": row.temperament, "priority": matter.priority,
        "agreed_total": row.agreed_total, "satisfaction": row.satisfaction, "reopened": row.reopened,
        "outcome": row.outcome,
    }  # fmt: skip


def given_by(body: ComplaintIn) -> dict[str, Any]:
    """What `register` takes."""
    given = {k: v for k, v in body.model_dump(exclude={"verified"}, exclude_unset=True).items() if v is not None}
    given.setdefault("channel", "api")
    given["verified_how"] = "api" if body.verified else ""
    return given


def register_later(request: HttpRequest, body: ComplaintIn) -> HttpResponse:
    return keep(request, given_by(body))


def register_plainly(request: HttpRequest, body: ComplaintIn) -> HttpResponse | None:
    """The plain case, in one read and one write; a sender's key is taken by that write."""
    if EVENTS & subscribed():  # a webhook is a row of the command's own transaction
        return None
    by, key = current_actor(), key_of(request)
    print_ = fingerprint(request) if key else ""
    claim = Claim(NAME, once_key(by, key), lambda row: kept(print_, answer(row), secret=False)) if key else None
    try:
        row = register_at_once(by=by, at=clock.now(), claim=claim, **given_by(body))
    except AlreadyDone as before:
        return repeated(before.result, print_)
    return answer(row) if row else None


def answer(row: Complaint) -> HttpResponse:
    return render(shown(row), 201)


@router.post_(
    "", does=commands.register, returns=ComplaintOut, later=register_later, at_once=register_plainly,
    summary="Register a complaint (the whole intake)",
)  # fmt: skip
def register(request: HttpRequest, body: ComplaintIn) -> dict[str, Any]:
    """Recognises or creates the customer; opens conversation, matter and complaint; makes the promises."""
    return shown(commands.register(**given_by(body)))


@router.get_("", needs="matter.read", returns=ComplaintPage, summary="List complaints, newest first; q searches")
def listed(
    request: HttpRequest, cursor: str = "", limit: Limit = 25, q: str = "", stage: str = "",
    open: bool | None = None, owner_id: Id | None = None, customer_id: Id | None = None, unit_id: Id | None = None,
    kind: str = "", severity: str = "", overdue: bool = False, received_from: str = "", received_to: str = "",
) -> dict[str, Any]:  # fmt: skip
    after = read_cursor(cursor, int)
    given = {
        "q": q, "stage": stage, "kind": kind, "severity": severity, "overdue": "1" if overdue else "",
        "open": "" if open is None else str(int(open)), "owner": str(owner_id or ""),
        "customer": str(customer_id or ""), "unit": str(unit_id or ""),
        "received_from": received_from, "received_to": received_to,
    }  # fmt: skip
    page = complaints_page(given, cursor=str(after[0]) if after else "", size=limit)
    return {
        "items": [line(row) for row in page.rows], "count": page.count,
        "next": write_cursor(int(page.next_cursor)) if page.next_cursor else None,
    }  # fmt: skip


def line(row: Any) -> dict[str, Any]:
    return {
        "id": row.id, "number": row.number, "title": row.title, "stage": row.stage, "stage_label": row.stage_label,
        "open": row.open, "version": row.version, "customer": {"id": row.customer_id, "name": row.customer},
        "owner": {"id": row.owner_id, "name": row.owner} if row.owner_id else None, "kind": row.kind,
        "severity": row.severity, "priority": row.priority, "channel": row.channel, "received_at": row.received_at,
        "last_activity_at": row.last_activity_at, "due_at": row.due_at, "promise": row.promise,
        "satisfaction": row.satisfaction,
    }  # fmt: skip


@router.get_(
    "/{int:complaint_id}", needs="matter.read", returns=ComplaintDetail, summary="One complaint, and what may follow"
)
def one(request: HttpRequest, complaint_id: int) -> dict[str, Any]:
    row = complaint(complaint_id)
    moves = what_is_missing(row.pk)
    return {
        **shown(row),
        "moves": [{"name": name, "label": MOVES[name].label, "missing": lacking} for name, lacking in moves.items()],
    }


@router.patch_(
    "/{int:complaint_id}",
    does=commands.edit_registration,
    returns=ComplaintOut,
    summary="Correct the registered fields",
)
def patch(request: HttpRequest, complaint_id: int, body: ComplaintPatch) -> dict[str, Any]:
    given = body.model_dump(exclude_unset=True, exclude={"version"})
    commands.edit_registration(complaint_id=complaint_id, expected_version=body.version, **given)
    return shown(complaint(complaint_id))
