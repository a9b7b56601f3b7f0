"""Extension and waiver as transactions: reason, approval, the customer told, and only then the change."""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from yinuo.calendars.queries import current_book
from yinuo.calendars.spans import Span
from yinuo.calendars.wording import moment_text, span_text
from yinuo.conversations.commands import reply_to
from yinuo.identity.models import Staff
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_line
from yinuo.promises.commands.announcing import announce
from yinuo.promises.commands.locking import check_move, lock_about, locked_promise
from yinuo.promises.commands.personal import check_due
from yinuo.promises.commands.telling import note, topics_of, wake_clock
from yinuo.promises.commands.timing import TIMES, calendar_of, retime
from yinuo.promises.models import Promise, PromiseChange
from yinuo.promises.rules.moments import Reckoned, agreed_sentence, reckon
from yinuo.promises.states import State, may
from yinuo.promises.wording import extension_notice

TELLS_ITSELF = ("email", "portal")  # channels on which a queued reply reaches the customer


@command("promise.request_extension", needs="promise.handle")
def request_extension(
    *, promise_id: int, reason: str, amount: Decimal | None = None, due_at: datetime | None = None,
    expected_version: int | None = None, by: Actor, at: datetime,
) -> PromiseChange:  # fmt: skip
    """Ask for more time: the standard's next step (`amount` days or hours in all), or, for a personal promise, a
    new time. Nothing moves until it is approved and the customer has been told.
    """
    promise, why = _open_request(promise_id, reason, expected_version, by, at)
    check_move(promise, "extend")
    due = _reckon_extension(promise, amount, due_at, at)
    change = PromiseChange.unscoped.create(
        promise=promise, kind=PromiseChange.Kind.EXTENSION, reason=why, old_due_at=promise.due_at,
        new_due_at=due.due_at, new_amount=_next_amount(promise, amount), explanation=due.explanation,
        requested_by_id=by.staff_id, requested_at=at,
    )  # fmt: skip
    _tell_request(change, _("申请将承诺“%(title)s”延期至 %(due)s：%(why)s"), by, at)
    return change


@command("promise.request_waiver", needs="promise.handle")
def request_waiver(
    *, promise_id: int, reason: str, expected_version: int | None = None, by: Actor, at: datetime
) -> PromiseChange:
    """Ask to be released from a promise; needs approval like an extension."""
    promise, why = _open_request(promise_id, reason, expected_version, by, at)
    check_move(promise, "waive")
    change = PromiseChange.unscoped.create(
        promise=promise, kind=PromiseChange.Kind.WAIVER, reason=why, old_due_at=promise.due_at,
        requested_by_id=by.staff_id, requested_at=at,
    )  # fmt: skip
    _tell_request(change, _("申请豁免承诺“%(title)s”：%(why)s"), by, at)
    return change


@command("promise.reject_change", internal=True)
def reject_change(*, change_id: int, comment: str = "", by: Actor, at: datetime) -> PromiseChange:
    change = _locked_change(change_id, PromiseChange.State.PENDING)
    change.state, change.decided_at = PromiseChange.State.REJECTED, at
    change.save(update_fields=["state", "decided_at"])
    values = {"what": change.get_kind_display(), "title": change.promise.title, "why": clean_line(comment[:200], 200)}
    said = _("%(what)s未获同意：“%(title)s” %(why)s") % values
    note(change.promise, "refused", said, told=_asker(change), by=by, at=at)
    record(change, {"approved": False}, matter_id=change.promise.matter_id)
    return change


@command("promise.apply_extension", internal=True)
def apply_extension(*, change_id: int, by: Actor, at: datetime) -> PromiseChange:
    """Approved. Where our channel reaches the customer they are told at once and the new time holds; otherwise the
    handler tells them first (`tell_extension`).
    """
    change = _locked_change(change_id, PromiseChange.State.PENDING)
    promise = change.promise
    change.state, change.decided_at = PromiseChange.State.APPROVED, at
    change.save(update_fields=["state", "decided_at"])
    record(change, {"approved": True}, matter_id=promise.matter_id)
    if _lapsed(change, by, at):
        return change
    thread = promise.matter.conversation if promise.matter else promise.conversation
    if thread is None or thread.channel not in TELLS_ITSELF or change.new_due_at is None:
        said = _("延期已获同意，请先告知客户，新时限方可生效")
        note(promise, "to_tell", said, told=_asker(change), by=by, at=at)
        emit("promise.customer_to_be_told", topics=topics_of(promise), change_id=change.pk, promise_id=promise.pk)
        return change
    text = extension_notice(promise, change.reason, change.new_due_at)
    change.told_by = reply_to(conversation=thread, text=text, kind="information", by=by, at=at)
    _apply(change, _("已发送通知"), by, at)
    return change


@command("promise.tell_extension", needs="promise.handle")
def tell_extension(*, change_id: int, how: str, by: Actor, at: datetime) -> PromiseChange:
    """The handler has told the customer (by phone, in person); from now on the new time holds."""
    row = PromiseChange.objects.filter(pk=change_id).first()
    if row is None:
        raise Missing(_("没有这份申请，或您无权查看"))
    said = clean_line(how, 300)
    if not said:
        raise Invalid(_("请写明如何告知了客户"), fields={"how": _("请写明何时以何种方式告知了客户")})
    change = _locked_change(change_id, PromiseChange.State.APPROVED)
    if not _lapsed(change, by, at):
        _apply(change, said, by, at)
    return change


