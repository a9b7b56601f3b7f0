"""When a report is sent, what a schedule accepts, and that a month is issued once, late or not."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.worlds import world
from yinuo.complaints.tests.conftest import NOW, build
from yinuo.insight.commands.plans import delete_plan, issue_plan, save_plan, send_now
from yinuo.insight.models import ReportMail, ReportPlan
from yinuo.insight.rules.schedule import following, month_before, next_sending, send_at
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.clock import CST
from yinuo.kernel.command import permit_writes
from yinuo.kernel.errors import Invalid, Missing, Refused, Stale

SYSTEM = Actor.system("test")
MOMENTS = st.integers(0, 20_000_000).map(lambda m: datetime(1995, 1, 1, tzinfo=UTC) + timedelta(minutes=m))


def weekday(day: date) -> bool:
    return day.weekday() < 5


@given(MOMENTS, st.integers(1, 31), st.integers(0, 1439).map(lambda m: time(m // 60, m % 60)))
def test_the_next_sending_is_the_first_after_and_none_is_left_out(after, day, hour) -> None:
    at, about = next_sending(after, day, hour, weekday)
    assert at > after and weekday(at.astimezone(CST).date()) and about.day == 1
    assert at - after < timedelta(days=35)
    later, next_about = following(about, day, hour, weekday)
    assert later > at and (next_about - timedelta(days=1)).replace(day=1) == about


def test_days_a_month_does_not_have_and_days_off() -> None:
    assert send_at(date(2024, 2, 1), 31, time(8), weekday).date() == date(2024, 2, 29)
    assert send_at(date(2026, 2, 1), 1, time(8), weekday).date() == date(2026, 2, 2)  # a Sunday
    assert send_at(date(2026, 10, 1), 1, time(8), lambda _d: False).date() == date(2026, 10, 1)
    # moved into the month after, it is still about the month before the one asked for
    assert next_sending(datetime(2026, 5, 31, 20, tzinfo=UTC), 31, time(8), weekday) == (
        datetime(2026, 6, 1, 8, tzinfo=CST), date(2026, 4, 1),
    )  # fmt: skip


@world
def firm():
    with clock.frozen(NOW):
        firm = build()
        with permit_writes("test"):
            for who in ("qian", "sun", "zhao"):
                firm.staff[who].email = f"{who}@example.cn"
                firm.staff[who].save()
    return firm


@pytest.fixture(autouse=True)
def at_that_time(firm):
    with clock.frozen(NOW):
        yield


def make(firm, by="qian", **changed):
    given = {
        "title": "每月服务月报", "recipient_ids": [firm.staff["qian"].pk, firm.staff["sun"].pk], "day": 1, "hour": time(8, 30),
        "formats": ["xlsx"],
    }  # fmt: skip
    with acting_as(getattr(firm, by)):
        return save_plan(**{**given, **changed})


def issue(plan, at) -> bool:
    return issue_plan(plan_id=plan.pk, by=SYSTEM, at=at)


def test_a_month_is_issued_once(firm) -> None:
    plan = make(firm)
    assert (plan.next_at, plan.month) == (datetime(2026, 12, 1, 8, 30, tzinfo=CST), date(2026, 11, 1))
    assert not issue(plan, plan.next_at - timedelta(seconds=1))
    assert issue(plan, plan.next_at) and not issue(plan, plan.next_at)
    mails = ReportMail.unscoped.order_by("staff_id").values_list("staff__username", "month", "late")
    assert list(mails) == [("sun", date(2026, 11, 1), False), ("qian", date(2026, 11, 1), False)]
    # changed after it was issued: those who had theirs get no second one
    with acting_as(firm.qian):
        again = save_plan(
            plan_id=plan.pk, title="改名", recipient_ids=[firm.staff[w].pk for w in ("qian", "zhao")], day=1, hour=time(8, 30),
            formats=["xlsx"], expected_version=1, at=plan.next_at - timedelta(hours=1),
        )  # fmt: skip
    assert issue(again, plan.next_at + timedelta(minutes=1))
    assert ReportMail.unscoped.count() == 3


def test_months_slept_through_are_sent_late(firm) -> None:
    plan = make(firm)
    back = datetime(2027, 2, 3, 12, tzinfo=CST)
    issued = sum(1 for _n in range(9) if issue(plan, back))
    assert issued == 3
    told = ReportMail.unscoped.filter(staff=firm.staff["sun"]).order_by("month").values_list("month", "late")
    assert list(told) == [(date(2026, 11, 1), True), (date(2026, 12, 1), True), (date(2027, 1, 1), True)]
    assert ReportPlan.unscoped.get().next_at == datetime(2027, 3, 1, 8, 30, tzinfo=CST)


def test_what_a_schedule_refuses(firm) -> None:
    for field, changed in [
        ("title", {"title": " \x00 "}), ("recipient_ids", {"recipient_ids": []}), ("day", {"day": 32}),
        ("recipient_ids", {"recipient_ids": [firm.staff["wang"].pk]}), ("formats", {"formats": ["exe"]}),
        ("recipient_ids", {"recipient_ids": [2**62]}), ("unit_ids", {"unit_ids": [2**31 - 1]}), ("language", {"language": "fr"}),
    ]:  # fmt: skip
        with pytest.raises(Invalid) as wrong:
            make(firm, **changed)
        assert set(wrong.value.fields) == {field}
    plan = make(firm)
    with pytest.raises(Missing), acting_as(firm.sun):  # another's
        delete_plan(plan_id=plan.pk)
    with pytest.raises(Stale):
        make(firm, plan_id=plan.pk, expected_version=7)
    with acting_as(firm.qian):
        assert send_now(plan_id=plan.pk).month == date(2026, 10, 1)
        for _n in range(9):
            send_now(plan_id=plan.pk)
        with pytest.raises(Refused):
            send_now(plan_id=plan.pk)
    assert month_before(date(2026, 1, 31)) == date(2025, 12, 1)
