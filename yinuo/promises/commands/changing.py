"""Changing a promise as a transaction: reason, approval, and only then the change. Extensions: `extending.py`."""

from datetime import datetime

from django.utils.translation import gettext as _

from yinuo.calendars.wording import moment_text
from yinuo.identity.models import Staff
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_line
from yinuo.promises.commands.announcing import announce
from yinuo.promises.commands.locking import check_move, lock_about, locked_promise
from yinuo.promises.commands.telling import note, topics_of
from yinuo.promises.models import Promise, PromiseChange
from yinuo.promises.states import may


@command("promise.request_waiver", needs="promise.handle")
def request_waiver(
    *, promise_id: int, reason: str, expected_version: int | None = None, by: Actor, at: datetime
) -> PromiseChange:
    """Ask to be released from a promise; needs approval like an extension."""
    promise, why = open_request(promise_id, reason, expected_version, by, at)
    check_move(promise, "waive")
    change = PromiseChange.unscoped.create(
        promise=promise, kind=PromiseChange.Kind.WAIVER, reason=why, old_due_at=promise.due_at,
        requested_by_id=by.staff_id, requested_at=at,
    )  # fmt: skip
    tell_request(change, _("申请豁免承诺“%(title)s”：%(why)s"), by, at)
    return change


@command("promise.reject_change", internal=True)
def reject_change(*, change_id: int, comment: str = "", by: Actor, at: datetime) -> PromiseChange:
    change = locked_change(change_id, PromiseChange.State.PENDING)
    change.state, change.decided_at = PromiseChange.State.REJECTED, at
    change.save(update_fields=["state", "decided_at"])
    values = {"what": change.get_kind_display(), "title": change.promise.title, "why": clean_line(comment[:200], 200)}
    said = _("%(what)s未获同意：“%(title)s” %(why)s") % values
    note(change.promise, "refused", said, told=asker(change), by=by, at=at)
    record(change, {"approved": False}, matter_id=change.promise.matter_id)
    return change


@command("promise.apply_waiver", internal=True)
def apply_waiver(*, change_id: int, by: Actor, at: datetime) -> PromiseChange:
    change = locked_change(change_id, PromiseChange.State.PENDING)
    promise = change.promise
    announce([promise], by=by, at=at)
    change.decided_at = at
    if not (promise.outstanding and may("waive", promise.state)):
        change.state = PromiseChange.State.LAPSED
    else:
        change.state, change.applied_at = PromiseChange.State.APPLIED, at
        release(promise, _("经批准豁免承诺“%(title)s”：%(why)s"), change.reason, by, at, told=asker(change))
    change.save(update_fields=["state", "decided_at", "applied_at"])
    record(change, {"approved": True, "state": change.state}, matter_id=promise.matter_id)
    return change


def release(promise: Promise, pattern: str, why: str, by: Actor, at: datetime, told: Staff | None = None) -> None:
    """Nothing is owed any more; the promise is locked and up to date."""
    promise.state, promise.outstanding, promise.wakes_at = Promise.States.WAIVED, False, None
    promise.paused_at = promise.remaining_seconds = None
    promise.version += 1
    promise.save(update_fields=["state", "outstanding", "wakes_at", "paused_at", "remaining_seconds", "version"])
    note(promise, "waived", pattern % {"title": promise.title, "why": why}, told=told, by=by, at=at)
    record(promise, {"reason": why}, matter_id=promise.matter_id)
    emit("promise.waived", topics=topics_of(promise), promise_id=promise.pk, matter_id=promise.matter_id)


def open_request(
    promise_id: int, reason: str, expected_version: int | None, by: Actor, at: datetime
) -> tuple[Promise, str]:
    promise = locked_promise(promise_id, expected_version)
    why = clean_line(reason, 500)
    if not why:
        raise Invalid(_("请说明理由"), fields={"reason": _("请说明理由")})
    announce([promise], by=by, at=at)
    if PromiseChange.unscoped.filter(promise=promise, state__in=["pending", "approved"]).exists():
        raise Refused(_("这项承诺已有一份申请在办"))
    return promise, why


def asker(change: PromiseChange) -> Staff | None:
    """Who asked hears how it went."""
    return change.requested_by or change.promise.owner


def tell_request(change: PromiseChange, pattern: str, by: Actor, at: datetime) -> None:
    promise = change.promise
    due = moment_text(change.new_due_at) if change.new_due_at else ""
    text = pattern % {"title": promise.title, "due": due, "why": change.reason}
    note(promise, "requested", text, by=by, at=at)
    record(change, {"kind": change.kind, "reason": change.reason}, matter_id=promise.matter_id)
    emit(
        "promise.change_requested", topics=topics_of(promise), change_id=change.pk, kind=change.kind, title=text[:200],
        promise_id=promise.pk, matter_id=promise.matter_id, reason=change.reason,
    )  # fmt: skip


def locked_change(change_id: int, state: str) -> PromiseChange:
    about = PromiseChange.unscoped.filter(pk=change_id)
    lock_about(about.values_list("promise__matter_id", "promise__conversation_id"))
    rows = PromiseChange.unscoped.select_related("promise__matter__conversation", "promise__standard", "promise__unit")
    change = rows.select_for_update(no_key=True, of=("promise", "self")).filter(pk=change_id).first()
    if change is None:
        raise Missing(_("没有这份申请"))
    if change.state != state:
        raise Refused(_("这份申请%(state)s，不能进行此操作") % {"state": change.get_state_display()})
    return change
