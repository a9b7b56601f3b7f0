"""Chinese first, English complete: every sentence of the source has a translation that fits it."""

import re

import pytest

from yinuo.operations.catalogue import said, translated

PLACEHOLDER = re.compile(r"%\(\w+\)[#0\- +]*\d*(?:\.\d+)?[a-z]|%%|%[sd]|\{\w*(?::[^}]*)?\}")
CJK = re.compile("[\u4e00-\u9fff]")
# Chinese that stays: the product's name, and samples of what a person types.
STAYS = re.compile(r"一诺|中文|英文")


@pytest.fixture(scope="module")
def english() -> dict[str, str]:
    return {m.id: m.string for m in translated() if m.id}


def test_every_sentence_is_translated(english) -> None:
    assert [m.id for m in said() if m.id and not english.get(m.id)] == []


def test_placeholders_are_the_same(english) -> None:
    wrong = {k: v for k, v in english.items() if sorted(PLACEHOLDER.findall(k)) != sorted(PLACEHOLDER.findall(v))}
    assert wrong == {}


def test_english_is_english(english) -> None:
    assert {k: v for k, v in english.items() if CJK.search(STAYS.sub("", v))} == {}


def test_nothing_stale_is_kept(english) -> None:
    assert sorted(set(english) - {m.id for m in said()}) == []
