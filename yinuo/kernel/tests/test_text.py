"""Text comes in clean, is found by any fragment, and goes out masked."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinuo.kernel.errors import Invalid
from yinuo.kernel.text import (
    clean_line,
    clean_text,
    grams,
    mask_email,
    mask_id,
    mask_phone,
    phone_tail,
    pinyin_initials,
    query_tokens,
)

chinese = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=30)


@given(st.text(max_size=300))
def test_cleaned_text_holds_nothing_invisible(raw) -> None:
    cleaned = clean_text(raw, 10_000)
    assert "\x00" not in cleaned and "\r" not in cleaned
    assert not any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in cleaned)
    assert not any(c in cleaned for c in "\u200b\u200e\u202e\u2066\ufeff")
    assert clean_text(cleaned, 10_000) == cleaned


@pytest.mark.parametrize("good", ["أهلا بالعالم", "héllo", "👨‍👩‍👧 家", "第一行\n第二行", "①②③", "龘靐齉"])
def test_honest_text_survives(good) -> None:
    assert clean_text(good).replace("\u200d", "") == unicodedata.normalize("NFC", good).replace("\u200d", "")


def test_too_long_is_a_sentence_not_a_crash() -> None:
    with pytest.raises(Invalid, match="内容太长"):
        clean_text("长" * 10_000_000, 20_000)


def test_a_line_is_one_line() -> None:
    assert clean_line("  甲\n乙\t\u202e丙  ") == "甲 乙 丙"


@given(chinese, st.data())
def test_every_fragment_of_two_characters_or_more_is_found(text, data) -> None:
    start = data.draw(st.integers(0, len(text) - 2))
    end = data.draw(st.integers(start + 2, len(text)))
    assert set(query_tokens(text[start:end])) <= set(grams(text))


digits = st.text("0123456789", min_size=4, max_size=11)


@given(digits, st.integers(4, 11))
def test_every_end_of_a_number_of_four_digits_or_more_is_found(number, length) -> None:
    assert set(query_tokens(number[-length:])) <= set(grams(f"电话+86{number}，请回电"))


@pytest.mark.parametrize(
    ("typed", "tail"),
    [("5544", "5544"), ("139 7766 5544", "13977665544"), ("+86-139-7766-5544", "13977665544"),
     ("008613977665544", "13977665544"), ("0771-5708899", "7715708899"), ("(0771)5708899", "7715708899"),
     ("0123456", "0123456"), ("１３９７７６６５５４４", "13977665544"), ("544", ""), ("ZQ7788", ""), ("王5544", ""), ("", "")],
)  # fmt: skip
def test_a_number_is_looked_for_by_its_end_however_it_is_written(typed, tail) -> None:
    assert phone_tail(typed) == tail


@given(st.text(max_size=200))
def test_grams_never_fail_and_stay_bounded(text) -> None:
    assert all(0 < len(t) <= 60 for t in grams(text))


@pytest.mark.parametrize(
    ("name", "initials"),
    [("王小明", "wxm"), ("欧阳娜娜", "oynn"), ("重庆ABC公司", "cqabcgs"), ("", ""), ("  ", ""), ("张3", "z3")],
)
def test_pinyin_initials(name, initials) -> None:
    assert pinyin_initials(name) == initials


def test_masks_keep_only_what_tells_people_apart() -> None:
    assert mask_phone("+8613812345678") == "138****5678"
    assert mask_phone("95588") == "***88"
    assert mask_email("zhangsan@example.cn") == "z***n@example.cn"
    assert mask_email("broken") == "***"
    assert mask_id("370102199001011234") == "370***********1234"


@given(st.text(min_size=1, max_size=40))
def test_a_mask_never_shows_the_whole(value) -> None:
    if len(value) > 7:
        assert mask_id(value) != value or set(value[3:-4]) == {"*"}
