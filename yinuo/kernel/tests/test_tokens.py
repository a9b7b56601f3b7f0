"""Links cannot be forged, reused for another purpose, or used after their time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinuo.kernel.clock import frozen
from yinuo.kernel.errors import Invalid
from yinuo.kernel.tokens import sign, unsign

NOW = datetime(2026, 2, 28, 12, tzinfo=UTC)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x, max_size=3), max_leaves=5
)


@given(json_values)
def test_a_token_brings_back_its_payload(payload) -> None:
    assert unsign("track", sign("track", payload, None)) == payload


def test_an_expired_token_says_so() -> None:
    token = sign("track", {"m": 7}, NOW + timedelta(hours=1))
    with frozen(NOW):
        assert unsign("track", token) == {"m": 7}
    with frozen(NOW + timedelta(hours=2)):
        with pytest.raises(Invalid) as problem:
            unsign("track", token)
        assert unsign("track", token, late=True) == {"m": 7}
    assert problem.value.code == "token_expired"
    with frozen(NOW), pytest.raises(Invalid):
        unsign("agreement", token, late=True)


@pytest.mark.parametrize("forged", ["", ".", "x", "x.y", "e30.e30", "\x00", "一诺.一诺", "A" * 10_000])
def test_nonsense_is_refused_in_a_sentence(forged) -> None:
    with pytest.raises(Invalid) as problem:
        unsign("track", forged)
    assert problem.value.code == "token_forged"


@given(st.integers(0, 200), st.characters(min_codepoint=33, max_codepoint=126))
def test_changing_any_character_breaks_it(place, character) -> None:
    token = sign("track", {"m": 7}, NOW)
    spot = place % len(token)
    changed = token[:spot] + character + token[spot + 1 :]
    with frozen(NOW - timedelta(days=1)):
        try:
            assert unsign("track", changed) == {"m": 7}  # only an equal encoding of the same bytes may pass
        except Invalid as problem:
            assert problem.code == "token_forged"


def test_a_token_serves_one_purpose() -> None:
    with pytest.raises(Invalid):
        unsign("agreement", sign("track", 7, None))
