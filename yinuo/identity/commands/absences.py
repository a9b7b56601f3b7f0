"""Being away: from when to when, and who decides meanwhile."""

from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from yinuo.identity.models import Absence, Staff
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.clock import CST
from yinuo.kernel.command import command
from yinuo.kernel.errors import Denied, Invalid, Missing, Refused
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_line

LONGEST = timedelta(days=366)


@command("staff.set_absence", needs="self.use")
def set_absence(
    *, staff_id: int, substitute_id: int | None, starts_on: date, ends_on: date, note: str = "", by: Actor,
    at: datetime,
) -> Absence:  # fmt: skip
    """One's own absence; somebody else's only with the grant to manage staff."""
    _check_whose(staff_id, by)
    staff = Staff.objects.select_for_update(no_key=True, of=("self",)).filter(pk=staff_id, is_active=True).first()
    if staff is None:
        raise Missing(_("没有这位员工"))
    wrong = _wrong_days(starts_on, ends_on, at)
    substitute = Staff.objects.filter(pk=substitute_id or 0, is_active=True).first()
    if substitute is None or substitute.pk == staff.pk:
        wrong["substitute_id"] = _("请选择一位在岗的同事代审批")
    elif _decides(staff) and not _decides(substitute):
        wrong["substitute_id"] = _("%(name)s没有审批权限，不能代审批") % {"name": substitute.name}
    if wrong or substitute is None:
        raise Invalid(_("请假没有填对"), fields=wrong)
    meanwhile = Absence.objects.filter(canceled_at=None, starts_on__lte=ends_on, ends_on__gte=starts_on)
    if meanwhile.filter(staff=staff).exists():
        raise Refused(_("这段时间已经登记过不在岗，请先取消原来的"), code="overlaps")
    if meanwhile.filter(staff=substitute).exists():
        sentence = _("%(name)s在这段时间也不在岗，请另选一位") % {"name": substitute.name}
        raise Invalid(sentence, fields={"substitute_id": sentence})
    made = Absence.objects.create(
        staff=staff, substitute=substitute, starts_on=starts_on, ends_on=ends_on, note=clean_line(note, 120),
        set_by_id=by.staff_id, created_at=at,
    )  # fmt: skip
    record(made, {"staff": staff.pk, "substitute": substitute.pk, "from": str(starts_on), "to": str(ends_on)})
    emit("staff.absence_changed", topics=["approvals", f"staff:{staff.pk}", f"staff:{substitute.pk}"])
    return made


@command("staff.cancel_absence", needs="self.use")
def cancel_absence(*, absence_id: int, by: Actor, at: datetime) -> Absence:
    """Back earlier, or not going after all: from now on one decides oneself."""
    made = Absence.objects.select_for_update(no_key=True).filter(pk=absence_id, canceled_at=None).first()
    if made is None:
        raise Missing(_("没有这次不在岗登记"))
    _check_whose(made.staff_id, by)
    made.canceled_at = at
    made.save(update_fields=["canceled_at"])
    record(made, {"staff": made.staff_id})
    emit("staff.absence_changed", topics=["approvals", f"staff:{made.staff_id}", f"staff:{made.substitute_id}"])
    return made


def _check_whose(staff_id: int, by: Actor) -> None:
    if staff_id != by.staff_id and not by.may("staff.manage"):
        raise Denied(_("只能登记自己的不在岗时间"))


def _wrong_days(starts_on: date, ends_on: date, at: datetime) -> dict[str, str]:
    today = at.astimezone(CST).date()
    if ends_on < starts_on:
        return {"ends_on": _("结束日期不能早于开始日期")}
    if ends_on < today:
        return {"ends_on": _("日期已经过去")}
    if starts_on > today + LONGEST or ends_on - starts_on > LONGEST:
        return {"ends_on": _("最多登记今后一年之内、不超过一年的时间")}
    return {}


def _decides(staff: Staff) -> bool:
    return staff.roles.filter(grants__contains=["approval.decide"]).exists()
