"""Ending sessions: one's own, all but this one, or (who manages staff) all of a person."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.db.models.functions import Least
from django.utils.translation import gettext as _

from yinuo.identity.models import EntryRules, Staff, StaffSession
from yinuo.identity.sessions import mark
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Stale

IDLE, ABSOLUTE = (5, 24 * 60), (1, 7 * 24)


def end_all(staff_id: int, *, keep: str = "") -> int:
    """End a person's sessions, all or all but the one of that mark; how many."""
    theirs = StaffSession.objects.filter(staff_id=staff_id).values_list("session_key", flat=True)
    gone = [key for key in theirs if mark(key) != keep]
    return StaffSession.objects.filter(pk__in=gone).delete()[0] if gone else 0


@command("staff.end_session", needs="self.use")
def end_session(*, session: str, by: Actor, at: datetime) -> Staff:
    """End one of one's own sessions."""
    me = Staff(pk=by.staff_key)
    theirs = StaffSession.objects.filter(staff=me).values_list("session_key", flat=True)
    key = next((key for key in theirs if mark(key) == session), None)
    if key is None:
        raise Missing(_("这次登录已经结束了"))
    StaffSession.objects.filter(pk=key).delete()
    record(me, {"session": session[:8]})
    return me


@command("staff.end_other_sessions", needs="self.use")
def end_other_sessions(*, keep: str, by: Actor, at: datetime) -> int:
    """End all of one's own sessions but the one this is asked from."""
    ended = end_all(by.staff_key, keep=keep)
    record(Staff(pk=by.staff_key), {"sessions": ended})
    return ended


@command("staff.end_sessions", needs="staff.manage")
def end_sessions(*, staff_id: int, by: Actor, at: datetime) -> int:
    """End all sessions of a person; they may sign in again."""
    staff = Staff.objects.filter(pk=staff_id).first()
    if staff is None:
        raise Missing(_("没有这位员工"))
    ended = end_all(staff.pk)
    record(staff, {"sessions": ended})
    return ended


@command("entry.set_lifetimes", needs="staff.manage")
def set_lifetimes(
    *, idle_minutes: int, absolute_hours: int, expected_version: int, by: Actor, at: datetime
) -> EntryRules:
    """How long somebody stays signed in, unused and at all. Sessions that are open end by it too."""
    wrong = {}
    if not IDLE[0] <= idle_minutes <= IDLE[1]:
        wrong["idle_minutes"] = _("请填 %(least)d 到 %(most)d 之间的整数") % {"least": IDLE[0], "most": IDLE[1]}
    if not ABSOLUTE[0] <= absolute_hours <= ABSOLUTE[1]:
        wrong["absolute_hours"] = _("请填 %(least)d 到 %(most)d 之间的整数") % {
            "least": ABSOLUTE[0],
            "most": ABSOLUTE[1],
        }
    if wrong:
        raise Invalid(_("登录时长没有填对"), fields=wrong)
    rules = locked_rules(expected_version)
    before = {"idle_minutes": rules.idle_minutes, "absolute_hours": rules.absolute_hours}
    rules.idle_minutes, rules.absolute_hours = idle_minutes, absolute_hours
    keep_rules(rules)
    _shorten(rules)
    record(rules, {"before": before, "after": {"idle_minutes": idle_minutes, "absolute_hours": absolute_hours}})
    return rules


def locked_rules(expected_version: int | None) -> EntryRules:
    """The one row, made if there is none yet, to oneself."""
    EntryRules.objects.bulk_create([EntryRules(pk=1)], ignore_conflicts=True)
    rules = EntryRules.objects.select_for_update(no_key=True).get(pk=1)
    if rules.version != expected_version:
        raise Stale(_("登录设置刚被别人改过"), current=rules)
    return rules


def keep_rules(rules: EntryRules) -> None:
    rules.version += 1
    rules.save()


def _shorten(rules: EntryRules) -> None:
    idle: Any = F("seen_at") + timedelta(minutes=rules.idle_minutes)
    absolute: Any = F("began_at") + timedelta(hours=rules.absolute_hours)
    StaffSession.objects.filter(staff__isnull=False, seen_at__isnull=False).update(
        expire_date=Least("expire_date", idle, absolute)
    )
