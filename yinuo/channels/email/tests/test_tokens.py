"""Signed reply tokens: short, case-blind, impossible to make up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinuo.channels.email.tokens import find_tokens, read_token, reply_token, with_token, without_token

KEY, OTHER = b"k" * 32, b"o" * 32


@given(st.integers(min_value=1, max_value=2**63 - 1))
def test_round_trip_whatever_the_case(number):
    token = reply_token(number, KEY)
    assert read_token(token, KEY) == number
    assert read_token(token.upper(), KEY) == number
    assert read_token(token, OTHER) is None
    address = with_token("support@yinuo.cn", token)
    assert len(address.partition("@")[0]) <= 64
    assert find_tokens([f"回复编号：{token}。", f"<{token}.0011@yinuo.cn>", address]) == (token,)
    assert without_token(address) == "support@yinuo.cn"


def test_another_number_needs_another_signature():
    one, two = reply_token(1, KEY), reply_token(2, KEY)
    forged = two.partition("-")[0] + "-" + one.partition("-")[2]
    assert read_token(forged, KEY) is None


@pytest.mark.parametrize("text", ["TS261122-000123", "[#123]", "yn-", "ynaa-", "", "ynab-" + "a" * 20, "+yn@"])
def test_bare_numbers_are_nothing(text):
    assert all(read_token(token, KEY) is None for token in find_tokens([text]))


def test_only_stored_conversations_have_one():
    with pytest.raises(ValueError):
        reply_token(0, KEY)
