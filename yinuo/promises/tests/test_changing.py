"""Extension, waiver and compensation: transactions that go through approval."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from yinuo.approvals.commands import decide_approval
from yinuo.approvals.models import Approval
from yinuo.conversations.models import Interaction
from yinuo.kernel.actor import acting_as
from yinuo.kernel.clock import CST, frozen
from yinuo.kernel.errors import Denied, Invalid, Refused
from yinuo.matters.commands import complete_task
from yinuo.matters.models import Task, TimelineEntry
from yinuo.promises.commands import (
    announce_due,
    apply_extension,
    keep_promise,
    load_pack,
    make_good,
    make_personal_promise,
    make_promises,
    pause_promise,
    release_promises,
    request_extension,
    request_waiver,
    resume_promise,
    tell_extension,
)  # fmt: skip
from yinuo.promises.models import Compensation, Promise, PromiseChange, PromiseEvent
from yinuo.promises.tests.conftest import START, inside, local, open_complaint


def settlement(desk: SimpleNamespace) -> Promise:
    if not Promise.unscoped.exists():
        load_pack(name="bank")
        inside(desk, make_promises, trigger="complaint.received", matter_id=desk.matter.pk)
    return Promise.unscoped.get(obligation="settlement")


def decide(desk: SimpleNamespace, decision: str = "approved", **given: Any) -> Approval:
    approval = Approval.unscoped.get(state="pending")
    with acting_as(given.pop("by", desk.manager)):
        return decide_approval(
            approval_id=approval.pk, decision=decision, comment="情况属实", expected_version=approval.version, **given
        )


def extend(desk: SimpleNamespace, at: str, decision: str = "approved", **given: Any) -> PromiseChange:
    with frozen(local(at)):
        with acting_as(desk.handler):
            change = request_extension(promise_id=settlement(desk).pk, reason="案情复杂，需向境外机构核实", **given)
        decide(desk, decision)
    change.refresh_from_db()
    return change


def due(promise: Promise) -> str:
    promise.refresh_from_db()
    return f"{promise.due_at.astimezone(CST):%m-%d %H:%M}"


def test_fifteen_days_thirty_sixty_and_no_further(desk: SimpleNamespace) -> None:
    promise = settlement(desk)
    assert due(promise) == "03-17 18:00"
    change = extend(desk, "2026-03-16 10:00")
    assert (change.state, due(promise), promise.amount) == ("applied", "04-01 18:00", Decimal(30))
    told = Interaction.unscoped.get(pk=change.told_by_id)
    assert (told.direction, told.conversation_id) == ("out", desk.matter.conversation_id)
    assert "4月1日 18:00" in told.text and "案情复杂" in told.text
    assert "经批准延期" in promise.explanation

    extend(desk, "2026-03-31 10:00")
    assert (due(promise), promise.amount) == ("05-01 18:00", Decimal(60))
    with frozen(local("2026-04-20 10:00")), acting_as(desk.handler), pytest.raises(Refused, match="最长为60 天"):
        request_extension(promise_id=promise.pk, reason="再延")
    lines = TimelineEntry.unscoped.filter(matter=desk.matter, kind="promise_extended")
    assert lines.count() == 2


@pytest.mark.parametrize("amount", [Decimal(31), Decimal(15), Decimal("20.5"), Decimal(-1), Decimal(60)])
def test_no_extension_past_the_next_step(desk: SimpleNamespace, amount: Decimal) -> None:
    promise = settlement(desk)
    with acting_as(desk.handler), pytest.raises(Invalid, match="最多可延长到 30 天"):
        request_extension(promise_id=promise.pk, reason="延期", amount=amount)
    assert not PromiseChange.unscoped.exists()


def test_nothing_moves_until_the_customer_has_been_told(desk: SimpleNamespace) -> None:
    desk.matter = open_complaint(desk, channel="phone")
    promise = settlement(desk)
    change = extend(desk, "2026-03-16 10:00", amount=Decimal(20))
    assert (change.state, due(promise)) == ("approved", "03-17 18:00")
    with frozen(local("2026-03-16 15:00")), acting_as(desk.handler):
        with pytest.raises(Invalid):
            tell_extension(change_id=change.pk, how="")
        tell_extension(change_id=change.pk, how="3月16日下午电话告知，客户同意")
    assert due(promise) == "03-22 18:00"
    with frozen(local("2026-03-19 18:30")):
        announce_due()
    promise.refresh_from_db()
    assert promise.state == "open"
    with frozen(local("2026-03-22 18:30")):
        announce_due()
    promise.refresh_from_db()
    assert promise.state == "broken"


def test_a_rejected_request_changes_nothing_and_only_one_is_open_at_a_time(desk: SimpleNamespace) -> None:
    promise = settlement(desk)
    with acting_as(desk.handler):
        request_extension(promise_id=promise.pk, reason="延期")
        with pytest.raises(Refused, match="已有一份申请"):
            request_waiver(promise_id=promise.pk, reason="豁免")
    decide(desk, "rejected")
    assert (PromiseChange.unscoped.get().state, due(promise)) == ("rejected", "03-17 18:00")
    with acting_as(desk.handler):
        request_extension(promise_id=promise.pk, reason="再次申请")
    with acting_as(desk.handler), pytest.raises(Denied):
        decide(desk, by=desk.handler)


def test_an_approval_that_comes_after_the_breach_extends_nothing(desk: SimpleNamespace) -> None:
    promise = settlement(desk)
    with frozen(local("2026-03-16 10:00")), acting_as(desk.handler):
        request_extension(promise_id=promise.pk, reason="延期")
    with frozen(local("2026-03-18 10:00")):
        decide(desk)
    promise.refresh_from_db()
    assert (promise.state, PromiseChange.unscoped.get().state, due(promise)) == ("broken", "lapsed", "03-17 18:00")
    with frozen(local("2026-03-18 11:00")), acting_as(desk.handler), pytest.raises(Refused, match="已违约"):
        request_extension(promise_id=promise.pk, reason="延期")


def test_an_extension_during_a_pause_adds_to_what_is_left(desk: SimpleNamespace) -> None:
    promise = settlement(desk)
    with frozen(local("2026-03-05 10:00")), acting_as(desk.handler):
        request_extension(promise_id=promise.pk, reason="延期")
        pause_promise(promise_id=promise.pk, reason="等客户补充单据")
    with frozen(local("2026-03-06 10:00")):
        decide(desk)
    with frozen(local("2026-03-10 10:00")), acting_as(desk.handler):
        resume_promise(promise_id=promise.pk)
    assert due(promise) == "04-06 18:00", "12 days left, 15 more"


def test_nobody_applies_an_extension_by_hand(desk: SimpleNamespace) -> None:
    with acting_as(desk.leader), pytest.raises(Denied):
        apply_extension(change_id=1)


def test_a_waiver_needs_a_reason_and_an_approver(desk: SimpleNamespace) -> None:
    promise = settlement(desk)
    with acting_as(desk.handler):
        with pytest.raises(Invalid):
            request_waiver(promise_id=promise.pk, reason="")
        request_waiver(promise_id=promise.pk, reason="客户书面同意不再需要答复")
    assert Approval.unscoped.get().steps.get().staff_id == desk.staff["manager"].pk
    decide(desk)
    promise.refresh_from_db()
    assert (promise.state, promise.outstanding, promise.wakes_at) == ("waived", False, None)
    assert "客户书面同意" in TimelineEntry.unscoped.get(kind="promise_waived").text


def test_a_personal_promise_gets_a_new_time_by_the_same_road(desk: SimpleNamespace) -> None:
    with acting_as(desk.handler):
        promise = make_personal_promise(title="回电", due_at=local("2026-03-03 15:00"), matter_id=desk.matter.pk)
        with pytest.raises(Invalid):
            request_extension(promise_id=promise.pk, reason="出差", due_at=local("2026-03-03 14:00"))
        request_extension(promise_id=promise.pk, reason="出差", due_at=local("2026-03-05 15:00"))
    decide(desk)
    assert due(promise) == "03-05 15:00"


def test_compensation_is_computed_approved_and_paid_as_a_task(desk: SimpleNamespace) -> None:
    from yinuo.identity.commands import create_staff

    load_pack(name="lubricant")
    create_staff(username="cash", name="出纳", password="promise-7788", unit_id=desk.hq.pk, role_codes=["finance"])
    promise = inside(
        desk, make_promises, trigger="delivery.agreed", matter_id=desk.matter.pk, facts={"agreed_on": "2026-03-03"}
    )[0]
    with frozen(local("2026-03-05 10:00")):
        announce_due()
        assert not Compensation.unscoped.exists(), "the sum is not known before the goods are there"
        with acting_as(desk.handler):
            keep_promise(promise_id=promise.pk, text="已送达")
    cost = Compensation.unscoped.get()
    assert (cost.amount, cost.state, cost.text) == (
        Decimal(100),
        "proposed",
        "逾期 2 天（不足一天按一天计），赔付 100.00 元",
    )
    approval = Approval.unscoped.get()
    assert (approval.kind, approval.amount, approval.matter_id) == ("compensation", Decimal(100), desk.matter.pk)
    decide(desk, by=desk.leader)
    cost.refresh_from_db()
    task = Task.unscoped.get(kind="payment")
    assert (cost.state, cost.task_id) == ("approved", task.pk)
    with acting_as(desk.system):
        complete_task(task_id=task.pk, result="已转账")
    cost.refresh_from_db()
    assert cost.state == "settled"


def test_a_promise_never_fulfilled_is_compensated_at_its_cap_once(desk: SimpleNamespace) -> None:
    load_pack(name="lubricant")
    inside(desk, make_promises, trigger="delivery.agreed", matter_id=desk.matter.pk, facts={"agreed_on": "2026-03-03"})
    for day in ("2026-04-11 10:00", "2026-04-13 10:00", "2026-06-01 10:00"):
        with frozen(local(day)):
            announce_due()
    cost = Compensation.unscoped.get()
    assert (cost.amount, cost.capped) == (Decimal(2000), True)


def test_nobody_to_approve_does_not_stop_the_clock(desk: SimpleNamespace) -> None:
    load_pack(name="lubricant")
    inside(desk, make_promises, trigger="delivery.agreed", matter_id=desk.matter.pk, facts={"agreed_on": "2026-03-03"})
    for name in ("leader", "manager", "chief"):
        from yinuo.kernel.command import permit_writes

        with permit_writes("test"):
            desk.staff[name].is_active = False
            desk.staff[name].save()
    with frozen(local("2026-06-01 10:00")):
        assert announce_due() == 1
    assert Compensation.unscoped.get().state == "proposed"
    assert local("2026-06-01 10:00") > START


def late_delivery(desk: SimpleNamespace, **about: Any) -> Promise:
    """A delivery agreed for 3 March, 50 yuan a day, not made by the 5th."""
    load_pack(name="lubricant")
    facts = {"agreed_on": "2026-03-03", **about.pop("facts", {})}
    promise: Promise = inside(desk, make_promises, trigger="delivery.agreed", facts=facts, **about)[0]
    with frozen(local("2026-03-05 10:00")):
        announce_due()
    return promise


def test_what_being_late_has_cost_stays_owed_when_the_case_is_withdrawn(desk: SimpleNamespace) -> None:
    promise = late_delivery(desk, matter_id=desk.matter.pk)
    assert not Compensation.unscoped.exists()
    with frozen(local("2026-03-06 10:00")):
        inside(desk, release_promises, matter_id=desk.matter.pk, reason="客户撤诉")
    cost = Compensation.unscoped.get()
    assert (cost.promise_id, cost.amount, cost.state) == (promise.pk, Decimal(150), "proposed")
    assert Approval.unscoped.get().amount == Decimal(150), "sent to approval like any other"
    promise.refresh_from_db()
    assert (promise.state, promise.outstanding) == ("broken", False)


def test_an_approved_waiver_forgives_the_cost(desk: SimpleNamespace) -> None:
    promise = late_delivery(desk, matter_id=desk.matter.pk)
    with acting_as(desk.handler):
        request_waiver(promise_id=promise.pk, reason="客户要求推迟")
    decide(desk)
    assert not Compensation.unscoped.exists()


@pytest.mark.parametrize("cashier", [True, False])
def test_money_without_a_case_or_a_cashier_is_paid_by_whoever_owed_and_noted(
    desk: SimpleNamespace, cashier: bool
) -> None:
    from yinuo.identity.commands import create_staff

    if cashier:
        create_staff(username="cash", name="出纳", password="promise-7788", unit_id=desk.hq.pk, role_codes=["finance"])
    about: dict[str, Any] = {"matter_id": desk.matter.pk}
    if cashier:
        about = {"facts": {"customer_id": desk.customer.pk, "owner_id": desk.staff["handler"].pk}}
    promise = late_delivery(desk, **about)
    with frozen(local("2026-03-05 11:00")), acting_as(desk.handler):
        keep_promise(promise_id=promise.pk, text="已送达")
        with pytest.raises(Refused, match="须经审批"):
            make_good(promise_id=promise.pk, text="已转账")
    decide(desk, by=desk.leader)
    told = PromiseEvent.unscoped.get(kind="to_pay")
    assert told.told_id == desk.staff["handler"].pk and "请安排支付" in told.text
    assert not Task.unscoped.filter(kind="payment").exists()
    with acting_as(desk.handler):
        with pytest.raises(Invalid):
            make_good(promise_id=promise.pk, text=" ")
        make_good(promise_id=promise.pk, text="3月6日网银转账，流水 8812")
        with pytest.raises(Refused, match="已经登记过"):
            make_good(promise_id=promise.pk, text="再来一次")
    cost = Compensation.unscoped.get()
    assert cost.state == "settled" and "流水 8812" in cost.text


def test_money_a_task_pays_is_not_noted_by_hand(desk: SimpleNamespace) -> None:
    from yinuo.identity.commands import create_staff
    from yinuo.matters.commands import cancel_task

    create_staff(username="cash", name="出纳", password="promise-7788", unit_id=desk.hq.pk, role_codes=["finance"])
    promise = late_delivery(desk, matter_id=desk.matter.pk)
    with acting_as(desk.handler):
        keep_promise(promise_id=promise.pk, text="已送达", at=local("2026-03-05 11:00"))
    decide(desk, by=desk.leader)
    with acting_as(desk.handler):
        with pytest.raises(Refused, match="财务支付"):
            make_good(promise_id=promise.pk, text="已转账")
        cancel_task(task_id=Task.unscoped.get(kind="payment").pk, reason="派错了")
        make_good(promise_id=promise.pk, text="已转账")
    assert Compensation.unscoped.get().state == "settled"
