"""What a broken promise costs: computed by rule, decided by approval, paid as a task of the finance department."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import nothing_done, record
from yinuo.kernel.clock import CST
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused
from yinuo.kernel.events import emit
from yinuo.kernel.many import insert_many
from yinuo.kernel.single_write import new_row
from yinuo.kernel.text import clean_line
from yinuo.promises.commands.locking import lock_about
from yinuo.promises.commands.telling import note, note_all, topics_of
from yinuo.promises.models import Compensation, Promise, PromiseEvent
from yinuo.promises.queries.detail import apologies_beside
from yinuo.promises.rules.breach import Cost, compensation
from yinuo.promises.rules.standard import BreachKind
from yinuo.promises.wording import cost_text

NOBODY_APPROVES = "nobody_approves"


def propose_compensations(*, promises: Sequence[Promise], until: datetime, by: Actor, at: datetime) -> None:
    """Work out what is owed if the promises are fulfilled `until`, once for each."""
    costs = [(p, compensation(p.spec.breach, p.due_at, until, p.at_stake)) for p in promises]
    owed = [(p, cost) for p, cost in costs if cost]
    if not owed:
        return
    settled = set(Compensation.unscoped.filter(promise__in=promises).values_list("promise_id", flat=True))
    fresh = [(p, cost) for p, cost in owed if p.pk not in settled]
    if fresh:
        _propose(costs=fresh, by=by, at=at)


@command("promise.propose_compensation", internal=True)
def _propose(*, costs: Sequence[tuple[Promise, Cost]], by: Actor, at: datetime) -> list[Compensation]:
    rows = [
        new_row(
            Compensation, promise=promise, kind=cost.kind.value, late_days=cost.late_days, amount=cost.amount,
            capped=cost.capped, text=cost_text(cost), made_at=at,
        )
        for promise, cost in costs
    ]  # fmt: skip
    insert_many(rows)
    note_all("compensation", [(row.promise, row.text) for row in rows], by=by, at=at)
    for row in rows:
        amount = str(row.amount) if row.amount is not None else None
        record(row, {"kind": row.kind, "amount": amount, "late_days": row.late_days}, matter_id=row.promise.matter_id)
        _ask("promise.compensation_due", row)
    return rows


def _ask(event: str, row: Compensation) -> None:
    emit(
        event, topics=topics_of(row.promise), compensation_id=row.pk, promise_id=row.promise_id,
        matter_id=row.promise.matter_id, kind=row.kind, title=row.promise.title, text=row.text,
        amount=str(row.amount) if row.amount is not None else None,
    )  # fmt: skip


@command("promise.ask_compensation_again", internal=True)
def ask_compensation_again(*, compensation_id: int, by: Actor, at: datetime) -> Compensation:
    """Money nobody has been asked about yet, since there was nobody to ask: try once more."""
    row = _locked(compensation_id)
    nothing_done()  # what comes of asking is recorded where it happens
    if row.state == Compensation.State.PROPOSED and row.amount is not None:
        _ask("promise.compensation_waits", row)
    return row


@command("promise.nobody_approves", internal=True)
def tell_nobody_approves(*, compensation_id: int, why: str, by: Actor, at: datetime) -> Compensation:
    """Whoever owes the promise hears that its compensation could not be sent to approval: once a day, not more."""
    row = _locked(compensation_id)
    today = at.astimezone(CST).replace(hour=0, minute=0, second=0, microsecond=0)
    said = PromiseEvent.unscoped.filter(promise=row.promise, kind=NOBODY_APPROVES, at__gte=today)
    if said.exists():
        nothing_done()
        return row
    text = _("%(text)s。还没能送审：%(why)s") % {"text": row.text, "why": why}
    note(row.promise, NOBODY_APPROVES, text, told=row.promise.owner, by=by, at=at)
    record(row, {"nobody_approves": True}, matter_id=row.promise.matter_id)
    emit("promise.nobody_approves", topics=topics_of(row.promise), compensation_id=row.pk, promise_id=row.promise_id)
    return row


@command("promise.decide_compensation", internal=True)
def decide_compensation(*, compensation_id: int, approved: bool, by: Actor, at: datetime) -> Compensation:
    """What the approval decided; an approved one is then paid or given (`promise.compensation_approved`)."""
    row = _locked(compensation_id)
    if row.state != Compensation.State.PROPOSED:
        raise Refused(_("这笔赔付已经决定过"))
    row.state = Compensation.State.APPROVED if approved else Compensation.State.REJECTED
    row.decided_at = at
    row.save(update_fields=["state", "decided_at"])
    text = (_("同意：%s") if approved else _("未获同意：%s")) % row.text
    note(row.promise, "compensation_decided", text, by=by, at=at)
    record(row, {"approved": approved}, matter_id=row.promise.matter_id)
    if approved:
        emit(
            "promise.compensation_approved", topics=topics_of(row.promise), compensation_id=row.pk,
            promise_id=row.promise_id, matter_id=row.promise.matter_id, kind=row.kind, text=row.text,
        )  # fmt: skip
    return row


@command("promise.settle_compensation", internal=True)
def settle_compensation(
    *, compensation_id: int, task_id: int | None = None, settled: bool = True, by: Actor, at: datetime
) -> Compensation:
    """Name the task that pays (`settled=False`), or note that it has been done."""
    row = _locked(compensation_id)
    row.task_id = task_id or row.task_id
    if settled:
        row.state, row.settled_at = Compensation.State.SETTLED, at
        note(row.promise, "compensation_settled", _("已办理：%s") % row.text, by=by, at=at)
    row.save(update_fields=["task", "state", "settled_at"])
    record(row, {"task": task_id, "settled": settled}, matter_id=row.promise.matter_id)
    return row


@command("promise.make_good", needs="promise.handle")
def make_good(*, promise_id: int, text: str, others: bool = False, by: Actor, at: datetime) -> Compensation:
    """Note that we apologised, or gave the service free of charge; or that money, once approved, was paid where no
    task of the finance department does it. With `others`, the same words were for every apology owed in the case.
    """
    seen = Promise.objects.filter(pk=promise_id).exists()
    found = Compensation.unscoped.filter(promise_id=promise_id).values_list("pk").first() if seen else None
    if found is None:
        raise Missing(_("这项承诺没有需要补偿的"))
    said = clean_line(text, 300)
    if not said:
        raise Invalid(_("请写明如何向客户补偿的"), fields={"text": _("请写明如何向客户补偿的")})
    row = _locked(found[0])
    if row.state == Compensation.State.SETTLED:
        raise Refused(_("已经登记过了"))
    if row.kind == BreachKind.COMPENSATION and not row.to_pay_by_hand:
        raise Refused(_("赔付须经审批并由财务支付"))
    _made_good(row, said, by, at)
    if others and row.kind == BreachKind.APOLOGY:
        for other in apologies_beside(row.promise).order_by("pk"):
            _made_good(_locked(other.pk), said, by, at)
    return row


def _made_good(row: Compensation, said: str, by: Actor, at: datetime) -> None:
    row.state, row.settled_at, row.text = Compensation.State.SETTLED, at, f"{row.text}：{said}"[:300]
    row.save(update_fields=["state", "settled_at", "text"])
    note(row.promise, "made_good", row.text, by=by, at=at)
    record(row, {"text": said}, matter_id=row.promise.matter_id)


@command("promise.remind_to_pay", internal=True)
def remind_to_pay(*, compensation_id: int, by: Actor, at: datetime) -> Compensation:
    """Nobody could be given the payment as a task: whoever owed the promise is told to see to it and to note it."""
    row = _locked(compensation_id)
    text = _("%(text)s。已获同意，请安排支付，付后在这项承诺里登记") % {"text": row.text}
    note(row.promise, "to_pay", text, told=row.promise.owner, by=by, at=at)
    record(row, {"to_pay": True}, matter_id=row.promise.matter_id)
    emit("promise.to_pay", topics=topics_of(row.promise), compensation_id=row.pk, promise_id=row.promise_id)
    return row


def _locked(compensation_id: int) -> Compensation:
    about = Compensation.unscoped.filter(pk=compensation_id)
    lock_about(about.values_list("promise__matter_id", "promise__conversation_id"))
    row = (
        Compensation.unscoped.select_related("promise__matter", "promise__owner", "promise__standard", "task")
        .select_for_update(no_key=True, of=("self",))
        .filter(pk=compensation_id)
        .first()
    )
    if row is None:
        raise Missing(_("没有这笔赔付"))
    return row
