"""Periods and spreads, by property."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from yinuo.calendars.rules import WorkCalendar
from yinuo.insight.rules.period import PRESETS, Period, apart, months_to, preset
from yinuo.insight.rules.spread import percentile, working_seconds

DAYS = st.dates(date(1992, 1, 1), date(2199, 1, 1))


@given(DAYS, st.sampled_from([p for p in PRESETS if p != "own"]))
def test_a_period_and_what_it_is_compared_with(today, name) -> None:
    period = preset(name, today)
    before, year = period.before(), period.year_ago()
    assert period.first <= period.last <= today
    assert before.first <= before.last < period.first and before.days <= period.days + 3
    assert year.first <= year.last and 364 <= (period.first - year.first).days <= 366
    if name in ("month", "quarter", "year"):
        assert before.first.day == 1


@given(DAYS, st.integers(0, 1000))
def test_buckets_cover_the_period_once(first, length) -> None:
    period = Period(first, first + timedelta(days=length))
    parts = period.buckets()
    assert parts[0].first == period.first and parts[-1].last == period.last and len(parts) <= 46
    assert all(b.first == a.last + timedelta(days=1) for a, b in pairwise(parts))


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), min_size=1))
def test_periods_set_apart_hold_each_day_once(spans) -> None:
    start = date(2026, 1, 1)
    periods = [Period(start + timedelta(days=a), start + timedelta(days=a + n)) for a, n in spans]
    parts = apart(periods)
    days = [part.first + timedelta(days=n) for part in parts for n in range(part.days)]
    assert days == sorted({p.first + timedelta(days=n) for p in periods for n in range(p.days)})
    assert all((b.first - a.last).days > 1 for a, b in pairwise(parts))


def test_whole_months_compare_with_whole_months() -> None:
    feb = Period(date(2024, 2, 1), date(2024, 2, 29))
    assert feb.before() == Period(date(2024, 1, 1), date(2024, 1, 31))
    assert feb.year_ago() == Period(date(2023, 2, 1), date(2023, 2, 28))
    assert Period(date(2024, 2, 29), date(2024, 2, 29)).year_ago() == Period(date(2023, 2, 28), date(2023, 2, 28))
    march = preset("month", date(2026, 3, 31))
    assert march.before() == Period(date(2026, 2, 1), date(2026, 2, 28))
    assert [m.first.month for m in months_to(date(2026, 2, 3), 3)] == [12, 1, 2]


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.01, 1))
def test_a_percentile_is_one_of_the_values_and_covers_its_share(values, part) -> None:
    found = percentile(values, part)
    assert found in values and sum(v <= found for v in values) >= part * len(values) - 1e-9


MOMENTS = st.integers(0, 360 * 86400).map(lambda s: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=s))


@given(st.lists(st.tuples(MOMENTS, MOMENTS).map(sorted), min_size=1, max_size=5))
def test_working_time_is_that_of_the_calendar(pairs) -> None:
    calendar = WorkCalendar(known_years=frozenset({2025, 2026, 2027}))
    seconds = [(a.timestamp(), b.timestamp()) for a, b in pairs]
    assert working_seconds(seconds, calendar) == [calendar.working_time(a, b).total_seconds() for a, b in pairs]
