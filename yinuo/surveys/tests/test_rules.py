"""Figures against published ones, and what must hold for any answers."""

from datetime import UTC, date, datetime, timedelta
from math import isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yinuo.kernel.errors import Invalid
from yinuo.surveys.packs import NAMES, pack
from yinuo.surveys.rules import statistics as figures
from yinuo.surveys.rules.asking import LowRule, in_sample, next_round, rested
from yinuo.surveys.rules.questions import DIMENSIONS, checked, read
from yinuo.surveys.rules.scoring import SCORE, gaps, marks, score

COUNTS = st.dictionaries(st.integers(0, 10).map(float), st.integers(1, 400), min_size=1, max_size=11)


def test_nps_is_the_published_one() -> None:
    """Promoters ½, passives ⅓, detractors ⅙: 33.3, variance 5/9, n = 324 → ±8.12 points."""
    net = figures.nps({10.0: 162, 7.0: 108, 3.0: 54})
    assert (net.n, round(net.score, 1)) == (324, 33.3)
    assert isclose(net.variance, 5 / 9)
    assert round(net.half, 2) == 8.12


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"), [(15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
)
def test_wilson_is_the_published_one(hits, n, low, high) -> None:
    """Newcombe, Statistics in Medicine 17 (1998) 857–872, table I, method 3."""
    found = figures.share(hits, n)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("freedom", "t"), [(1, 12.706), (4, 2.776), (5, 2.571), (10, 2.228), (30, 2.042), (120, 1.980)]
)
def test_students_t_is_that_of_the_tables(freedom, t) -> None:
    assert abs(figures.student(freedom) - t) < 0.003


@settings(max_examples=60, deadline=None)
@given(COUNTS)
def test_every_interval_holds_its_figure(counts) -> None:
    mean, net = figures.mean(counts), figures.nps(counts)
    low, high = min(counts), max(counts)
    assert low <= mean.value <= high
    assert mean.n == 1 or mean.low <= mean.value <= mean.high
    assert net.promoters + net.passives + net.detractors == mean.n
    assert -100 <= net.estimate.low <= net.score <= net.estimate.high <= 100
    part = figures.share(net.promoters, net.n)
    assert 0 <= part.low <= part.value <= part.high <= 1


def test_servqual_has_its_22_items_in_five_dimensions_asked_twice() -> None:
    asked = checked("servqual", pack("servqual")["questions"])
    for side in ("expectation", "perception"):
        assert [sum(q.part == p and q.side == side for q in asked) for p in DIMENSIONS] == [4, 5, 4, 4, 5]
    values = {q.key: 7 if q.side == "expectation" else 5 for q in asked if q.type == "scale"}
    assert {gap for _e, _p, gap in gaps(asked, values).values()} == {-2.0}, "perception less expectation"
    assert score("servqual", asked, values) == -2.0
    assert {m.key: m.number for m in marks("servqual", asked, values)}["gap:empathy"] == -2.0


@pytest.mark.parametrize("name", NAMES)
def test_the_shipped_ones_can_be_asked_and_answered(name) -> None:
    data = pack(name)
    asked = checked(data["kind"], data["questions"])
    values, wrong = read(asked, {q.key: str(q.high) for q in asked if q.type == "scale"})
    assert wrong == {}
    assert any(m.key == SCORE for m in marks(data["kind"], asked, values))


def test_a_question_keeps_its_key_and_another_never_takes_it() -> None:
    first = checked(
        "own",
        [
            {"type": "scale", "title": "一", "low": 1, "high": 5},
            {"type": "choice", "title": "二", "options": ["甲", "乙"]},
        ],
    )
    rows = [{**first[1].as_data(), "title": "二，改了字"}, {"type": "scale", "title": "新", "low": 1, "high": 5}]
    second = checked("own", rows, first)
    assert [q.key for q in second] == ["q2", "q3"]
    wider = [{**first[0].as_data(), "high": 10}]
    assert checked("own", wider, [*first, *second])[0].key == "q4", "another scale cannot be counted together"


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("nps", [{"type": "scale", "title": "x", "low": 1, "high": 5}]),
        ("own", []),
        ("own", [{"type": "text", "title": "x"}]),
        ("own", [{"type": "choice", "title": "x", "options": ["甲"]}]),
        ("own", [{"type": "choice", "title": "x", "options": ["甲", "甲"]}]),
        ("own", [{"type": "scale", "title": " ", "low": 1, "high": 5}]),
        ("own", [{"type": "scale", "title": "x", "low": 5, "high": 1}]),
        ("own", [{"type": "scale", "title": "x", "low": 1, "high": 5, "labels": ["好"]}]),
        ("fairness", [{"type": "scale", "title": "x", "low": 1, "high": 5}]),
        ("magic", [{"type": "scale", "title": "x", "low": 1, "high": 5}]),
    ],
)
def test_what_cannot_be_asked_is_refused(kind, rows) -> None:
    with pytest.raises(Invalid):
        checked(kind, rows)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["q1", "q2", "q3", "q4", "x"]),
        st.one_of(st.text(max_size=20), st.lists(st.text(max_size=5)), st.integers(), st.none()),
    )
)
def test_hostile_answers_are_read_or_refused_and_never_more(given_) -> None:
    asked = checked("own", [
        {"type": "scale", "title": "一", "low": 0, "high": 10}, {"type": "choice", "title": "二", "options": ["甲", "乙"], "required": False},
        {"type": "many", "title": "三", "options": ["甲", "乙"], "required": False}, {"type": "text", "title": "四", "required": False},
    ])  # fmt: skip
    values, wrong = read(asked, given_)
    assert set(values) <= {"q1", "q2", "q3", "q4"} and not set(values) & set(wrong)
    assert values.get("q1", 0) in range(11) and values.get("q2", "甲") in ("甲", "乙")
    assert "q1" in values or "q1" in wrong


def test_low_is_what_the_rule_says() -> None:
    nps = LowRule(3, 6)
    assert [nps.low(s, c) for s, c in ((3, ""), (4, ""), (6, "慢"), (7, "慢"), (None, "慢"))] == [
        True,
        False,
        True,
        False,
        False,
    ]
    assert not LowRule(None, None).low(0, "慢")


def test_sampling_takes_about_its_share_and_the_same_every_time() -> None:
    taken = [in_sample(30, 7, n, "2026-11-01") for n in range(2000)]
    assert 500 < sum(taken) < 700
    assert taken == [in_sample(30, 7, n, "2026-11-01") for n in range(2000)]
    assert all(in_sample(100, 7, n, "x") for n in range(50))


def test_rest_and_rounds() -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    assert rested(None, at, 30) and rested(at - timedelta(days=30), at, 30)
    assert not rested(at - timedelta(days=29, hours=23), at, 30)
    assert next_round(date(2023, 11, 30), 3) == date(2024, 2, 29)
    assert next_round(date(2024, 2, 29), 12) == date(2025, 2, 28)
