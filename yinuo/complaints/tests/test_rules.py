"""The pure rules, by property."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinuo.complaints.queries.guidance import (
    decision_aid,
    decision_questions,
    guidance,
    safe_sentences,
    statutes,
    temperaments,
)
from yinuo.complaints.rules.choices import MONEY_KINDS, Channel, ItemKind, Temperament
from yinuo.complaints.rules.decision import Situation, advise, score, situation
from yinuo.complaints.rules.guards import reopens
from yinuo.complaints.rules.money import MOST, Level, approval_level, lacks_amount, parse_amount, statutory, total
from yinuo.complaints.rules.pareto import pareto
from yinuo.complaints.rules.people import Scores, may_call_back, may_review, proposed_step
from yinuo.complaints.states import Stage
from yinuo.conversations.models import Channel as Spoken
from yinuo.matters.rules import needs_proof
from yinuo.wording.queries import as_rule
from yinuo.wording.rules import Book
from yinuo.wording.shipped import shipped

money = st.decimals(min_value=0, max_value=MOST, places=2, allow_nan=False, allow_infinity=False)
scale = st.integers(0, 4)
situations = st.builds(
    Situation,
    fault=st.integers(0, 100),
    relation=scale,
    repurchase=scale,
    word_of_mouth=scale,
    reasonable=scale,
    loss=money,
    demand=money,
)

BOOK = Book([as_rule(one["code"], one) for one in shipped()])


@given(st.lists(money, max_size=20))
def test_total_is_exact_to_the_cent(amounts):
    assert total(amounts) == sum(amounts)
    assert total(amounts).as_tuple().exponent == -2


@given(money)
def test_an_amount_written_out_is_read_back(amount):
    assert parse_amount(f"￥{amount:,}") == (amount, "")


@pytest.mark.parametrize(
    "absurd", ["-1", "NaN", "Infinity", "1e99", "1.005", "一百", "=1+1", "0x10", "\x00", "100000000", "--5", "1e-9"]
)
def test_an_absurd_amount_gets_a_sentence(absurd):
    amount, sentence = parse_amount(absurd)
    assert amount == 0
    assert sentence


@given(st.text(max_size=40))
def test_any_text_is_an_amount_or_a_sentence(text):
    amount, sentence = parse_amount(text)
    assert (0 <= amount <= MOST) and (not sentence or amount == 0)


LADDER = [Level(Decimal(500), ()), Level(Decimal(5000), ("supervisor",)), Level(None, ("supervisor", "leader"))]


@given(money, money)
def test_a_larger_amount_never_needs_fewer_people(a, b):
    low, high = sorted([a, b])
    assert len(approval_level(low, LADDER).roles) <= len(approval_level(high, LADDER).roles)


def test_the_limit_itself_is_within():
    assert approval_level(Decimal("500.00"), LADDER).roles == ()
    assert approval_level(Decimal("500.01"), LADDER).roles == ("supervisor",)
    assert approval_level(Decimal("5000.01"), LADDER).roles == ("supervisor", "leader")
    assert approval_level(MOST, LADDER[:2]).roles == ("supervisor",)


def test_money_needs_a_figure():
    assert lacks_amount("refund", Decimal(0)) and lacks_amount("money", Decimal(0))
    assert not lacks_amount("formal_apology", Decimal(0))


def test_statutory_claims():
    fraud, food = statutes()
    assert statutory(Decimal("100"), fraud) == Decimal("500.00")
    assert statutory(Decimal("1000"), fraud) == Decimal("3000.00")
    assert statutory(Decimal("20"), food) == Decimal("1000.00")


@given(situations)
def test_the_score_is_a_percentage_and_explained(s):
    advice = advise(s)
    assert 0 <= advice.score <= 100
    assert advice.reasons and advice.label and advice.suggested
    if advice.ceiling is not None:
        assert advice.ceiling >= 0
        if s.demand:
            assert advice.ceiling <= s.demand


@given(situations, st.sampled_from(["fault", "relation", "repurchase", "word_of_mouth", "reasonable"]))
def test_more_on_any_side_never_lowers_the_score(s, name):
    most = 100 if name == "fault" else 4
    fields = {f: getattr(s, f) for f in s.__slots__}
    fields[name] = most
    assert score(Situation(**fields)) >= score(s)


@given(situations)
def test_plain_fault_is_made_good_whatever_the_customer_is_worth(s):
    if s.fault >= 80:
        assert advise(s).level in ("full", "generous")


@given(st.dictionaries(st.sampled_from(["fault", "relation", "repurchase"]), st.text(max_size=6)))
def test_odd_answers_count_as_the_middle(answers):
    found = situation(answers, Decimal(0), Decimal(0))
    assert 0 <= found.fault <= 100 and 0 <= found.relation <= 4
    assert decision_aid(answers, loss="abc", demand="-3").ceiling is None


@given(st.integers(-3, 50))
def test_the_ladder_has_three_rungs(before):
    assert proposed_step(before) == ("warning" if before <= 0 else "penalty" if before == 1 else "dismissal")


@given(st.integers(1, 9), st.sets(st.integers(1, 9)))
def test_nobody_judges_their_own_case(person, handlers):
    assert may_call_back(person, handlers) == (person not in handlers)
    assert may_review(person, handlers) == (person not in handlers)


def test_a_customer_rates_without_a_caller():
    assert may_call_back(None, [1]) and not may_review(None, [])


@given(st.integers(-2, 8), st.none() | st.integers(-2, 8))
def test_scores_are_one_to_five_and_fairness_may_stay_unsaid(satisfaction, outcome):
    scores = Scores(satisfaction, outcome, None, 3)
    assert (scores.wrong() == []) == (1 <= satisfaction <= 5 and (outcome is None or 1 <= outcome <= 5))


@pytest.mark.parametrize(("score_", "again"), [(1, True), (2, True), (3, False), (4, False), (5, False), (None, False)])
def test_dissatisfied_reopens(score_, again):
    assert reopens(score_) is again


@given(st.dictionaries(st.text(min_size=1, max_size=5), st.integers(0, 500), max_size=12))
def test_pareto_runs_to_one_and_marks_the_smallest_head(counts):
    shares = pareto(counts.items())
    if not shares:
        return
    assert shares[-1].running == pytest.approx(1)
    vital = [s for s in shares if s.vital]
    assert shares[: len(vital)] == vital
    assert sum(s.count for s in vital) >= 0.8 * sum(s.count for s in shares) - 1e-9
    assert len(vital) == 1 or sum(s.count for s in vital[:-1]) < 0.8 * sum(s.count for s in shares)


def test_safe_sentences_are_safe():
    assert safe_sentences()
    for sentence in safe_sentences():
        assert BOOK.find(sentence, kind="complaint") == []


@pytest.mark.parametrize("stage", list(Stage))
def test_every_stage_has_guidance_that_promises_nothing(stage):
    text = guidance(stage, temperament="angry", manner="prepared")
    assert text.title and text.steps and text.say and text.avoid and text.temperament and text.manner
    assert [c["letter"] for c in text.clear] == list("CLEAR")
    assert len(text.fairness) == 3
    assert not any(BOOK.find(s, kind="complaint") for s in text.say)


def test_every_customer_type_has_hints():
    assert set(temperaments()) == set(Temperament.values)
    assert [q["name"] for q in decision_questions()] == [
        "fault",
        "relation",
        "repurchase",
        "word_of_mouth",
        "reasonable",
    ]


def test_a_channel_has_one_name_everywhere():
    assert {c.value: str(c.label) for c in Channel} == {c.value: str(c.label) for c in Spoken if c in Channel.values}


def test_money_agreed_on_is_paid_with_proof():
    assert [kind for kind in ItemKind.values if needs_proof(kind)] == [k for k in ItemKind.values if k in MONEY_KINDS]
