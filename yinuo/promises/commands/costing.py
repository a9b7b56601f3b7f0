"""What a broken promise costs: computed by rule, decided by approval, paid as a task of the finance department."""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_line
from yinuo.promises.commands.telling import note, topics_of
from yinuo.promises.models import Compensation, Promise
from yinuo.promises.rules.breach import compensation
from yinuo.promises.rules.standard import BreachKind
from yinuo.promises.wording import cost_text


def propose_compensation(*, promise: Promise, until: datetime, by: Actor, at: datetime) -> Compensation | None:
    """Work out what is owed if the promise is fulfilled `until`, once per promise."""
    cost = compensation(promise.spec.breach, promise.due_at, until, promise.at_stake)
    if cost is None or Compensation.unscoped.filter(promise=promise).exists():
        return None
    return _propose(
        promise=promise, kind=cost.kind.value, late_days=cost.late_days, amount=cost.amount, capped=cost.capped,
        text=cost_text(cost), by=by, at=at,
    )  # fmt: skip


@command("promise.propose_compensation", internal=True)
def _propose(
    *,
    promise: Promise,
    kind: str,
    late_days: int,
    amount: Decimal | None,
    capped: bool,
    text: str,
    by: Actor,
    at: datetime,
) -> Compensation:
    row = Compensation.unscoped.create(
        promise=promise, kind=kind, late_days=late_days, amount=amount, capped=capped, text=text, made_at=at
    )
    note(promise, "compensation", text, by=by, at=at)
    record(row, {"kind": kind, "amount": str(amount or ""), "late_days": late_days}, matter_id=promise.matter_id)
    emit(
        "promise.compensation_due", topics=topics_of(promise), compensation_id=row.pk, promise_id=promise.pk,
        matter_id=promise.matter_id, kind=kind, amount=str(amount) if amount is not None else None,
        title=promise.title, text=text,
    )  # fmt: skip
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
def make_good(*, promise_id: int, text: str, by: Actor, at: datetime) -> Compensation:
    """Note that we apologised, or gave the service free of charge; money goes through approval and payment."""
    seen = Promise.objects.filter(pk=promise_id).exists()
    found = Compensation.unscoped.filter(promise_id=promise_id).values_list("pk", "kind").first() if seen else None
    if found is None:
        raise Missing(_("这项承诺没有需要补偿的"))
    said = clean_line(text, 300)
    if not said:
        raise Invalid(_("请写明如何向客户补偿的"), fields={"text": _("请写明如何向客户补偿的")})
    if found[1] == BreachKind.COMPENSATION:
        raise Refused(_("赔付须经审批并由财务支付"))
    row = _locked(found[0])
    if row.state == Compensation.State.SETTLED:
        raise Refused(_("已经登记过了"))
    row.state, row.settled_at, row.text = Compensation.State.SETTLED, at, f"{row.text}：{said}"[:300]
    row.save(update_fields=["state", "settled_at", "text"])
    note(row.promise, "made_good", row.text, by=by, at=at)
    record(row, {"text": said}, matter_id=row.promise.matter_id)
    return row


def _locked(compensation_id: int) -> Compensation:
    row = (
        Compensation.unscoped.select_related("promise__matter")
        .select_for_update(of=("self",))
        .filter(pk=compensation_id)
        .first()
    )
    if row is None:
        raise Missing(_("没有这笔赔付"))
    return row
