from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yinuo.calendars.national import national_days, national_years
from yinuo.calendars.rules import WorkCalendar
from yinuo.calendars.spans import ClockKind
from yinuo.kernel.clock import CST
from yinuo.promises.rules.breach import MOST, capped_at, compensation, late_days
from yinuo.promises.rules.plan import (
    AFTER,
    Announcement,
    Point,
    Watched,
    is_late,
    next_wake,
    plan,
    read_points,
    tick,
    write_points,
)
from yinuo.promises.rules.standard import Breach, BreachKind, Rung, StandardSpec
from yinuo.promises.states import State

CHINA = WorkCalendar(national=national_days(), known_years=national_years())


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CST)


def spec(clock: ClockKind, amount: int, **more: object) -> StandardSpec:
    values: dict[str, object] = {
        "warn_at": (50, 80),
        "ladder": (
            Rung("handler", Decimal(0)), Rung("manager", Decimal(1)), Rung("next_level", Decimal(2)),
            Rung("leader", Decimal(3)),
        ),
    }  # fmt: skip
    return StandardSpec("k", "t", "complaint.received", "o", clock, Decimal(amount), **{**values, **more})  # type: ignore[arg-type]


specs = st.builds(
    spec,
    st.sampled_from(list(ClockKind)),
    st.integers(1, 5),
    warn_at=st.lists(st.integers(1, 99), max_size=4, unique=True).map(lambda v: tuple(sorted(v))),
)
starts = st.datetimes(
    datetime.fromisoformat("2025-09-20"), datetime.fromisoformat("2025-12-01"), timezones=st.just(CST)
)


def walk(points: tuple[Point, ...], moments: list[datetime]) -> list[tuple[str, int]]:
    """What a clock that looks at `moments` announces, in order."""
    state, said = State.OPEN, []
    for now in moments:
        verdict = tick(Watched(state, points, frozenset(said)), now)
        state = verdict.state
        said += [p.key for p in verdict.announce]
    return said


@settings(max_examples=150, deadline=None)
@given(specs, starts, st.integers(1, 600), st.integers(0, 40))
def test_however_the_clock_looks_everything_is_announced_once_in_the_same_order(
    standard: StandardSpec, start: datetime, step_minutes: int, outage_days: int
) -> None:
    due = CHINA.add(start, standard.span).at
    points = plan(standard, start, due, CHINA)
    end = points[-1].at + timedelta(days=1)
    step = max(timedelta(minutes=step_minutes), (end - start) / 500)
    often = [start + step * n for n in range(int((end - start) / step) + 1)] + [end]
    back_and_forth = [start + timedelta(days=outage_days), start, start + timedelta(days=1), end, start, end]
    assert walk(points, [end]) == walk(points, often) == walk(points, back_and_forth)
    assert sorted(walk(points, often)) == sorted(p.key for p in points)


@settings(max_examples=150, deadline=None)
@given(specs, starts, st.integers(0, 60 * 24 * 30))
def test_tick_is_idempotent_and_names_the_next_moment(standard: StandardSpec, start: datetime, minutes: int) -> None:
    points = plan(standard, start, CHINA.add(start, standard.span).at, CHINA)
    now = start + timedelta(minutes=minutes)
    first = tick(Watched(State.OPEN, points), now)
    said = frozenset(p.key for p in first.announce)
    again = tick(Watched(first.state, points, said), now)
    assert not again.announce
    assert (again.state, again.wakes_at) == (first.state, first.wakes_at)
    assert first.wakes_at == next_wake(points, said)
    assert first.wakes_at is None or first.wakes_at > now


def test_the_due_moment_itself_is_in_time() -> None:
    standard = spec(ClockKind.WORKING_DAYS, 3)
    due = local("2025-10-13 18:00")
    points = plan(standard, local("2025-09-30 18:20"), due, CHINA)
    assert tick(Watched(State.OPEN, points), due).state is State.OPEN
    assert tick(Watched(State.OPEN, points), due + AFTER).state is State.BROKEN
    ladder = [(p.to, f"{p.at.astimezone(CST):%m-%d %H:%M}") for p in points if p.kind is Announcement.ESCALATED]
    assert ladder == [
        ("handler", "10-13 18:00"), ("manager", "10-14 18:00"), ("next_level", "10-15 18:00"), ("leader", "10-16 18:00")
    ]  # fmt: skip


