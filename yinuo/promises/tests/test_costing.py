"""What a broken promise costs: computed, approved, paid or given."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from yinuo.approvals.models import Approval
from yinuo.identity.commands import create_staff
from yinuo.kernel.actor import acting_as
from yinuo.kernel.clock import frozen
from yinuo.kernel.command import permit_writes
from yinuo.kernel.errors import Invalid, Refused
from yinuo.matters.commands import cancel_task, complete_task
from yinuo.matters.models import Task
from yinuo.promises.commands import (
    announce_due,
    keep_promise,
    load_pack,
    make_by_standard,
    make_good,
    make_promises,
    release_promises,
    request_waiver,
    save_standard,
)  # fmt: skip
from yinuo.promises.models import Compensation, Promise, PromiseEvent
from yinuo.promises.tests.conftest import START, decide, inside, local


def test_compensation_is_computed_approved_and_paid_as_a_task(desk: SimpleNamespace) -> None:
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
        complete_task(task_id=task.pk, result="已转账", no_proof="回单在银行")
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


def test_a_percentage_needs_the_sum_it_is_reckoned_on(desk: SimpleNamespace) -> None:
    data = {
        "key": "shop.shipment", "title": "按期发货", "trigger": "order.paid", "obligation": "shipment",
        "clock": "calendar_days", "amount": 2, "kept_by": ["order.shipped"],
        "breach": {"kind": "compensation", "percent": 1},
    }  # fmt: skip
    save_standard(data=data)
    with acting_as(desk.handler):
        with pytest.raises(Invalid) as refused:
            make_by_standard(standard="shop.shipment", customer_id=desk.customer.pk)
        assert "请填写涉及的金额" in refused.value.fields["amount"]
        promise = make_by_standard(standard="shop.shipment", customer_id=desk.customer.pk, amount="500")
    with frozen(local("2026-03-06 10:00")), acting_as(desk.handler):
        keep_promise(promise_id=promise.pk, text="已发货")
    assert Compensation.unscoped.get().amount == Decimal(10)
    bare = inside(desk, make_promises, trigger="order.paid", matter_id=desk.matter.pk)[0]
    with frozen(local("2026-03-06 10:00")), acting_as(desk.handler):
        keep_promise(promise_id=bare.pk, text="已发货")
    assert not Compensation.unscoped.filter(promise=bare).exists(), "of no sum nothing is owed, and nobody is asked"