@command("promise.apply_waiver", internal=True)
def apply_waiver(*, change_id: int, by: Actor, at: datetime) -> PromiseChange:
    change = _locked_change(change_id, PromiseChange.State.PENDING)
    promise = change.promise
    announce([promise], by=by, at=at)
    change.decided_at = at
    if not (promise.outstanding and may("waive", promise.state)):
        change.state = PromiseChange.State.LAPSED
    else:
        change.state, change.applied_at = PromiseChange.State.APPLIED, at
        release(promise, _("经批准豁免承诺“%(title)s”：%(why)s"), change.reason, by, at, told=_asker(change))
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


def _open_request(
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


def _next_amount(promise: Promise, wanted: Decimal | None) -> Decimal | None:
    """The next step the standard allows, never past its longest; None for a promise whose time a person named."""
    if promise.span_seconds is None:
        return None
    steps = [step for step in promise.spec.extend_to if step > promise.amount]
    if not steps:
        longest = span_text(Span.of(promise.clock, promise.amount))
        raise Refused(_("按服务标准，这项承诺最长为%s，不能再延期") % longest, code="past_longest")
    amount = steps[0] if wanted is None else wanted
    if not promise.amount < amount <= steps[0] or (promise.clock_kind.in_days and amount % 1):
        sentence = _("这次最多可延长到 %s") % span_text(Span.of(promise.clock, steps[0]))
        raise Invalid(sentence, fields={"amount": sentence})
    return amount


def _reckon_extension(promise: Promise, amount: Decimal | None, due_at: datetime | None, at: datetime) -> Reckoned:
    book = current_book()
    calendar = calendar_of(promise, book)
    total = _next_amount(promise, amount)
    span = promise.span
    if total is not None and span is not None:
        longer = Span(span.kind, span.length + Span.of(span.kind, total - promise.amount).length)
        return reckon(calendar, promise.starts_at, longer, _("经批准延期，"))
    if due_at is None or due_at <= promise.due_at or check_due(due_at, at):
        sentence = _("请选择晚于原时限、两年以内的新时间")
        raise Invalid(sentence, fields={"due_at": sentence})
    return Reckoned(due_at, agreed_sentence(promise.made_at, due_at), False, calendar.assuming_plain_weeks())


def _lapsed(change: PromiseChange, by: Actor, at: datetime) -> bool:
    """Whether the promise ended or broke while the request was on its way: then there is nothing to extend."""
    announce([change.promise], by=by, at=at)
    if change.promise.state in (State.OPEN, State.PAUSED):
        return False
    change.state = PromiseChange.State.LAPSED
    change.save(update_fields=["state"])
    values = {"title": change.promise.title, "state": change.promise.get_state_display()}
    said = _("延期未生效：承诺“%(title)s”%(state)s") % values
    note(change.promise, "lapsed", said, told=_asker(change), by=by, at=at)
    record(change, {"lapsed": True}, matter_id=change.promise.matter_id)
    return True


def _apply(change: PromiseChange, told_how: str, by: Actor, at: datetime) -> None:
    promise = change.promise
    due = _reckon_extension(promise, change.new_amount, change.new_due_at, at)
    if change.new_amount is not None and promise.span_seconds is not None:
        more = int(Span.of(promise.clock, change.new_amount - promise.amount).length.total_seconds())
        promise.span_seconds += more
        promise.amount = change.new_amount
        if promise.remaining_seconds is not None:
            promise.remaining_seconds += more
    retime(promise, due, current_book(), warn_anew=True)
    promise.version += 1
    promise.save(update_fields=[*TIMES, "version"])
    change.state, change.applied_at, change.told_at, change.told_how = PromiseChange.State.APPLIED, at, at, told_how
    change.new_due_at, change.explanation = promise.due_at, promise.explanation
    change.save()
    values = {"title": promise.title, "due": moment_text(promise.due_at), "how": told_how}
    said = _("承诺“%(title)s”延期至 %(due)s，已告知客户：%(how)s") % values
    note(promise, "extended", said, told=_asker(change), by=by, at=at)
    record(promise, {"due_at": promise.due_at.isoformat()}, matter_id=promise.matter_id)
    emit("promise.extended", topics=topics_of(promise), promise_id=promise.pk, matter_id=promise.matter_id)
    wake_clock([promise], at)


def _asker(change: PromiseChange) -> Staff | None:
    """Who asked hears how it went."""
    return change.requested_by or change.promise.owner


def _tell_request(change: PromiseChange, pattern: str, by: Actor, at: datetime) -> None:
    promise = change.promise
    due = moment_text(change.new_due_at) if change.new_due_at else ""
    text = pattern % {"title": promise.title, "due": due, "why": change.reason}
    note(promise, "requested", text, by=by, at=at)
    record(change, {"kind": change.kind, "reason": change.reason}, matter_id=promise.matter_id)
    emit(
        "promise.change_requested", topics=topics_of(promise), change_id=change.pk, kind=change.kind, title=text[:200],
        promise_id=promise.pk, matter_id=promise.matter_id, reason=change.reason,
    )  # fmt: skip


def _locked_change(change_id: int, state: str) -> PromiseChange:
    about = PromiseChange.unscoped.filter(pk=change_id)
    lock_about(about.values_list("promise__matter_id", "promise__conversation_id"))
    rows = PromiseChange.unscoped.select_related("promise__matter__conversation", "promise__standard", "promise__unit")
    change = rows.select_for_update(no_key=True, of=("promise", "self")).filter(pk=change_id).first()
    if change is None:
        raise Missing(_("没有这份申请"))
    if change.state != state:
        raise Refused(_("这份申请%(state)s，不能进行此操作") % {"state": change.get_state_display()})
    return change
