from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yinuo.calendars.national import national_days, national_years
from yinuo.calendars.rules import OFFICE_WEEK, SpecialDay, WorkCalendar
from yinuo.calendars.spans import ClockKind, NoCalendarData, Span
from yinuo.calendars.wording import due_sentence, span_text
from yinuo.kernel.clock import CST

CHINA = WorkCalendar(national=national_days(), known_years=national_years())
DAY_AND_NIGHT = WorkCalendar(
    week=(((0, 1440),),) * 7, national=national_days(), known_years=national_years(), open_on_holidays=True
)
SHOP = WorkCalendar(
    week=(((8 * 60, 11 * 60 + 30), (14 * 60, 20 * 60)),) * 7,
    national=national_days(), known_years=national_years(),
    special={date(2025, 9, 30): SpecialDay(False, "盘点"), date(2025, 12, 31): SpecialDay(True, "", ((600, 700),))},
)  # fmt: skip


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CST)


def due(start: str, kind: str, amount: str, calendar: WorkCalendar = CHINA) -> str:
    return f"{calendar.add(local(start), Span.of(kind, amount)).at.astimezone(CST):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("start", "kind", "amount", "expected"),
    [
        ("2025-09-30 18:20", "working_days", "3", "2025-10-13 18:00"),
        ("2025-09-30 17:59", "working_days", "3", "2025-10-11 18:00"),
        ("2025-09-30 18:00", "working_days", "1", "2025-10-09 18:00"),
        ("2026-10-01 10:00", "working_days", "1", "2026-10-09 18:00"),
        ("2026-09-30 11:00", "working_hours", "3", "2026-09-30 15:30"),
        ("2026-09-30 11:00", "working_hours", "1", "2026-09-30 12:00"),
        ("2026-09-30 12:30", "working_hours", "0.5", "2026-09-30 14:00"),
        ("2026-09-30 17:00", "working_hours", "4", "2026-10-08 12:00"),
        ("2026-10-01 03:00", "calendar_hours", "4", "2026-10-01 07:00"),
        ("2026-09-30 20:00", "calendar_days", "15", "2026-10-15 18:00"),
        ("2026-09-30 09:00", "calendar_days", "0", "2026-09-30 18:00"),
        ("2026-09-30 19:00", "calendar_days", "0", "2026-09-30 23:59"),
        ("2026-09-30 19:00", "working_days", "0", "2026-10-08 18:00"),
        ("2026-12-20 09:00", "calendar_days", "30", "2027-01-19 18:00"),
    ],
)
def test_due_times(start: str, kind: str, amount: str, expected: str) -> None:
    assert due(start, kind, amount) == expected


def test_branch_open_every_day_crosses_its_long_lunch_and_its_own_days_off() -> None:
    assert due("2025-09-29 19:00", "working_hours", "2", SHOP) == "2025-10-09 09:00"
    assert due("2025-12-31 08:00", "working_hours", "1", SHOP) == "2025-12-31 11:00"
    assert due("2025-11-01 11:00", "working_hours", "1", SHOP) == "2025-11-01 14:30"
    assert due("2025-11-01 11:00", "working_days", "1", SHOP) == "2025-11-02 20:00"
    assert due("2025-10-01 23:30", "working_hours", "1", DAY_AND_NIGHT) == "2025-10-02 00:30"


def test_the_sentence_a_customer_can_read() -> None:
    told = due_sentence(CHINA.add(local("2025-09-30 18:20"), Span.of("working_days", 3)))
    assert told == (
        "3 个工作日，自 9月30日 18:20 起（非营业时间，按 10月9日 收到计），"
        "10月1日至8日国庆节、中秋放假，10月11日调休上班 → 10月13日 18:00"
    )
    assert due_sentence(CHINA.add(local("2026-12-31 10:00"), Span.of("calendar_hours", 24))) == (
        "24 小时，自 12月31日 10:00 起 → 2027年1月1日 10:00"
    )
    assert span_text(Span.of("working_hours", "2.50")) == "2.5 个工作小时"
    assert span_text(Span.of("working_days", 10)) == "10 个工作日"


def test_a_year_without_data_is_never_guessed_in_silence() -> None:
    with pytest.raises(NoCalendarData) as caught:
        CHINA.add(local("2026-12-30 10:00"), Span.of("working_days", 3))
    assert caught.value.year == 2027
    assumed = CHINA.assuming_plain_weeks().add(local("2026-12-30 10:00"), Span.of("working_days", 3))
    assert assumed.assumed_years == (2027,)
    assert "2027 年节假日尚未公布" in due_sentence(assumed)


def test_make_up_days_of_2026() -> None:
    made_up = [d for d, s in national_days().items() if s.working and d.year == 2026]
    assert [f"{d:%m-%d}" for d in sorted(made_up)] == ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]
    year = [date(2026, 1, 1) + timedelta(n) for n in range(365)]
    assert sum(CHINA.is_working(d) for d in year) == 248


starts = st.datetimes(
    datetime.fromisoformat("2023-01-01"), datetime.fromisoformat("2026-03-01"), timezones=st.just(UTC)
)
spans = st.one_of(
    st.builds(
        lambda k, s: Span(k, timedelta(seconds=s)),
        st.sampled_from([ClockKind.CALENDAR_HOURS, ClockKind.WORKING_HOURS]), st.integers(0, 60 * 3600),
    ),
    st.builds(
        lambda k, n: Span(k, timedelta(days=n)),
        st.sampled_from([ClockKind.CALENDAR_DAYS, ClockKind.WORKING_DAYS]), st.integers(0, 60),
    ),
)  # fmt: skip
calendars = st.sampled_from([CHINA, SHOP, DAY_AND_NIGHT, WorkCalendar(OFFICE_WEEK, assuming=True)])


@settings(max_examples=400, deadline=None)
@given(calendars, starts, spans)
def test_between_undoes_add(calendar: WorkCalendar, start: datetime, span: Span) -> None:
    at = calendar.add(start, span).at
    assert at >= start
    assert calendar.between(start, at, span.kind) == span


@settings(max_examples=200, deadline=None)
@given(calendars, starts, spans, spans)
def test_adding_more_never_ends_earlier(calendar: WorkCalendar, start: datetime, one: Span, two: Span) -> None:
    if one.kind is two.kind and one.length <= two.length:
        assert calendar.add(start, one).at <= calendar.add(start, two).at


@settings(max_examples=200, deadline=None)
@given(calendars, starts, spans, st.integers(0, 100))
def test_a_warning_point_lies_between_start_and_due(
    calendar: WorkCalendar, start: datetime, span: Span, percent: int
) -> None:
    at = calendar.add(start, span).at
    assert start <= calendar.point(start, at, span.kind, percent) <= at


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "99999999", "-1"])
def test_absurd_spans_are_refused(bad: str) -> None:
    with pytest.raises(ValueError):
        CHINA.add(local("2026-01-05 10:00"), Span.of("calendar_hours", bad))
    with pytest.raises(ValueError):
        Span.of("working_days", "1.5")
