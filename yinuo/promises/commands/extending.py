"""An extension: asked for by the standard's steps, approved, the customer told, and only then the new time holds.

What was approved is kept to when the standard changes meanwhile, as extensions already in force are. Where it means
nothing any more it lapses, and whoever asked hears why.
"""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from yinuo.calendars.queries import current_book
from yinuo.calendars.spans import Span
from yinuo.calendars.wording import moment_text, span_text
from yinuo.conversations.commands import reply_to
from yinuo.conversations.models import TELLS_ITSELF
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_line
from yinuo.promises.commands.announcing import announce
from yinuo.promises.commands.changing import asker, locked_change, open_request, tell_request
from yinuo.promises.commands.locking import check_move
from yinuo.promises.commands.personal import check_due
from yinuo.promises.commands.telling import note, topics_of, wake_clock
from yinuo.promises.commands.timing import TIMES, announced, calendar_of, kinds, retime
from yinuo.promises.models import Promise, PromiseChange
from yinuo.promises.rules.moments import Reckoned, agreed_sentence, reckon
from yinuo.promises.states import State
from yinuo.promises.wording import extension_notice, overtaken_text
from yinuo.wording.commands import check_wording


@command("promise.request_extension", needs="promise.handle")
def request_extension(
    *, promise_id: int, reason: str, amount: Decimal | None = None, due_at: datetime | None = None,
    expected_version: int | None = None, by: Actor, at: datetime,
) -> PromiseChange:  # fmt: skip
    """Ask for more time: the standard's next step (`amount` days or hours in all), or, for a personal promise, a
    new time. Nothing moves until it is approved and the customer has been told.
    """
    promise, why = open_request(promise_id, reason, expected_version, by, at)
    check_move(promise, "extend")
    check_wording(why, field="reason", by=by, at=at)  # the customer reads it once the extension is agreed to
    total = _next_amount(promise, amount)
    if total is None and (due_at is None or due_at <= promise.due_at or check_due(due_at, at)):
        sentence = _("请选择晚于原时限、两年以内的新时间")
        raise Invalid(sentence, fields={"due_at": sentence})
    due = _reckoned(promise, total, due_at)
    change = PromiseChange.unscoped.create(
        promise=promise, kind=PromiseChange.Kind.EXTENSION, reason=why, old_due_at=promise.due_at,
        new_due_at=due.due_at, new_amount=total, clock=promise.clock, explanation=due.explanation,
        requested_by_id=by.staff_id, requested_at=at,
    )  # fmt: skip
    tell_request(change, _("申请将承诺“%(title)s”延期至 %(due)s：%(why)s"), by, at)
    return change


@command("promise.apply_extension", internal=True)
def apply_extension(*, change_id: int, by: Actor, at: datetime) -> PromiseChange:
    """Approved. Where our channel reaches the customer they are told at once and the new time holds; otherwise the
    handler tells them first (`tell_extension`).
    """
    change = locked_change(change_id, PromiseChange.State.PENDING)
    promise = change.promise
    change.state, change.decided_at = PromiseChange.State.APPROVED, at
    change.save(update_fields=["state", "decided_at"])
    record(change, {"approved": True}, matter_id=promise.matter_id)
    if _lapsed(change, by, at):
        return change
    thread = promise.matter.conversation if promise.matter else promise.conversation
    if thread is None or thread.channel not in TELLS_ITSELF:
        said = _("延期已获同意，请先告知客户，新时限方可生效")
        note(promise, "to_tell", said, told=asker(change), by=by, at=at)
        emit("promise.customer_to_be_told", topics=topics_of(promise), change_id=change.pk, promise_id=promise.pk)
        return change
    due = _agreed(change)
    text = extension_notice(promise, change.reason, due.due_at)
    change.told_by = reply_to(conversation=thread, text=text, kind="information", by=by, at=at)
    _apply(change, due, _("已发送通知"), by, at)
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
    change = locked_change(change_id, PromiseChange.State.APPROVED)
    if not _lapsed(change, by, at):
        _apply(change, _agreed(change), said, by, at)
    return change


def lapse_overtaken(standard_key: str, by: Actor, at: datetime) -> None:
    """A standard has changed: approved extensions nobody told the customer about yet, and which mean nothing under the
    new version, end before somebody tells them. The matters of all running promises of the standard are locked.
    """
    waiting = PromiseChange.unscoped.filter(
        promise__standard__key=standard_key, promise__state__in=[State.OPEN, State.PAUSED],
        state=PromiseChange.State.APPROVED, kind=PromiseChange.Kind.EXTENSION,
    )  # fmt: skip
    for number in waiting.order_by("promise_id").values_list("pk", flat=True):
        _lapsed(locked_change(number, PromiseChange.State.APPROVED), by, at)


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


def _agreed(change: PromiseChange) -> Reckoned:
    return _reckoned(change.promise, change.new_amount, change.new_due_at)


def _reckoned(promise: Promise, total: Decimal | None, due_at: datetime | None) -> Reckoned:
    """Where `total` days or hours in all lead; or the time a person named."""
    calendar, span = calendar_of(promise, current_book()), promise.span
    if total is not None and span is not None:
        longer = Span(span.kind, span.length + Span.of(span.kind, total - promise.amount).length)
        opening = promise.opening(kinds(announced([promise.pk])[promise.pk]), extended=True)
        return reckon(calendar, promise.starts_at, longer, opening)
    named = due_at or promise.due_at
    return Reckoned(named, agreed_sentence(promise.made_at, named), False, calendar.assuming_plain_weeks())


def _lapsed(change: PromiseChange, by: Actor, at: datetime) -> bool:
    """Whether there is nothing to extend any more: the promise ended or broke while the request was on its way, or a
    new version of its standard counts otherwise, or gives as much by itself.
    """
    promise = change.promise
    announce([promise], by=by, at=at)
    if promise.state in (State.OPEN, State.PAUSED):
        said = overtaken_text(promise, change)
    else:
        values = {"title": promise.title, "state": promise.get_state_display()}
        said = _("延期未生效：承诺“%(title)s”%(state)s") % values
    if not said:
        return False
    change.state = PromiseChange.State.LAPSED
    change.save(update_fields=["state"])
    note(promise, "lapsed", said, told=asker(change), by=by, at=at)
    record(change, {"lapsed": True}, matter_id=promise.matter_id)
    return True


def _apply(change: PromiseChange, due: Reckoned, told_how: str, by: Actor, at: datetime) -> None:
    promise = change.promise
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
    note(promise, "extended", said, told=asker(change), by=by, at=at)
    record(promise, {"due_at": promise.due_at.isoformat()}, matter_id=promise.matter_id)
    emit("promise.extended", topics=topics_of(promise), promise_id=promise.pk, matter_id=promise.matter_id)
    wake_clock([promise], at)
