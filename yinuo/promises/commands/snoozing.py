"""Putting a row of one's day aside until a time, and taking it up again. No deadline moves."""

from datetime import datetime

from django.utils.translation import gettext as _

from yinuo.calendars.wording import moment_text
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_line
from yinuo.matters.commands import add_entry, locked_task, may_complete
from yinuo.matters.models import Task
from yinuo.promises.commands.announcing import announce
from yinuo.promises.commands.locking import locked_promise
from yinuo.promises.commands.telling import note as tell
from yinuo.promises.commands.telling import topics_of
from yinuo.promises.models import Promise, Snooze
from yinuo.promises.rules.snoozing import FURTHEST, latest
from yinuo.promises.states import State


@command("promise.snooze", needs="promise.handle")
def snooze_promise(
    *, promise_id: int, reason: str, note: str = "", until: datetime | None = None, by: Actor, at: datetime
) -> Snooze:
    """Put what one owes aside until a time, at the latest until its first warning; without `until`, until then. The row
    comes back by itself. `reason`: customer, department, goods, appointment or other; other needs a `note`.
    """
    promise = locked_promise(promise_id)
    said = _checked(reason, note)
    announce([promise], by=by, at=at)
    _check_mine(promise, by)
    furthest = _furthest(promise, at)
    kept, _made = Snooze.unscoped.update_or_create(
        staff_id=by.staff_key, promise=promise,
        defaults={
            "until": _checked_until(until, furthest, at), "due_at": promise.due_at, "reason": reason, "note": said,
            "made_at": at,
        },
    )  # fmt: skip
    tell(promise, "snoozed", _told(promise.title, kept, by), by=by, at=at)
    record(promise, {"until": kept.until.isoformat(), "reason": reason}, matter_id=promise.matter_id)
    emit("promise.snoozed", topics=topics_of(promise, by.staff_id), promise_id=promise.pk, matter_id=promise.matter_id)
    return kept


@command("promise.unsnooze", needs="promise.handle")
def unsnooze_promise(*, promise_id: int, by: Actor, at: datetime) -> Promise:
    """Take it up again before its time."""
    promise = locked_promise(promise_id)
    gone, _rows = Snooze.unscoped.filter(staff_id=by.staff_key, promise=promise).delete()
    if not gone:
        raise Missing(_("您没有搁置这件事"))
    text = _("%(name)s 取消搁置承诺“%(title)s”") % {"name": by.name, "title": promise.title}
    tell(promise, "unsnoozed", text, by=by, at=at)
    record(promise, {"unsnoozed": True}, matter_id=promise.matter_id)
    emit("promise.snoozed", topics=topics_of(promise, by.staff_id), promise_id=promise.pk, matter_id=promise.matter_id)
    return promise


@command("task.snooze", needs="task.complete")
def snooze_task(
    *, task_id: int, reason: str, note: str = "", until: datetime | None = None, by: Actor, at: datetime
) -> Snooze:
    """As `snooze_promise`, for a task no promise stands for: thirty days at most."""
    task = locked_task(task_id, None)
    said = _checked(reason, note)
    if not may_complete(task, by):
        raise Refused(_("只能搁置自己名下的事"))
    if Promise.unscoped.filter(task=task, outstanding=True).exists():
        raise Refused(_("这个任务有承诺，请搁置它的承诺"))
    kept, _made = Snooze.unscoped.update_or_create(
        staff_id=by.staff_key, task=task,
        defaults={
            "until": _checked_until(until, at + FURTHEST, at), "due_at": None, "reason": reason, "note": said,
            "made_at": at,
        },
    )  # fmt: skip
    add_entry(matter=task.matter, kind="task_snoozed", task=task, text=_told(task.title, kept, by), by=by, at=at)
    _tell_task(task, by)
    return kept


@command("task.unsnooze", needs="task.complete")
def unsnooze_task(*, task_id: int, by: Actor, at: datetime) -> Task:
    """Take it up again before its time."""
    task: Task = locked_task(task_id, None)
    gone, _rows = Snooze.unscoped.filter(staff_id=by.staff_key, task=task).delete()
    if not gone:
        raise Missing(_("您没有搁置这件事"))
    text = _("%(name)s 取消搁置任务“%(title)s”") % {"name": by.name, "title": task.title}
    add_entry(matter=task.matter, kind="task_unsnoozed", task=task, text=text, by=by, at=at)
    _tell_task(task, by)
    return task


def _tell_task(task: Task, by: Actor) -> None:
    topics = ["tasks", *([f"staff:{by.staff_id}"] if by.staff_id else [])]
    emit("task.snoozed", topics=topics, task_id=task.pk, matter_id=task.matter_id)


def _checked(reason: str, note: str) -> str:
    said = clean_line(note, 200)
    if reason not in Snooze.Reason.values:
        raise Invalid(_("请选择搁置的原因"), fields={"reason": _("请选择搁置的原因")})
    if reason == Snooze.Reason.OTHER and not said:
        raise Invalid(_("请写明搁置的原因"), fields={"note": _("选“其他”时请写明原因")})
    return said


def _check_mine(promise: Promise, by: Actor) -> None:
    """One puts aside what one owes, or what one's unit owes with nobody named."""
    own = promise.owner_id == by.staff_id or (promise.owner_id is None and promise.unit_id == by.unit_id)
    asked = promise.task is not None and promise.task.assignee_id == by.staff_id
    if by.staff_id is None or not (own or asked):
        raise Refused(_("只能搁置自己名下的事"))


def _furthest(promise: Promise, at: datetime) -> datetime:
    if promise.state == State.PAUSED:
        raise Refused(_("这项承诺已经暂停计时，不用搁置"))
    if promise.state != State.OPEN or promise.due_at <= at:
        raise Refused(_("已经超期或已经了结，不能搁置"))
    furthest = latest(promise.points, promise.starts_at, promise.due_at)
    if promise.warned or furthest <= at:
        raise Refused(_("已经到了提醒的时候，不能再搁置；%(due)s 到期") % {"due": moment_text(promise.due_at)})
    return furthest


def _checked_until(until: datetime | None, furthest: datetime, at: datetime) -> datetime:
    if until is None:
        return furthest
    if until <= at:
        raise Invalid(_("搁置到的时间已经过去"), fields={"until": _("请选择将来的时间")})
    if until > furthest:
        sentence = _("最晚只能搁置到 %(moment)s，那时要提醒了") % {"moment": moment_text(furthest)}
        raise Invalid(sentence, fields={"until": sentence})
    return until


def _told(title: str, kept: Snooze, by: Actor) -> str:
    values = {"name": by.name, "title": title, "until": moment_text(kept.until), "why": kept.why}
    return _("%(name)s 把“%(title)s”搁置到 %(until)s：%(why)s") % values
