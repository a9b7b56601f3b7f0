"""Responsibility 责任认定: the ladder proposes, a person decides."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from yinuo.complaints.commands.moving import locked
from yinuo.complaints.commands.talking import require_text
from yinuo.complaints.models import Responsibility
from yinuo.complaints.rules.choices import DisciplineStep, ResponsibilityState
from yinuo.complaints.rules.people import proposed_step
from yinuo.identity.models import Staff
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Denied, Invalid, Missing, Refused
from yinuo.kernel.events import emit


@command("complaint.propose_responsibility", needs="complaint.supervise")
def propose_responsibility(*, complaint_id: int, staff_id: int, fault: str, by: Actor, at: datetime) -> Responsibility:
    """Name who answers for the fault. The step follows from that person's earlier decided cases: 1st warning, 2nd
    penalty, 3rd dismissal proposed.
    """
    person = Staff.objects.select_for_update(no_key=True, of=("self",)).filter(pk=staff_id).first()
    row = locked(complaint_id)
    if person is None:
        raise Invalid(_("没有这位员工"), fields={"staff_id": _("没有这位员工")})
    mine = Responsibility.unscoped.filter(staff=person)
    if mine.filter(complaint=row).exclude(state=ResponsibilityState.CLEARED).exists():
        raise Refused(_("这件投诉已对%(name)s提出责任认定") % {"name": person.name})
    before = _decided(person.pk)
    made: Responsibility = Responsibility.unscoped.create(
        complaint=row, staff=person, fault=require_text(fault, "fault", _("请写明过错事实")), decided_before=before,
        proposed_step=proposed_step(before), at=at, by_id=by.staff_id,
    )  # fmt: skip
    emit("complaint.responsibility_proposed", topics=[f"matter:{row.pk}"], matter_id=row.pk, responsibility_id=made.pk)
    record(made, {"staff": person.pk, "step": made.proposed_step, "before": before}, matter_id=row.pk)
    return made


@command("complaint.decide_responsibility", needs="complaint.responsibility")
def decide_responsibility(
    *, responsibility_id: int, step: str, decision: str, by: Actor, at: datetime
) -> Responsibility:
    """The person decides: a step of the ladder, or "" for 不予追究. Nobody decides about themselves. What is kept as
    advised is what the ladder says now: another case of this person may have been decided since it was proposed.
    """
    # the person before the row, as a proposal locks them: two decisions about one person follow each other
    named = Responsibility.objects.filter(pk=responsibility_id).values("staff_id")
    list(Staff.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=named).values_list("pk", flat=True))
    made = Responsibility.objects.filter(pk=responsibility_id).select_for_update(no_key=True, of=("self",)).first()
    if made is None:
        raise Missing(_("没有这份责任认定，或您无权查看"))
    if made.state != ResponsibilityState.PROPOSED:
        raise Refused(_("这份责任认定已有决定"), code="decided")
    if by.staff_id is None or by.staff_id == made.staff_id:
        raise Denied(_("不能决定自己的责任"))
    if step and step not in DisciplineStep.values:
        raise Invalid(_("请选择处理方式"), fields={"step": _("请选择处理方式")})
    made.step, made.decision = step, require_text(decision, "decision", _("请写明决定的理由"))
    made.state = ResponsibilityState.DECIDED if step else ResponsibilityState.CLEARED
    made.decided_by_id, made.decided_at = by.staff_id, at
    made.decided_before = _decided(made.staff_id)
    made.proposed_step = proposed_step(made.decided_before)
    made.save()
    emit("complaint.responsibility_decided", topics=[f"staff:{made.staff_id}"], matter_id=made.complaint_id,
         responsibility_id=made.pk)  # fmt: skip
    record(made, {"step": step, "state": made.state, "before": made.decided_before}, matter_id=made.complaint_id)
    return made


def _decided(staff_id: int) -> int:
    """The cases in which this person was found to answer for a fault."""
    found: int = Responsibility.unscoped.filter(staff=staff_id, state=ResponsibilityState.DECIDED).count()
    return found
