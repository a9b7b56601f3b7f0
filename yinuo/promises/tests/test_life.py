"""Kept, renewed, paused, moved, released: what happens to a promise between being made and its end."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from yinuo.conversations.commands import add_interaction, queue_reply
from yinuo.kernel.actor import acting_as
from yinuo.kernel.clock import CST, frozen
from yinuo.kernel.errors import Invalid, Refused, Stale
from yinuo.matters.commands import assign_matter, cancel_task, complete_task, create_task
from yinuo.matters.models import TimelineEntry
from yinuo.promises.commands import (
    announce_due,
    keep_promise,
    load_pack,
    make_personal_promise,
    make_promises,
    meet_promises,
    pause_promise,
    pause_promises,
    release_promises,
    renew_promise,
    resume_promise,
)  # fmt: skip
from yinuo.promises.models import Compensation, Promise, PromiseEvent
from yinuo.promises.tests.conftest import START, inside, local


def receive(desk: SimpleNamespace, **given: Any) -> dict[str, Promise]:
    rows = inside(desk, make_promises, trigger="complaint.received", matter_id=desk.matter.pk, **given)
    return {p.obligation: p for p in rows}


def reply(desk: SimpleNamespace, at: datetime) -> None:
    with frozen(at), acting_as(desk.handler):
        queue_reply(conversation_id=desk.matter.conversation_id, text="还在调查，暂无结果，会继续跟进")


def due(promise: Promise) -> str:
    promise.refresh_from_db()
    return f"{promise.due_at.astimezone(CST):%m-%d %H:%M}"


def test_an_interim_reply_without_a_result_renews_every_three_working_days_until_closed(desk: SimpleNamespace) -> None:
    load_pack(name="common")
    first = receive(desk)["interim_reply"]
    reply(desk, local("2026-03-04 15:00"))
    first.refresh_from_db()
    assert (first.state, first.outstanding, first.kept_at) == ("renewed", False, local("2026-03-04 15:00"))
    second = Promise.unscoped.get(previous=first)
    assert (second.cycle, second.state, due(second)) == (2, "open", "03-09 18:00")

    with frozen(local("2026-03-10 09:00")):
        announce_due()
    second.refresh_from_db()
    assert second.state == "broken"
    reply(desk, local("2026-03-10 11:00"))
    second.refresh_from_db()
    assert (second.state, second.outstanding) == ("broken", False), "late stays late"
    third = Promise.unscoped.get(previous=second)
    assert (third.cycle, due(third)) == (3, "03-13 18:00")

    inside(desk, meet_promises, happening="complaint.closed", matter_id=desk.matter.pk, at=local("2026-03-12 10:00"))
    third.refresh_from_db()
    assert third.state == "kept"
    assert not Promise.unscoped.filter(outstanding=True).exists()


def test_taking_a_pack_away_lets_open_promises_run_to_their_end(desk: SimpleNamespace) -> None:
    from yinuo.promises.commands import remove_pack

    load_pack(name="common")
    first = receive(desk)["interim_reply"]
    remove_pack(name="common")
    reply(desk, local("2026-03-04 15:00"))
    assert Promise.unscoped.get(previous=first).standard_id == first.standard_id, "an open obligation runs to its end"


def test_a_customers_message_is_owed_an_answer_in_four_hours_and_an_answer_keeps_it(desk: SimpleNamespace) -> None:
    load_pack(name="common")
    says = {
        "conversation": desk.matter.conversation,
        "direction": "in",
        "text": "什么时候有结果？",
        "kind": "consulting",
    }
    customer = desk.system.customer(customer_id=desk.customer.pk, name="王小明")
    for minutes in (0, 30):
        at = START + timedelta(minutes=minutes)
        with frozen(at):
            inside(desk, add_interaction, **says, by=customer)
    promise = Promise.unscoped.get(obligation="answer")
    assert due(promise) == "03-02 14:00"
    assert promise.matter_id == desk.matter.pk
    reply(desk, START + timedelta(hours=1))
    promise.refresh_from_db()
    assert promise.state == "kept"


def test_an_automatic_receipt_answers_nobody(desk: SimpleNamespace) -> None:
    load_pack(name="common")
    promise = receive(desk)["interim_reply"]
    inside(desk, add_interaction, conversation=desk.matter.conversation, direction="out", text="已收到您的来信")
    promise.refresh_from_db()
    assert promise.state == "open"


def test_a_promise_kept_while_the_clock_was_down_is_still_late(desk: SimpleNamespace) -> None:
    load_pack(name="lubricant")
    promise = inside(
        desk, make_promises, trigger="delivery.agreed", matter_id=desk.matter.pk, facts={"agreed_on": "2026-03-03"}
    )[0]
    with frozen(local("2026-03-06 17:00")), acting_as(desk.handler):
        keep_promise(promise_id=promise.pk, text="已送达")
    promise.refresh_from_db()
    assert (promise.state, promise.outstanding, promise.kept_at) == ("broken", False, local("2026-03-06 17:00"))
    kinds = list(PromiseEvent.unscoped.filter(promise=promise).order_by("pk").values_list("kind", "rung"))
    assert [k for k in kinds if k[0] in ("warned", "broken", "escalated")] == [
        ("warned", 0), ("broken", 0), ("escalated", 1), ("escalated", 2)
    ]  # fmt: skip
    cost = Compensation.unscoped.get(promise=promise)
    assert (cost.late_days, str(cost.amount)) == (3, "150.00")
    with frozen(local("2026-03-20 17:00")):
        assert announce_due() == 0, "a fulfilled promise is silent"


def test_a_pause_stores_the_working_time_left_and_a_reply_of_the_customer_ends_it(desk: SimpleNamespace) -> None:
    load_pack(name="bank")
    settlement = receive(desk)["settlement"]
    with frozen(local("2026-03-05 11:00")), acting_as(desk.handler):
        assert inside(desk, pause_promises, matter_id=desk.matter.pk, reason="等客户补充单据") == [settlement]
    settlement.refresh_from_db()
    assert (settlement.state, settlement.wakes_at, settlement.remaining_seconds) == ("paused", None, 12 * 86400)
    with frozen(local("2026-04-09 10:00")):
        announce_due()
    settlement.refresh_from_db()
    assert settlement.state == "paused"
    with frozen(local("2026-04-10 09:00")):
        inside(
            desk,
            add_interaction,
            conversation=desk.matter.conversation,
            direction="in",
            text="单据在附件",
            kind="information",
        )
    assert (due(settlement), settlement.state) == ("04-22 18:00", "open")
    assert "等待客户的时间不计" in settlement.explanation
    lines = list(TimelineEntry.unscoped.filter(matter=desk.matter).values_list("kind", flat=True))
    assert {"promise_paused", "promise_resumed"} <= set(lines)


def test_a_promise_fulfilled_during_a_pause_is_kept(desk: SimpleNamespace) -> None:
    load_pack(name="bank")
    settlement = receive(desk)["settlement"]
    with frozen(local("2026-03-05 11:00")), acting_as(desk.handler):
        pause_promise(promise_id=settlement.pk, reason="等客户")
    with frozen(local("2026-06-05 11:00")), acting_as(desk.handler):
        keep_promise(promise_id=settlement.pk, text="已答复")
    settlement.refresh_from_db()
    assert settlement.state == "kept" and settlement.kept_at < settlement.due_at


def test_what_does_not_fit_the_state_is_refused_in_a_sentence(desk: SimpleNamespace) -> None:
    load_pack(name="common")
    load_pack(name="bank")
    made = receive(desk)
    with acting_as(desk.handler):
        with pytest.raises(Refused, match="不因等待客户而暂停"):
            pause_promise(promise_id=made["interim_reply"].pk, reason="等客户")
        with pytest.raises(Refused, match="不循环"):
            renew_promise(promise_id=made["settlement"].pk, text="x")
        with pytest.raises(Invalid):
            keep_promise(promise_id=made["settlement"].pk, text=" \u200b ")
        with pytest.raises(Stale):
            keep_promise(promise_id=made["settlement"].pk, text="x", expected_version=7)
        keep_promise(promise_id=made["settlement"].pk, text="已答复")
        for again in (
            lambda: keep_promise(promise_id=made["settlement"].pk, text="已答复"),
            lambda: pause_promise(promise_id=made["settlement"].pk, reason="等客户"),
            lambda: resume_promise(promise_id=made["settlement"].pk),
        ):
            with pytest.raises(Refused):
                again()
    assert PromiseEvent.unscoped.filter(promise=made["settlement"], kind="kept").count() == 1


def test_promises_follow_the_matter_to_its_new_owner(desk: SimpleNamespace) -> None:
    load_pack(name="common")
    load_pack(name="bank")
    receive(desk)
    with acting_as(desk.manager):
        create_task(matter_id=desk.matter.pk, title="补寄机油", assignee_id=desk.staff["keeper"].pk)
        assign_matter(matter_id=desk.matter.pk, owner_id=desk.staff["other"].pk, expected_version=desk.matter.version)
    owners = dict(Promise.unscoped.values_list("obligation", "owner__username"))
    assert owners == {"interim_reply": "other", "settlement": "other", "acknowledgement": "other", "task": "keeper"}


def test_a_task_has_its_own_promise_of_its_department(desk: SimpleNamespace) -> None:
    load_pack(name="common")
    with acting_as(desk.handler):
        task = create_task(matter_id=desk.matter.pk, title="补寄机油", unit_id=desk.store.pk)
    promise = Promise.unscoped.get(task=task)
    assert (promise.title, promise.unit_id, due(promise)) == ("部门任务：补寄机油", desk.store.pk, "03-05 18:00")
    with acting_as(desk.keeper):
        assert Promise.objects.filter(pk=promise.pk).exists()
        complete_task(task_id=task.pk, result="已寄出，单号 123")
    promise.refresh_from_db()
    assert promise.state == "kept"
    with acting_as(desk.handler):
        other = create_task(matter_id=desk.matter.pk, title="赠礼", unit_id=desk.store.pk)
        cancel_task(task_id=other.pk, reason="客户不要")
    assert Promise.unscoped.get(task=other).state == "waived"


def test_released_promises_end_and_broken_ones_stay_broken(desk: SimpleNamespace) -> None:
    load_pack(name="common")
    load_pack(name="bank")
    made = receive(desk)
    inside(desk, release_promises, matter_id=desk.matter.pk, reason="客户撤诉", at=local("2026-03-06 09:00"))
    states = {p.obligation: (p.state, p.outstanding) for p in Promise.unscoped.all()}
    assert states == {
        "interim_reply": ("broken", False), "acknowledgement": ("broken", False), "settlement": ("waived", False)
    }  # fmt: skip
    assert made.keys() == states.keys()


def test_double_submit_makes_one_promise(desk: SimpleNamespace) -> None:
    from yinuo.kernel.errors import AlreadyDone

    given = {"title": "回电", "due_at": START + timedelta(hours=4), "matter_id": desk.matter.pk}
    with acting_as(desk.handler):
        make_personal_promise(**given, once="form-1")
        with pytest.raises(AlreadyDone):
            make_personal_promise(**given, once="form-1")
    assert Promise.unscoped.count() == 1
