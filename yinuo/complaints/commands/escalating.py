"""Somebody higher takes part; a leader receives the customer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from yinuo.complaints.commands.moving import entry, locked, require_open, topics
from yinuo.complaints.commands.talking import require_text
from yinuo.complaints.models import Complaint, LeaderReception
from yinuo.complaints.rules.choices import ReceptionState
from yinuo.identity.models import Staff, Unit
from yinuo.identity.queries import manager_of, unit_head_above
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.clock import CST
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_line, clean_text
from yinuo.matters.models import Collaborator

RUNGS = 6


def involve_above(row: Complaint, reason: str, at: datetime) -> Staff | None:
    """Make the next person above who does not take part yet a collaborator, and say so. None: nobody is left."""
    involved = set(Collaborator.unscoped.filter(matter=row.matter).values_list("staff_id", flat=True))
    person = _above(row)
    for _rung in range(RUNGS):
        if person is None or (person.pk not in involved and person.pk != row.matter.owner_id):
            break
        person = manager_of(person)
    if person is None or person.pk in involved:
        return None
    Collaborator.unscoped.get_or_create(matter=row.matter, staff=person, defaults={"since": at})
    system = Actor.system("complaints")
    entry(
        row,
        "escalated",
        _("请%(name)s参与处理：%(reason)s") % {"name": person.name, "reason": reason},
        by=system,
        at=at,
    )
    emit(
        "complaint.escalated", topics=[*topics(row), f"staff:{person.pk}"], matter_id=row.pk, staff_id=person.pk,
        reason=reason,
    )  # fmt: skip
    return person


def _above(row: Complaint) -> Staff | None:
    owner = Staff.objects.select_related("unit").filter(pk=row.matter.owner_id).first() if row.matter.owner_id else None
    if owner:
        return manager_of(owner)
    unit = Unit.objects.filter(pk=row.matter.unit_id).first() if row.matter.unit_id else None
    return unit_head_above(unit) if unit else None


@command("complaint.escalate", needs="complaint.handle")
def escalate(*, complaint_id: int, reason: str, by: Actor, at: datetime) -> Complaint:
    """Ask the next level to take part (deadlock, beyond authority, a promise about to break, an A-grade customer)."""
    row = locked(complaint_id)
    require_open(row)
    why = require_text(reason, "reason", _("请说明升级的原因"), 500)
    person = involve_above(row, why, at)
    if person is None and by.kind != "system":
        raise Refused(_("上级都已参与，没有更高一级可以升级"))
    record(row, {"escalated_to": person.pk if person else None, "reason": why}, matter_id=row.pk)
    return row


@command("complaint.request_reception", needs="complaint.handle")
def request_reception(*, complaint_id: int, topic: str = "", by: Actor, at: datetime) -> LeaderReception:
    """The customer asks for a leader; the reception office finds a time."""
    row = locked(complaint_id)
    require_open(row)
    made: LeaderReception = LeaderReception.unscoped.create(
        complaint=row, topic=clean_text(topic, 2000) or row.matter.title, at=at, by_id=by.staff_id
    )
    entry(row, "reception", _("客户要求领导接待"), by=by, at=at, data={"reception": made.pk})
    emit("complaint.reception_requested", topics=topics(row), matter_id=row.pk, reception_id=made.pk)
    record(made, {}, matter_id=row.pk)
    return made


@command("complaint.book_reception", needs="complaint.handle")
def book_reception(
    *,
    reception_id: int,
    leader_id: int,
    starts_at: datetime,
    minutes: int = 30,
    place: str = "",
    by: Actor,
    at: datetime,
) -> LeaderReception:
    """Book a leader who has no other reception then. Booking again moves the appointment."""
    leader = (
        Staff.objects.select_for_update(no_key=True, of=("self",))
        .filter(pk=leader_id, is_active=True, roles__grants__contains=["leader.receive"])
        .first()
    )
    made, row = _reception(reception_id, ReceptionState.REQUESTED, ReceptionState.BOOKED, ReceptionState.MISSED)
    wrong: dict[str, str] = {}
    if leader is None:
        wrong["leader_id"] = _("请选择一位领导")
    if starts_at.tzinfo is None or starts_at <= at or starts_at > at + timedelta(days=366):
        wrong["starts_at"] = _("接待时间应在今后一年之内")
    if not 10 <= minutes <= 480:
        wrong["minutes"] = _("时长在 10 到 480 分钟之间")
    if wrong or leader is None:
        raise Invalid(_("预约没有填对"), fields=wrong)
    ends_at = starts_at + timedelta(minutes=minutes)
    clash = LeaderReception.unscoped.filter(
        leader=leader, state=ReceptionState.BOOKED, starts_at__lt=ends_at, ends_at__gt=starts_at
    ).exclude(pk=made.pk).order_by("starts_at").first()  # fmt: skip
    if clash and clash.starts_at:
        raise Refused(
            _("%(name)s在 %(when)s 已有接待安排")
            % {"name": leader.name, "when": f"{clash.starts_at.astimezone(CST):%m-%d %H:%M}"}
        )
    made.leader, made.starts_at, made.ends_at, made.place = leader, starts_at, ends_at, clean_line(place, 120)
    made.state = ReceptionState.BOOKED
    made.save()
    Collaborator.unscoped.get_or_create(matter=row.matter, staff=leader, defaults={"since": at})
    when = f"{starts_at.astimezone(CST):%Y-%m-%d %H:%M}"
    entry(row, "reception", _("预约%(name)s于 %(when)s 接待") % {"name": leader.name, "when": when}, by=by, at=at,
          public=True, data={"reception": made.pk})  # fmt: skip
    emit(
        "complaint.reception_booked",
        topics=[*topics(row), f"staff:{leader.pk}"],
        matter_id=row.pk,
        reception_id=made.pk,
        leader_id=leader.pk,
        starts_at=starts_at.isoformat(),
    )
    record(made, {"leader": leader.pk, "starts_at": starts_at.isoformat()}, matter_id=row.pk)
    return made


@command("complaint.record_reception", needs="complaint.handle")
def record_reception(*, reception_id: int, state: str, result: str = "", by: Actor, at: datetime) -> LeaderReception:
    """How the reception went: held (with its result), missed or canceled."""
    made, row = _reception(reception_id, ReceptionState.REQUESTED, ReceptionState.BOOKED)
    if state not in (ReceptionState.HELD, ReceptionState.MISSED, ReceptionState.CANCELED):
        raise Invalid(_("请选择接待结果"), fields={"state": _("请选择接待结果")})
    if state == ReceptionState.HELD and (made.starts_at is None or made.starts_at > at):
        raise Refused(_("接待时间还没有到"))
    made.result = require_text(result, "result", _("请写明接待结果"))
    made.state = ReceptionState(state)
    made.save()
    data: dict[str, Any] = {"reception": made.pk, "result": made.result}
    entry(row, "reception", _("领导接待：%(state)s") % {"state": made.get_state_display()}, by=by, at=at, data=data)
    name = "complaint.reception_recorded" if state == ReceptionState.HELD else "complaint.reception_missed"
    emit(name, topics=topics(row), matter_id=row.pk, reception_id=made.pk)
    record(made, {"state": state}, matter_id=row.pk)
    return made


def _reception(reception_id: int, *states: ReceptionState) -> tuple[LeaderReception, Complaint]:
    made = LeaderReception.objects.filter(pk=reception_id).first()
    if made is None:
        raise Missing(_("没有这份接待安排，或您无权查看"))
    row = locked(made.complaint_id)
    made.refresh_from_db()
    if made.state not in states:
        raise Refused(_("这份接待安排已%(state)s") % {"state": made.get_state_display()})
    return made, row
