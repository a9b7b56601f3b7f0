"""A row put aside comes back by itself before anybody has to be warned of it; it hides from one person only."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yinuo.kernel.actor import acting_as
from yinuo.kernel.clock import CST, frozen
from yinuo.kernel.command import permit_writes
from yinuo.kernel.errors import Invalid, Refused
from yinuo.matters.commands import assign_task, create_task
from yinuo.matters.models import Matter, TimelineEntry
from yinuo.promises.commands import (
    assign_promise,
    make_personal_promise,
    snooze_promise,
    snooze_task,
    unsnooze_promise,
)  # fmt: skip
from yinuo.promises.commands.announcing import announce_due
from yinuo.promises.models import Promise, Snooze
from yinuo.promises.queries import aside
from yinuo.promises.queries.board import owed_by
from yinuo.promises.rules.plan import Announcement, Point
from yinuo.promises.rules.snoozing import Wish, is_aside, latest, wished
from yinuo.promises.tests.conftest import START, settlement

pytestmark = pytest.mark.django_db
T0 = datetime(2026, 3, 2, tzinfo=UTC)
patient = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
minutes = st.integers(0, 60 * 24 * 400).map(lambda n: T0 + timedelta(minutes=n))


@patient
@given(start=minutes, length=st.integers(1, 10**6), percents=st.lists(st.integers(1, 99), max_size=3))
def test_the_last_moment_is_never_after_a_warning_and_always_before_the_deadline(start, length, percents) -> None:
    due = start + timedelta(seconds=length)
    points = [Point(Announcement.WARNED, n, start + (due - start) * p / 100) for n, p in enumerate(percents)]
    points.append(Point(Announcement.BROKEN, 0, due))
    end = latest(points, start, due)
    assert start < end < due
    assert all(end <= p.at for p in points)


@patient
@given(
    until=minutes, due_then=minutes, now=minutes, due_at=minutes, warned=st.booleans(),
    state=st.sampled_from(["open", "paused", "broken", "kept"]),
)  # fmt: skip
def test_nothing_is_hidden_that_is_warned_of_late_or_nearer_than_it_was(
    until, due_then, now, due_at, warned, state
) -> None:
    hidden = is_aside(until=until, due_then=due_then, now=now, state=state, warned=warned, due_at=due_at)
    if warned or state != "open" or due_at <= now or due_at < due_then or until <= now:
        assert not hidden


@patient
@given(wish=st.sampled_from(list(Wish)), now=minutes)
def test_a_wish_is_in_the_future_and_mornings_are_at_nine(wish, now) -> None:
    at = wished(wish, now, now + timedelta(minutes=5))
    assert (at is None) == (wish is Wish.LATEST) and (at is None or at > now)
    if wish in (Wish.TOMORROW, Wish.MONDAY):
        assert at.astimezone(CST).hour == 9 and (wish is Wish.TOMORROW or at.astimezone(CST).weekday() == 0)


@pytest.fixture
def owed(desk):
    promise = settlement(desk)
    with acting_as(desk.handler):
        yield promise


def shown(actor, promise) -> bool:
    with acting_as(actor):
        return owed_by(actor, 20).filter(pk=promise.pk).exists()


def test_it_is_out_of_sight_until_its_time_and_says_so(desk, owed) -> None:
    kept = snooze_promise(promise_id=owed.pk, reason="customer", note="出差中")
    assert kept.until == latest(owed.points, owed.starts_at, owed.due_at) < owed.due_at
    assert not shown(desk.handler, owed) and [row["promise_id"] for row in aside()] == [owed.pk]
    with acting_as(desk.manager):
        assert "出差中" in TimelineEntry.objects.filter(matter=desk.matter, kind="promise_snoozed").get().text
        assert Snooze.objects.get() == kept and aside() == []
    with acting_as(desk.keeper):
        assert not Snooze.objects.exists()
    with frozen(kept.until):
        assert shown(desk.handler, owed) and aside() == []
    unsnooze_promise(promise_id=owed.pk)
    assert shown(desk.handler, owed)


def test_whatever_brings_the_deadline_nearer_brings_it_back(desk, owed) -> None:
    snooze_promise(promise_id=owed.pk, reason="goods")
    with permit_writes("test"):
        Promise.unscoped.filter(pk=owed.pk).update(due_at=owed.due_at - timedelta(minutes=1))
    assert shown(desk.handler, owed)
    with permit_writes("test"):
        Promise.unscoped.filter(pk=owed.pk).update(due_at=owed.due_at, warned=True)
    assert shown(desk.handler, owed) and aside() == []


def test_what_may_not_be_put_aside_says_why(desk, owed) -> None:
    end = latest(owed.points, owed.starts_at, owed.due_at)
    for wrongly, field in (
        ({"reason": "customer", "until": end + timedelta(seconds=1)}, "until"),
        ({"reason": "customer", "until": START}, "until"),
        ({"reason": "other"}, "note"),
        ({"reason": "because"}, "reason"),
    ):
        with pytest.raises(Invalid) as wrong:
            snooze_promise(promise_id=owed.pk, **wrongly)
        assert field in wrong.value.fields
    with acting_as(desk.other), pytest.raises(Refused):
        snooze_promise(promise_id=owed.pk, reason="customer")
    with acting_as(desk.system), frozen(end):
        announce_due(limit=50)
    with pytest.raises(Refused, match="提醒"), frozen(end):
        snooze_promise(promise_id=owed.pk, reason="customer")
    assert not Snooze.unscoped.exists()


def test_a_task_without_a_promise_is_put_aside_for_thirty_days_at_most(desk, owed) -> None:
    task = create_task(matter_id=desk.matter.pk, title="核对", assignee_id=desk.handler.staff_id)
    kept = snooze_task(task_id=task.pk, reason="department")
    assert kept.until == START + timedelta(days=30) and [row["task_id"] for row in aside()] == [task.pk]


def test_a_promise_goes_to_a_colleague_with_what_it_belongs_to(desk, owed) -> None:
    with acting_as(desk.handler), pytest.raises(Refused, match="主管"):
        assign_promise(promise_id=owed.pk, owner_id=desk.other.staff_id)
    alone = make_personal_promise(
        title="周二回电", due_at=START + timedelta(days=1), customer_id=desk.customer.pk, owner_id=desk.other.staff_id
    )
    with acting_as(desk.manager):
        assign_promise(promise_id=owed.pk, owner_id=desk.other.staff_id, reason="休假")
        assert Matter.objects.get(pk=desk.matter.pk).owner_id == desk.other.staff_id
        assert set(Promise.objects.filter(matter=desk.matter).values_list("owner_id", flat=True)) == {
            desk.other.staff_id
        }
        assign_promise(promise_id=alone.pk, owner_id=desk.handler.staff_id)
        assert Promise.objects.get(pk=alone.pk).owner_id == desk.handler.staff_id
        assert Matter.objects.get(pk=desk.matter.pk).owner_id == desk.other.staff_id
        with pytest.raises(Refused, match="本来"):
            assign_promise(promise_id=owed.pk, owner_id=desk.other.staff_id)


def test_a_task_goes_to_whom_it_is_given(desk, owed) -> None:
    task = create_task(matter_id=desk.matter.pk, title="核对", unit_id=desk.store.pk)
    with acting_as(desk.other), pytest.raises(Refused):
        assign_task(task_id=task.pk, assignee_id=desk.other.staff_id)
    with acting_as(desk.keeper):
        assert assign_task(task_id=task.pk, assignee_id=desk.keeper.staff_id).assignee_id == desk.keeper.staff_id
    with acting_as(desk.chief):
        assert assign_task(task_id=task.pk, assignee_id=None).assignee_id is None
