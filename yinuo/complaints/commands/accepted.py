"""Accepted intakes one at a time: registering, refusing, and what a person does about a refused one.

Many plain ones at once: `complaints/intake/group.py`, which writes what `register_accepted` writes.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yinuo.complaints.commands.registration import register
from yinuo.complaints.models import AcceptedIntake, Complaint
from yinuo.customers.rules import normal_identity
from yinuo.identity.queries import actor_let_in
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.audit import nothing_done, record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_line
from yinuo.kernel.work import current_work

State = AcceptedIntake.State
OPEN_TO_PEOPLE = (State.REFUSED, State.SET_ASIDE)


def as_given(kept: Mapping[str, Any]) -> dict[str, Any]:
    """What `register` takes, from how it was kept."""
    given = dict(kept)
    if "received_at" in given:
        given["received_at"] = datetime.fromisoformat(given["received_at"])
    return given


@command("intake.register", internal=True)
def register_accepted(*, accepted_id: int, by: Actor, at: datetime) -> AcceptedIntake:
    """Register what was accepted, as the key that sent it. `at` is when it reached us: from then on promises count, or
    from an earlier moment at which the sender says that the complaint was received.

    The key was allowed to when it sent it; that it was revoked since takes nothing back.
    """
    row = AcceptedIntake.unscoped.select_for_update(no_key=True).get(pk=accepted_id)
    if row.state != State.WAITING:
        nothing_done()
        return row
    key = actor_let_in(row.api_key_id, ip=row.ip, request_id=row.request_id)
    key = replace(key, grants=key.grants | {"complaint.register"})
    made = register(by=key, at=at, number=row.number, **as_given(row.given))
    _close(row, State.REGISTERED, clock.now(), matter_id=made.pk)
    with acting_as(key):
        record(row, {"number": row.number}, matter_id=made.pk)
    return row


@command("intake.refuse", internal=True)
def refuse_accepted(*, accepted_id: int, problem: Mapping[str, Any], by: Actor, at: datetime) -> AcceptedIntake:
    """It cannot be registered as it is: kept with the reason until somebody has looked at it."""
    row = AcceptedIntake.unscoped.select_for_update(no_key=True).get(pk=accepted_id)
    if row.state != State.WAITING:
        nothing_done()
        return row
    _close(row, State.REFUSED, at, problem=dict(problem))
    record(row, {"number": row.number, "code": problem["code"], "key": row.api_key_id})
    emit("intake.refused", topics=["intakes"])
    return row


@command("intake.retry", needs="complaint.register")
def retry_accepted(*, accepted_id: int, by: Actor, at: datetime) -> AcceptedIntake:
    """Once more as it came: what was wrong may have been put right meanwhile."""
    row = _for_people(accepted_id)
    _close(row, State.WAITING, None, problem=None, reason="")
    record(row, {"number": row.number})
    emit("intake.waits", topics=["intakes"])
    return row


@command("intake.set_aside", needs="complaint.register")
def set_aside_accepted(*, accepted_id: int, reason: str, by: Actor, at: datetime) -> AcceptedIntake:
    """A person has looked and nothing is to be registered; the input stays."""
    row = _for_people(accepted_id)
    why = clean_line(reason, 200)
    if len(why) < 2:
        raise Invalid(_("请说明为什么无需登记"), fields={"reason": _("请说明为什么无需登记")})
    _close(row, State.SET_ASIDE, at, problem=row.problem, reason=why)
    record(row, {"number": row.number, "reason": why})
    return row


@command("intake.register_by_hand", needs="complaint.register")
def register_by_hand(*, accepted_id: int, by: Actor, at: datetime, **fields: Any) -> Complaint:
    """A person registers it with what they corrected, under the number the sender was given. Phone and address that
    were left empty are those of the input, if they can be ones.
    """
    row = _for_people(accepted_id)
    fields.setdefault("received_at", as_given(row.given).get("received_at", row.received_at))
    if not fields.get("customer_id"):
        fields |= {kind: fields.get(kind) or _usable(kind, row.given.get(kind)) for kind in ("phone", "email")}
    made: Complaint = register(number=row.number, by=by, at=at, **fields)
    _close(row, State.REGISTERED, at, matter_id=made.pk)
    record(row, {"number": row.number, "by_hand": True}, matter_id=made.pk)
    return made


@command("intake.note_raw", needs="customer.reveal")
def note_given(*, accepted_id: int, by: Actor, at: datetime) -> AcceptedIntake:
    """Who took the input as it came: it names phone and address in full."""
    row, work = _visible(accepted_id), current_work()
    record(row, {"number": row.number, "downloaded": True}, matter_id=row.matter_id)
    if work and any(row.given.get(kind) for kind in ("phone", "email")):  # counts as looking at a masked field
        with work.frame("customer.reveal"):
            record(row, {"field": "intake", "reason": row.number}, matter_id=row.matter_id)
        emit("customer.revealed", staff_id=by.staff_id)
    return row


def _usable(kind: str, value: str | None) -> str:
    try:
        return normal_identity(kind, value) if value and value.strip() else ""
    except Invalid:
        return ""


def _visible(accepted_id: int) -> AcceptedIntake:
    row: AcceptedIntake | None = AcceptedIntake.objects.filter(pk=accepted_id).first()
    if row is None:
        raise Missing(_("没有这份接口来件，或您无权查看"))
    return row


def _for_people(accepted_id: int) -> AcceptedIntake:
    """Locked; only what could not be registered is a person's business."""
    _visible(accepted_id)
    row = AcceptedIntake.unscoped.select_for_update(no_key=True).get(pk=accepted_id)
    if row.state not in OPEN_TO_PEOPLE:
        raise Refused(_("这份来件%(state)s，不需要再处理") % {"state": row.get_state_display()})
    return row


def _close(row: AcceptedIntake, state: str, handled_at: datetime | None, **more: Any) -> None:
    row.state, row.handled_at = state, handled_at
    for name, value in more.items():
        setattr(row, name, value)
    row.save(update_fields=["state", "handled_at", *more])
