"""Standards and calendars change: what would move is shown first, then moved, and each promise says so."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from yinuo.calendars.book import DayChange, Week, WeekChange, YearChange
from yinuo.calendars.commands import change_calendar
from yinuo.calendars.models import CalendarVersion
from yinuo.calendars.national import national_years
from yinuo.calendars.queries import calendar_for, current_book, missing_years
from yinuo.calendars.rules import SpecialDay
from yinuo.calendars.spans import ClockKind, Span
from yinuo.calendars.wording import span_text
from yinuo.kernel.actor import acting_as
from yinuo.kernel.clock import CST, frozen
from yinuo.kernel.command import permit_writes
from yinuo.kernel.errors import Denied, Invalid, Missing, Stale
from yinuo.matters.models import TimelineEntry
from yinuo.promises.commands import (
    announce_due,
    load_pack,
    make_promises,
    pause_promise,
    remove_pack,
    remove_standard,
    request_extension,
    resume_promise,
    save_standard,
)  # fmt: skip
from yinuo.promises.models import Promise, Standard
from yinuo.promises.queries.moves import calendar_preview, standard_moves
from yinuo.promises.rules.plan import ladder_of
from yinuo.promises.rules.reading import read_standard
from yinuo.promises.tests.conftest import START, decide, inside, local


def receive(desk: SimpleNamespace, pack: str = "common", **given: Any) -> dict[str, Promise]:
    load_pack(name=pack)
    return {
        p.obligation: p
        for p in inside(desk, make_promises, trigger="complaint.received", matter_id=desk.matter.pk, **given)
    }


def due(promise: Promise) -> str:
    promise.refresh_from_db()
    return f"{promise.due_at.astimezone(CST):%Y-%m-%d %H:%M}"


def told(promise: Promise) -> str:
    return TimelineEntry.unscoped.filter(matter=promise.matter, kind="promise_replanned").latest("pk").text


def test_a_day_off_is_previewed_then_moves_what_is_open_and_says_so(desk: SimpleNamespace) -> None:
    promise = receive(desk)["interim_reply"]
    change = DayChange(None, date(2026, 3, 4), SpecialDay(False, "厂庆"))
    preview = calendar_preview(change, START)
    assert [(m.promise.pk, f"{m.new_due_at.astimezone(CST):%m-%d}") for m in preview] == [(promise.pk, "03-06")]
    assert due(promise) == "2026-03-05 18:00", "a preview writes nothing"
    with acting_as(desk.leader):
        change_calendar(change=change, expected_version=0)
    assert due(promise) == "2026-03-06 18:00"
    assert "3月4日厂庆放假" in promise.explanation
    assert told(promise) == "因工作日历调整，承诺“投诉阶段答复”的时限由 2026年3月5日 18:00 改为 2026年3月6日 18:00"
    with frozen(local("2026-03-05 18:30")):
        assert Promise.unscoped.get(pk=promise.pk).state == "open"
    with acting_as(desk.leader), pytest.raises(Stale):
        change_calendar(change=change, expected_version=0)
    with acting_as(desk.leader):
        change_calendar(change=DayChange(None, date(2026, 3, 4), None), expected_version=current_book().version)
    assert due(promise) == "2026-03-05 18:00"
    assert CalendarVersion.objects.count() == 2


def test_a_ladder_into_an_unknown_year_counts_plain_weeks_until_it_is_known(desk: SimpleNamespace) -> None:
    """The due time lies in the last year on record, what follows a breach does not: nobody is turned away for it."""
    year = max(national_years())
    start, three = local(f"{year}-12-20 10:00"), Span.of(ClockKind.WORKING_DAYS, 3)
    while calendar_for(None).add(start, three).at < local(f"{year}-12-30 00:00"):
        start += timedelta(days=1)
    with frozen(start):
        promise = receive(desk)["interim_reply"]
    assert promise.due_at.astimezone(CST).year == year and not promise.provisional
    before, was = ladder_of(promise.points), due(promise)
    assert max(before.values()).year > year
    with frozen(start), acting_as(desk.leader):
        for n in range(10):
            change = DayChange(None, date(year + 1, 1, 1 + n), SpecialDay(False, "新年"))
            assert promise.pk not in {move.promise.pk for move in calendar_preview(change, start)}, (
                "its time is the same"
            )
            change_calendar(change=change, expected_version=current_book().version)
    after = ladder_of(Promise.unscoped.get(pk=promise.pk).points)
    assert due(promise) == was and max(after.values()) > max(before.values())


@pytest.mark.parametrize("day", range(20, 32))
def test_on_every_day_at_the_end_of_the_years_on_record_promises_are_made(desk: SimpleNamespace, day: int) -> None:
    with frozen(local(f"{max(national_years())}-12-{day} 10:00")):
        assert receive(desk)["interim_reply"].due_at


def test_branch_hours_hold_for_the_unit_and_those_below_it(desk: SimpleNamespace) -> None:
    promise = receive(desk)["interim_reply"]
    week = Week((((8 * 60, 12 * 60),),) * 6 + ((),))
    assert calendar_preview(WeekChange(desk.store.pk, week), START) == []
    with acting_as(desk.leader):
        change_calendar(change=WeekChange(desk.unit.pk, week))
    assert due(promise) == "2026-03-05 12:00"
    assert calendar_for(desk.store.pk).week != calendar_for(desk.unit.pk).week
    with acting_as(desk.leader):
        change_calendar(change=WeekChange(desk.unit.pk, None))
    assert due(promise) == "2026-03-05 18:00"


def test_entering_a_years_holidays_settles_what_was_provisional(desk: SimpleNamespace) -> None:
    with frozen(local("2026-12-30 10:00")):
        promise = receive(desk)["interim_reply"]
        assert (promise.provisional, due(promise)) == (True, "2027-01-04 18:00")
        assert missing_years(date(2026, 12, 30)) == [2027]
        with acting_as(desk.leader):
            change_calendar(change=DayChange(None, date(2027, 1, 1), SpecialDay(False, "元旦")))
            change_calendar(change=YearChange(2027, True))
        promise.refresh_from_db()
        assert (promise.provisional, due(promise)) == (False, "2027-01-05 18:00")
        assert "2027年1月1日元旦放假" in promise.explanation
        assert missing_years(date(2026, 12, 30)) == []


def test_the_sentence_keeps_its_reasons_when_the_calendar_changes(desk: SimpleNamespace) -> None:
    promise = receive(desk, "bank")["settlement"]
    with frozen(local("2026-03-05 10:00")), acting_as(desk.handler):
        request_extension(promise_id=promise.pk, reason="案情复杂")
    with frozen(local("2026-03-05 11:00")):
        decide(desk)
    with acting_as(desk.handler):
        with frozen(local("2026-03-05 12:00")):
            pause_promise(promise_id=promise.pk, reason="等客户")
        with frozen(local("2026-03-06 12:00")):
            resume_promise(promise_id=promise.pk)
    assert due(promise) == "2026-04-02 18:00"
    both = "经批准延期，等待客户的时间不计，"
    with frozen(local("2026-03-06 13:00")):
        half = WeekChange(None, Week((((9 * 60, 12 * 60),),) * 5 + ((), ())))
        shown = {m.promise.pk: m.due.explanation for m in calendar_preview(half, local("2026-03-06 13:00"))}
        assert shown[promise.pk].startswith(both)
        with acting_as(desk.leader):
            change_calendar(change=half)
    assert due(promise) == "2026-04-02 12:00" and promise.explanation.startswith(both)
    standard = Standard.objects.get(key="bank.complaint-settlement", in_force=True)
    with frozen(local("2026-03-06 14:00")), acting_as(desk.leader):
        save_standard(data={**standard.data, "amount": 16}, expected_version=1)
        assert due(promise) == "2026-04-03 12:00" and promise.explanation.startswith(both)
        save_standard(data={**standard.data, "clock": "working_days", "extend_to": []}, expected_version=2)
    assert due(promise) == "2026-03-23 12:00" and promise.explanation.startswith("15 个工作日"), "from its beginning"


def test_on_another_clock_what_began_earlier_counts_from_then(desk: SimpleNamespace) -> None:
    load_pack(name="bank")
    before = local("2026-02-25 10:00")
    made = inside(desk, make_promises, trigger="complaint.received", matter_id=desk.matter.pk, since=before)
    promise = next(p for p in made if p.obligation == "settlement")
    standard = Standard.objects.get(key="bank.complaint-settlement", in_force=True)
    with acting_as(desk.leader):
        save_standard(data={**standard.data, "clock": "working_days", "extend_to": []}, expected_version=1)
    promise.refresh_from_db()
    assert promise.starts_at == before and "自 2月25日 10:00 起" in promise.explanation


def test_a_new_due_time_that_has_passed_already_is_not_applied(desk: SimpleNamespace) -> None:
    promise = receive(desk)["interim_reply"]
    with frozen(local("2026-03-05 17:00")):
        change = WeekChange(None, Week((((9 * 60, 12 * 60),),) * 5 + ((), ())))
        assert calendar_preview(change, local("2026-03-05 17:00"))[0].stays
        with acting_as(desk.leader):
            change_calendar(change=change)
    assert due(promise) == "2026-03-05 18:00"
    assert "仍按已告知的" in told(promise)


def test_a_broken_promise_is_not_unbroken_by_a_calendar(desk: SimpleNamespace) -> None:
    promise = receive(desk)["interim_reply"]
    with frozen(local("2026-03-06 10:00")), acting_as(desk.leader):
        change_calendar(change=DayChange(None, date(2026, 3, 4), SpecialDay(False, "厂庆")))
    assert due(promise) == "2026-03-05 18:00"
    assert promise.state == "broken"


def test_a_new_version_of_a_standard_moves_its_open_promises_and_keeps_pauses(desk: SimpleNamespace) -> None:
    promise = receive(desk, "bank")["settlement"]
    with frozen(local("2026-03-05 10:00")), acting_as(desk.handler):
        pause_promise(promise_id=promise.pk, reason="等客户")
    with frozen(local("2026-03-15 10:00")), acting_as(desk.handler):
        resume_promise(promise_id=promise.pk)
    assert due(promise) == "2026-03-27 18:00"
    standard = Standard.objects.get(key="bank.complaint-settlement", in_force=True)
    data = {**standard.data, "amount": 10, "warn_at": [90]}
    at = local("2026-03-16 10:00")
    assert [f"{m.new_due_at.astimezone(CST):%m-%d}" for m in standard_moves(standard.key, read_standard(data), at)] == [
        "03-22"
    ]
    with frozen(at), acting_as(desk.leader):
        newer = save_standard(data=data, expected_version=1, note="缩短时限")
        with pytest.raises(Stale):
            save_standard(data=data, expected_version=1)
    promise.refresh_from_db()
    assert (newer.version, promise.standard_id, due(promise)) == (2, newer.pk, "2026-03-22 18:00")
    assert "服务标准修改为第 2 版" in told(promise)
    assert Standard.objects.get(pk=standard.pk).data["amount"] == "15", "a version never changes"
    with frozen(local("2026-03-22 18:01")):
        announce_due()
    promise.refresh_from_db()
    assert promise.state == "broken"


def paused(desk: SimpleNamespace) -> Promise:
    promise = receive(desk, "bank")["settlement"]
    with frozen(local("2026-03-05 10:00")), acting_as(desk.handler):
        return pause_promise(promise_id=promise.pk, reason="等客户")


@pytest.mark.parametrize(
    ("change", "left", "due_after"),
    [
        ({"amount": 20}, "17 天", "2026-04-01 18:00"),
        ({"amount": 10}, "7 天", "2026-03-22 18:00"),
        ({"amount": 2}, "12 天", "2026-03-27 18:00"),  # gone by already: what we told holds
        ({"amount": 10, "clock": "working_days"}, "7 个工作日", "2026-03-25 18:00"),
        ({"title": "结案"}, "12 天", "2026-03-27 18:00"),
    ],
)  # fmt: skip
def test_a_new_version_holds_for_a_paused_promise_whose_time_is_reckoned_when_it_is_resumed(
    desk: SimpleNamespace, change: dict[str, Any], left: str, due_after: str
) -> None:
    promise = paused(desk)
    standard = Standard.objects.get(key="bank.complaint-settlement", in_force=True)
    data = {**standard.data, "extend_to": [], "ladder": [{"to": "handler", "after": 0}], **change}
    at = local("2026-03-10 10:00")
    preview = standard_moves(standard.key, read_standard(data), at)
    assert [span_text(m.left) for m in preview if m.left and not m.stays] == ([left] if left[:2] != "12" else [])
    with frozen(at), acting_as(desk.leader):
        newer = save_standard(data=data, expected_version=1)
    promise.refresh_from_db()
    assert (promise.standard_id, promise.state, span_text(promise.left)) == (newer.pk, "paused", left)
    if preview:
        assert f"还剩 {left}" in told(promise) and ("12" in left or f"还剩 {left}" in promise.explanation)
    with frozen(local("2026-03-15 10:00")), acting_as(desk.handler):
        resume_promise(promise_id=promise.pk)
    assert due(promise) == due_after
    assert [p.to for p in promise.points if p.kind == "escalated"] == ["handler"], "the new ladder"


def test_packs_load_once_keep_edited_figures_and_leave_history(desk: SimpleNamespace) -> None:
    promise = receive(desk)["interim_reply"]
    with acting_as(desk.leader):
        standard = Standard.objects.get(key="common.interim-reply")
        save_standard(data={**standard.data, "amount": 5}, expected_version=1)
        assert load_pack(name="common") == {"made": [], "widened": [], "left": []}
        assert remove_pack(name="common") == 10
        assert not Standard.objects.filter(in_force=True).exists()
        assert Standard.objects.filter(key="common.interim-reply").count() == 2
        assert len(load_pack(name="common")["made"]) == 10
        back = {s.key: s for s in Standard.objects.filter(in_force=True)}
    assert (back["common.interim-reply"].version, back["common.interim-reply"].data["amount"]) == (3, "3")
    promise.refresh_from_db()
    assert (promise.state, promise.standard.version) == ("open", 2)


def test_bad_standards_and_packs_are_refused_in_a_sentence(desk: SimpleNamespace) -> None:
    load_pack(name="common")
    good = Standard.objects.get(key="common.interim-reply").data
    with acting_as(desk.leader):
        with pytest.raises(Invalid) as caught:
            save_standard(data={**good, "amount": "-3"}, expected_version=1)
        assert "amount" in caught.value.fields
        with pytest.raises(Invalid, match="已有这个编号"):
            save_standard(data=good)
        for name in ("../packs/common", "nosuch", ""):
            with pytest.raises(Missing):
                load_pack(name=name)
        with pytest.raises(Missing):
            remove_standard(key="nosuch", expected_version=1)
        remove_standard(key="common.interim-reply", expected_version=1)
    with acting_as(desk.handler), pytest.raises(Denied):
        save_standard(data=good)
    with acting_as(desk.handler), pytest.raises(Denied):
        change_calendar(change=YearChange(2027, True))


def test_many_promises_move_in_portions(desk: SimpleNamespace, monkeypatch: Any) -> None:
    """However many there are: portions of fixed cost, each promise told once, none forgotten."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from yinuo.promises.commands import replanning
    from yinuo.promises.models import PromiseEvent

    template = receive(desk)["interim_reply"]
    template.pk = None
    with permit_writes("test"):
        Promise.unscoped.filter(matter=desk.matter).delete()
        copies = [Promise(**{f.attname: getattr(template, f.attname) for f in Promise._meta.concrete_fields if f.attname != "id"})
                  for _n in range(305)]  # fmt: skip
        Promise.unscoped.bulk_create(copies)
    monkeypatch.setattr(replanning, "PORTION", 125)
    with acting_as(desk.leader), CaptureQueriesContext(connection) as seen:
        change_calendar(change=DayChange(None, date(2026, 3, 4), SpecialDay(False, "厂庆")))
    assert set(Promise.unscoped.values_list("due_at", flat=True)) == {local("2026-03-06 18:00")}
    assert PromiseEvent.unscoped.filter(kind="replanned").count() == 305
    assert len(seen) < 60