@pytest.mark.parametrize("state", [State.PAUSED, State.KEPT, State.RENEWED, State.WAIVED])
def test_a_promise_that_does_not_run_is_silent(state: State) -> None:
    points = plan(spec(ClockKind.CALENDAR_HOURS, 4), local("2026-01-05 10:00"), local("2026-01-05 14:00"), CHINA)
    assert tick(Watched(state, points), local("2026-02-01 00:00")) == tick(Watched(state, points), points[0].at)
    late = Watched(State.BROKEN, points, frozenset({("broken", 0)}), fulfilled=True)
    assert tick(late, local("2026-02-01 00:00")).announce == ()


def test_points_survive_storage_and_lateness_is_noticed() -> None:
    points = plan(spec(ClockKind.WORKING_HOURS, 4), local("2026-01-05 10:00"), local("2026-01-05 15:30"), CHINA)
    assert read_points(write_points(points)) == points
    assert not is_late(points[0], points[0].at + timedelta(minutes=4))
    assert is_late(points[0], points[0].at + timedelta(days=7))


DAILY = Breach(BreachKind.COMPENSATION, per_day=Decimal("50"), cap=Decimal("500"))


@pytest.mark.parametrize(
    ("until", "days", "amount", "capped"),
    [("10-13 18:01", 1, "50.00", False), ("10-14 18:00", 1, "50.00", False), ("10-14 18:01", 2, "100.00", False),
     ("10-23 18:00", 10, "500.00", False), ("12-01 09:00", 49, "500.00", True)],
)  # fmt: skip
def test_compensation_per_day_begun(until: str, days: int, amount: str, capped: bool) -> None:
    cost = compensation(DAILY, local("2025-10-13 18:00"), local(f"2025-{until}"))
    assert cost is not None
    assert (cost.late_days, cost.amount, cost.capped) == (days, Decimal(amount), capped)


def test_compensation_other_kinds() -> None:
    due, late = local("2025-10-13 18:00"), local("2025-10-15 09:00")
    assert late_days(due, due) == 0
    assert compensation(DAILY, due, due) is None
    assert compensation(Breach(), due, late) is None
    share = compensation(Breach(BreachKind.COMPENSATION, percent=Decimal("0.5")), due, late, Decimal("12345.67"))
    assert share is not None and share.amount == Decimal("123.46")
    apology = compensation(Breach(BreachKind.APOLOGY), due, late)
    assert apology is not None and apology.amount is None and apology.late_days == 2


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 400 * 24), st.integers(0, 48))
def test_compensation_grows_to_its_cap_and_never_past_it(hours: int, more: int) -> None:
    due = local("2025-01-10 18:00")
    one = compensation(DAILY, due, due + timedelta(hours=hours))
    two = compensation(DAILY, due, due + timedelta(hours=hours + more))
    low = one.amount if one and one.amount else Decimal(0)
    high = two.amount if two and two.amount else Decimal(0)
    assert low <= high <= Decimal(500)
    cap = capped_at(DAILY, due)
    assert cap is not None
    assert compensation(DAILY, due, cap + AFTER).amount == Decimal(500)  # type: ignore[union-attr]


def test_a_sum_that_grows_for_longer_than_anybody_lives_has_no_end() -> None:
    due = local("2026-03-16 18:00")
    yuan = Breach(BreachKind.COMPENSATION, per_day=Decimal(1), cap=Decimal("99999999"))
    assert capped_at(yuan, due) is None
    share = Breach(BreachKind.COMPENSATION, percent=Decimal("0.01"), cap=Decimal("1e8"))
    assert capped_at(share, due, Decimal("0.01")) is None
    assert plan(spec(ClockKind.CALENDAR_DAYS, 5, breach=yuan), local("2026-03-11 18:00"), due, CHINA)
    fifty_years = Breach(BreachKind.COMPENSATION, per_day=Decimal(1), cap=Decimal(18262))
    assert capped_at(fifty_years, due) == due + timedelta(days=18262)


def test_nothing_is_no_compensation_and_the_most_is_what_can_be_kept() -> None:
    due, late = local("2026-03-16 18:00"), local("2026-03-18 10:00")
    for breach, stake in (
        (Breach(BreachKind.COMPENSATION, percent=Decimal(1)), None),
        (Breach(BreachKind.COMPENSATION, percent=Decimal(1)), Decimal("0.1")),
        (Breach(BreachKind.COMPENSATION, per_day=Decimal(0)), None),
    ):
        assert compensation(breach, due, late, stake) is None
    most = compensation(Breach(BreachKind.COMPENSATION, per_day=Decimal("1e8")), due, due + timedelta(days=400))
    assert most is not None and (most.amount, most.capped) == (MOST, True)
