"""Not more often than every three days: planned by a person, owed once planned, and the gap kept by all of us together."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest

from yinuo.calendars.book import CalendarBook
from yinuo.calendars.spans import ClockKind, Span
from yinuo.kernel.actor import acting_as
from yinuo.kernel.clock import CST, frozen
from yinuo.kernel.errors import Invalid, Refused
from yinuo.promises.commands import announce_due, follow_up, keep_promise, load_pack, make_by_standard, make_promises
from yinuo.promises.models import Promise, PromiseEvent
from yinuo.promises.queries import last_done, next_allowed
from yinuo.promises.rules.spacing import allowed_from
from yinuo.promises.tests.conftest import inside, local

KEY = "property.follow-up-gap"


def planned(desk: SimpleNamespace, day: str, who: str = "handler", **about: int) -> Promise:
    with acting_as(getattr(desk, who)):
        return make_by_standard(standard=KEY, agreed_on=day, **(about or {"customer_id": desk.customer.pk}))


@pytest.mark.parametrize(
    ("kind", "amount", "last", "free"),
    [
        (ClockKind.CALENDAR_DAYS, 3, "2026-03-06 10:00", "2026-03-09 00:00"),
        (ClockKind.CALENDAR_DAYS, 3, "2026-03-06 23:50", "2026-03-09 00:00"),
        (ClockKind.WORKING_DAYS, 3, "2026-03-06 10:00", "2026-03-11 00:00"),
        (ClockKind.CALENDAR_HOURS, 72, "2026-03-06 10:00", "2026-03-09 10:00"),
    ],
)
def test_from_when_it_may_be_done_again(kind: ClockKind, amount: int, last: str, free: str) -> None:
    calendar = CalendarBook().calendar(())
    assert allowed_from(local(last), Span.of(kind, amount), calendar) == local(free)


def test_a_follow_up_planned_is_owed_and_escalates_when_it_is_forgotten(desk: SimpleNamespace) -> None:
    load_pack(name="property")
    assert inside(desk, make_promises, trigger="sales.follow_up", matter_id=desk.matter.pk) == [], "a person plans it"
    promise = planned(desk, "2026-03-05", matter_id=desk.matter.pk)
    assert (promise.customer_id, promise.matter_id) == (desk.customer.pk, None), "the customer is followed up"
    assert promise.due_at.astimezone(CST) == local("2026-03-05 18:00") and "至少间隔 3 天" in promise.explanation
    with pytest.raises(Refused, match="已经在履行"):
        planned(desk, "2026-03-20", who="other")
    with frozen(local("2026-03-06 18:30")):
        announce_due()
    told = PromiseEvent.unscoped.filter(promise=promise, kind="escalated").order_by("pk")
    assert [event.told_as for event in told] == ["handler", "manager"]


def test_nobody_follows_up_sooner_than_the_gap_allows_whoever_did_it_last(desk: SimpleNamespace) -> None:
    load_pack(name="property")
    first = planned(desk, "2026-03-02")
    with frozen(local("2026-03-02 15:00")), acting_as(desk.handler):
        keep_promise(promise_id=first.pk, text="电话介绍户型")
    sentence = "“客户跟进”至少间隔 3 天：handler 在 2026年3月2日 15:00 刚做过，2026年3月5日 起才可以再做"
    with frozen(local("2026-03-03 10:00")):
        for who in ("handler", "other"):
            with pytest.raises(Refused) as caught:
                planned(desk, "2026-03-04", who=who)
            assert caught.value.fields == {"agreed_on": sentence}
        second = planned(desk, "2026-03-05", who="other")
        with acting_as(desk.other), pytest.raises(Refused, match="起才可以再做"):
            keep_promise(promise_id=second.pk, text="忍不住又打了一次")
    with frozen(local("2026-03-05 09:30")), acting_as(desk.other):
        keep_promise(promise_id=second.pk, text="再次介绍")
    last = last_done(desk.customer.pk, "follow_up")
    assert last == second and next_allowed(second.spec, last) == local("2026-03-08 00:00")


def test_done_and_the_next_one_planned_in_one_step(desk: SimpleNamespace) -> None:
    load_pack(name="property")
    first = planned(desk, "2026-03-02")
    with frozen(local("2026-03-02 15:00")), acting_as(desk.handler):
        with pytest.raises(Refused, match="3月5日"):
            follow_up(promise_id=first.pk, text="电话", next_on="2026-03-03")
        first.refresh_from_db()
        assert first.outstanding, "refused, nothing is noted"
        following = follow_up(promise_id=first.pk, text="电话", next_on=date(2026, 3, 5))
        assert following.outstanding and following.due_at == datetime(2026, 3, 5, 18, 0, tzinfo=CST)
    with frozen(local("2026-03-05 11:00")), acting_as(desk.handler):
        assert not follow_up(promise_id=following.pk, text="见面").outstanding


def test_a_day_is_needed_and_must_lie_ahead(desk: SimpleNamespace) -> None:
    load_pack(name="property")
    for day in ("", "2026-02-30", "2026-03-01", str(date(2026, 3, 2) + timedelta(days=4000))):
        with pytest.raises(Invalid) as caught:
            planned(desk, day)
        assert "agreed_on" in caught.value.fields
