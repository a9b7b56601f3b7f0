"""定时报表: who gets the monthly report, and when; one of them at once."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any

from django.utils.translation import gettext as _

from yinuo.calendars.queries import current_book
from yinuo.identity.models import Staff, Unit
from yinuo.identity.queries import grants_of
from yinuo.insight.models import ReportMail, ReportPlan
from yinuo.insight.rules.schedule import following, month_before, next_sending
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import nothing_done, record
from yinuo.kernel.clock import CST
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused, Stale
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_line

MOST_RECIPIENTS = 50
#: A report later than this after its time says that it is late.
GRACE_SECONDS = 3600
#: So many by hand in a day.
BY_HAND = 10


@command("schedule.save", needs="report.export")
def save_plan(
    *, plan_id: int | None = None, title: str, recipient_ids: Sequence[int], unit_ids: Sequence[int] = (), day: int,
    hour: time, formats: Sequence[str], language: str = "", active: bool = True, expected_version: int | None = None,
    by: Actor, at: datetime,
) -> ReportPlan:  # fmt: skip
    """Make a schedule, or change one. What is already on its way goes as it was."""
    people = _people(recipient_ids)
    values = _checked(title, people, recipient_ids, unit_ids, day, formats, language)
    row = _locked(plan_id) if plan_id else ReportPlan(made_by_id=by.staff_id, created_at=at, version=0)
    if plan_id and expected_version is not None and row.version != expected_version:
        raise Stale(_("这个定时报表刚被别人改过"), current=row)
    for name, value in {**values, "hour": hour, "active": active}.items():
        setattr(row, name, value)
    row.next_at, row.month = next_sending(at, day, hour, _working_day())
    row.version += 1
    row.save()
    row.recipients.set(people)
    record(
        row,
        {"title": row.title, "to": sorted(p.pk for p in people), "next_at": row.next_at.isoformat(), "active": active},
    )
    return row


@command("schedule.delete", needs="report.export")
def delete_plan(*, plan_id: int, by: Actor, at: datetime) -> None:
    """With what it says about reports sent; the audit keeps that they were."""
    row = _locked(plan_id)
    record(row, {"title": row.title})
    row.delete()


@command("schedule.send_now", needs="report.export")
def send_now(*, plan_id: int, by: Actor, at: datetime) -> ReportMail:
    """The last whole month's report to oneself, at once: to see what the others will get."""
    row = _locked(plan_id)
    me = Staff.objects.filter(pk=by.staff_id or 0, is_active=True).first()
    if me is None or not me.email:
        raise Refused(_("您的账号没有登记邮箱，请先请管理员填写，再试发"))
    recent = ReportMail.unscoped.filter(staff=me, by_hand=True, queued_at__date=at.astimezone(CST).date())
    if recent.count() >= BY_HAND:
        raise Refused(_("今天已经试发 10 次，请明天再试"))
    mail = _mail(row, me, month_before(at.astimezone(CST).date()), at, at, by_hand=True)
    mail.save()
    record(row, {"mail": mail.pk, "by_hand": True})
    emit("report.queued", topics=[], mail_id=mail.pk)
    return mail


@command("schedule.issue", internal=True)
def issue_plan(*, plan_id: int, by: Actor, at: datetime) -> bool:
    """The time of a schedule has come: a report for each person, and on to the next month. Whoever comes second finds
    nothing to do; a month that was slept through is sent late and says so.
    """
    row = ReportPlan.unscoped.select_for_update(no_key=True).filter(pk=plan_id, active=True, next_at__lte=at).first()
    if row is None or row.next_at is None:
        nothing_done()
        return False
    late = (at - row.next_at).total_seconds() > GRACE_SECONDS
    made = [_mail(row, one, row.month, row.next_at, at, late=late) for one in row.recipients.order_by("pk")]
    ReportMail.unscoped.bulk_create(made, ignore_conflicts=True)
    about = row.month
    row.next_at, row.month = following(row.month, row.day, row.hour, _working_day())
    row.save(update_fields=["next_at", "month"])
    record(row, {"month": f"{about:%Y-%m}", "people": len(made), "late": late})
    return True


def _mail(
    plan: ReportPlan,
    to: Staff,
    month: date,
    planned: datetime,
    at: datetime,
    *,
    late: bool = False,
    by_hand: bool = False,
) -> ReportMail:
    return ReportMail(
        plan=plan, staff=to, month=month, planned_at=planned, queued_at=at, next_try_at=at, late=late, by_hand=by_hand,
        message_id=f"report.{plan.pk}.{to.pk}.{secrets.token_hex(10)}",
    )  # fmt: skip


def _working_day() -> Any:
    """Working days of the company, also of years whose holidays nobody has entered yet."""
    return current_book().calendar().assuming_plain_weeks().is_working


def _locked(plan_id: int) -> ReportPlan:
    if not ReportPlan.objects.filter(pk=plan_id).exists():
        raise Missing(_("没有这个定时报表，或您无权查看"))
    row: ReportPlan = ReportPlan.unscoped.select_for_update(no_key=True).get(pk=plan_id)
    return row


def _people(ids: Iterable[int]) -> list[Staff]:
    return list(Staff.objects.filter(pk__in=list(ids), is_active=True).prefetch_related("roles").order_by("pk"))


def _checked(
    title: str, people: list[Staff], asked: Sequence[int], unit_ids: Sequence[int], day: int, formats: Sequence[str],
    language: str,
) -> dict[str, Any]:  # fmt: skip
    wrong, clean = {}, clean_line(title, 80)
    if not clean:
        wrong["title"] = _("请填写名称，例如：每月服务月报")
    if not people or len(people) != len(set(asked)):
        wrong["recipient_ids"] = _("请选择收件人；已停用的同事不能收")
    elif len(people) > MOST_RECIPIENTS:
        wrong["recipient_ids"] = _("一份定时报表最多 50 位收件人")
    elif blind := [p.name for p in people if "report.read" not in grants_of(p)]:
        wrong["recipient_ids"] = _("%(names)s无权查看报表，不能收") % {"names": "、".join(blind[:5])}
    units = list(Unit.objects.filter(pk__in=list(unit_ids)).values_list("pk", flat=True))
    if len(units) != len(set(unit_ids)):
        wrong["unit_ids"] = _("所选部门已经不在了，请重新选择")
    if not 1 <= day <= 31:
        wrong["day"] = _("在 1 到 31 之间")
    known = [code for code, _label in ReportPlan.FORMATS if code in formats]
    if not known or len(known) != len(set(formats)):
        wrong["formats"] = _("请至少选一种附件")
    if language not in ReportPlan.Language.values:
        wrong["language"] = _("请选择语言")
    if wrong:
        raise Invalid(_("还有内容没有填对"), fields=wrong)
    return {"title": clean, "unit_ids": sorted(units), "day": day, "formats": known, "language": language}
