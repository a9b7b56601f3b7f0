"""Changing working time. One command; what it moves is shown first by `promises.queries`."""

from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from yinuo.calendars.book import CalendarChange, DayChange, Days, DaysChange, WeekChange, YearChange, runs, write_hours
from yinuo.calendars.models import CalendarVersion, DaySetting, KnownYear, WeekHours
from yinuo.calendars.rules import SpecialDay
from yinuo.calendars.wording import run_text
from yinuo.identity.models import Unit
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Stale
from yinuo.kernel.events import emit


@command("calendar.change", needs="calendar.edit")
def change_calendar(
    *, change: CalendarChange, expected_version: int | None = None, by: Actor, at: datetime
) -> CalendarVersion:
    """Apply one change as the newest version; refused when built on another than `expected_version`."""
    _take_turn(expected_version)
    unit = _unit(getattr(change, "unit_id", None))
    match change:
        case DayChange(unit_id, on, day):
            summary = _write_days(unit_id, ((on, day),))
        case DaysChange(unit_id, days):
            summary = _write_days(unit_id, days)
        case WeekChange():
            summary = _write_week(change)
        case YearChange():
            summary = _write_year(change, by, at)
    version = CalendarVersion.objects.create(
        at=at, by_name=by.name[:80], unit=unit, summary=summary[:200], data=_data(change)
    )
    record(version, {"summary": summary, **version.data})
    emit("calendar.changed", topics=["calendars"], version=version.pk, unit_id=unit.pk if unit else None)
    return version


def _take_turn(expected: int | None) -> None:
    """Changes queue up behind each other; one built on an older version is refused."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('calendars.change'))")
    newest = CalendarVersion.objects.order_by("-id").first()
    if expected is not None and expected != (newest.pk if newest else 0):
        raise Stale(_("工作日历刚被他人修改，请刷新后重试"), current=newest)


def _write_days(unit_id: int | None, days: Days) -> str:
    if not days:
        raise Invalid(_("没有要修改的日期"))
    _rows(DaySetting, unit_id).filter(on__in=[on for on, _day in days]).delete()
    DaySetting.objects.bulk_create([
        DaySetting(unit_id=unit_id, on=on, working=day.working, name=day.name, hours=write_hours(day.hours))
        for on, day in days if day
    ])  # fmt: skip
    return _("；").join(_said(*run) for run in runs(days))


def _said(first: date, last: date, day: SpecialDay | None) -> str:
    values = {"day": run_text(first, last), "name": day.name if day else ""}
    if day is None:
        return _("%(day)s恢复为法定安排") % values
    return (_("%(day)s上班 %(name)s") if day.working else _("%(day)s休息 %(name)s")) % values


def _write_week(change: WeekChange) -> str:
    _rows(WeekHours, change.unit_id).delete()
    if change.week is None:
        return _("营业时间恢复为上级设置")
    WeekHours.objects.create(
        unit_id=change.unit_id, week=[write_hours(day) for day in change.week.hours],
        open_on_holidays=change.week.open_on_holidays,
    )  # fmt: skip
    return _("修改每周营业时间")


def _write_year(change: YearChange, by: Actor, at: datetime) -> str:
    if not change.known:
        KnownYear.objects.filter(pk=change.year).delete()
        return _("%d 年节假日标记为未录入") % change.year
    KnownYear.objects.update_or_create(year=change.year, defaults={"by_name": by.name[:80], "at": at})
    return _("%d 年节假日已录入完毕") % change.year


def _rows(model: type[DaySetting] | type[WeekHours], unit_id: int | None) -> Any:
    return model.objects.filter(unit=None) if unit_id is None else model.objects.filter(unit_id=unit_id)


def _unit(unit_id: int | None) -> Unit | None:
    if unit_id is None:
        return None
    unit = Unit.objects.filter(pk=unit_id).first()
    if unit is None:
        raise Missing(_("没有这个部门"))
    return unit


def _data(change: CalendarChange) -> dict[str, Any]:
    match change:
        case DayChange(_unit_id, on, day):
            return {"on": on.isoformat(), "day": _detail(day)}
        case DaysChange(_unit_id, days):
            return {"days": [_run(*run) for run in runs(days)]}
        case WeekChange(_unit_id, week):
            return {"week": [write_hours(day) for day in week.hours] if week else None}
        case YearChange(year, known):
            return {"year": year, "known": known}


def _run(first: date, last: date, day: SpecialDay | None) -> dict[str, Any]:
    return {"on": first.isoformat(), "until": last.isoformat(), "day": _detail(day)}


def _detail(day: SpecialDay | None) -> dict[str, Any] | None:
    return {"working": day.working, "name": day.name, "hours": write_hours(day.hours)} if day else None
