"""When it is quiet, and what comes through all the same."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinuo.identity.wishes import DESKTOP, KINDS, SHOWN, SOUND, WARNED, Wishes, is_quiet, kept, read, ways

CST = ZoneInfo("Asia/Shanghai")
NEW_YEAR = datetime(2026, 1, 1, tzinfo=CST)
moments = st.integers(0, 2 * 365 * 24 * 60).map(lambda passed: NEW_YEAR + timedelta(minutes=passed))
minutes = st.integers(0, 24 * 60 - 1)
days = st.sets(st.integers(0, 6), min_size=1).map(lambda found: tuple(sorted(found)))


@given(moments, minutes, minutes, days)
def test_quiet_is_what_a_walk_back_through_the_minutes_says(at, start, end, chosen) -> None:
    """Somebody walks back minute by minute to where the quiet time began, and looks at that day's name."""
    length = (end - start) % 1440 or 1440
    wishes = Wishes(quiet=True, quiet_from=start, quiet_to=end, quiet_days=chosen)
    began = (
        day for day in (at.date(), at.date() - timedelta(days=1))
        if timedelta(0) <= at.replace(second=0, microsecond=0, tzinfo=None)
        - datetime.combine(day, datetime.min.time()) - timedelta(minutes=start) < timedelta(minutes=length)
    )  # fmt: skip
    assert is_quiet(wishes, at, None) == any(day.weekday() in chosen for day in began)


@pytest.mark.parametrize(
    ("at", "quiet"),
    [
        ("2026-11-27 19:59", False), ("2026-11-27 20:00", True),  # Friday
        ("2026-11-28 07:59", True), ("2026-11-28 08:00", False),  # its morning after
        ("2026-11-28 21:00", False), ("2026-11-29 03:00", False),  # Saturday night is not chosen
        ("2026-11-30 03:00", False),  # nor is Sunday's
    ],
)  # fmt: skip
def test_a_night_belongs_to_the_day_it_begins_on(at, quiet) -> None:
    wishes = Wishes(quiet=True, quiet_days=(0, 1, 2, 3, 4))
    assert is_quiet(wishes, datetime.fromisoformat(at).replace(tzinfo=CST), None) is quiet


def test_outside_working_time_only_when_it_is_known() -> None:
    wishes, at = Wishes(quiet_off_work=True), datetime(2026, 11, 30, 10, tzinfo=CST)
    assert [is_quiet(wishes, at, working) for working in (True, False, None)] == [False, True, False]
    assert not is_quiet(Wishes(), at, False)


@given(st.sampled_from(KINDS), st.booleans(), st.booleans())
def test_quiet_hours_leave_the_bell_and_ones_own_promises(kind, own, through) -> None:
    wishes = Wishes(shown=KINDS, desktop=KINDS, sound=KINDS, through=through)
    said = set(ways(wishes, kind, own=own, quiet=True))
    assert SHOWN in said
    assert ({DESKTOP, SOUND} <= said) == (through and own and kind == WARNED)
    assert set(ways(wishes, kind, own=own, quiet=False)) == {SHOWN, DESKTOP, SOUND}


def test_what_is_kept_is_what_was_chosen() -> None:
    wishes = Wishes(shown=("warned",), desktop=(), volume=5, quiet_days=(6,))
    assert read(kept(wishes)) == wishes
    assert read({}) == Wishes()
