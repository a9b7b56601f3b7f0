"""What is found in a text, and what is let alone."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yinuo.wording.queries import as_rule
from yinuo.wording.rules import Book, Rule, WrongPhrase, read_phrase
from yinuo.wording.rules.matching import kept
from yinuo.wording.shipped import shipped

BOOK = Book([as_rule(one["code"], one) for one in shipped()])


def found(text: str, kind: str = "complaint") -> list[tuple[str, str]]:
    return [(one.words, one.rule.level) for one in BOOK.find(text, kind=kind)]


@pytest.mark.parametrize(
    "promise",
    ["我们三天内给您解决", "保证给您退款", "最迟11月30日处理完", "下周三之前一定办好", "全额赔偿没问题", "48小时内到账", "月底前搞定",
     "两个工作日内为您办结", "两 个工作日内·为您办 结", "４８小时内到账", "三天內給您解決"],
)  # fmt: skip
def test_a_resolution_date_or_result_is_kept_back_in_a_complaint(promise) -> None:
    assert "block" in {level for _words, level in found(promise)}, promise
    assert "block" not in {level for _words, level in found(promise, "order")}


@pytest.mark.parametrize(
    "fine",
    ["周二下午给您回电", "三个工作日内给您一次答复，没有结果也会告诉您", "我明天上午给您打电话说明进展", "已收到您的照片",
     "上周三您来电反映的问题我们正在核实", "不能保证一定解决", "我们不会说这不归我管", "您来信说“这不归我管”，我去核实",
     "> 三天内给您解决\n您上面写的我看到了"],
)  # fmt: skip
def test_what_may_be_said_is_let_alone(fine) -> None:
    assert found(fine) == []


def test_seven_phrases_are_never_said() -> None:
    said = [
        "三岁小孩都会",
        "一分钱，一分货",
        "绝对不可能有这种事",
        "你去问别人",
        "这个我不知道",
        "公司的规定就是这样",
        "看不懂中文吗",
    ]
    assert [found(one)[0][1] for one in said] == ["block"] * 7


def test_what_is_offered_instead_is_itself_fine() -> None:
    for rule in BOOK.rules:
        for words in rule.instead:
            others = [one for one in BOOK.find(words, kind="complaint") if one.rule.key != rule.key]
            assert others == [], (rule.key, words, [(one.words, one.rule.key) for one in others])


def test_there_are_enough_of_them_and_each_says_why_and_what_instead() -> None:
    assert len(shipped()) >= 120 and all(one["why"] and one["instead"] for one in shipped())


@pytest.mark.parametrize(
    ("phrase", "wrong"),
    [("", "empty"), ("嗯", "loose"), ("(的|)", "loose"), ("…好", "gaps"), ("好…", "gaps"), ("(a|(b))好", "brackets"),
     ("好)吗", "brackets"), ("好" * 300, "long"), ("甲…乙…丙…丁…戊", "gaps")],
)  # fmt: skip
def test_a_phrase_that_cannot_be_read_says_why(phrase, wrong) -> None:
    with pytest.raises(WrongPhrase, match=wrong):
        read_phrase(phrase)


@settings(deadline=None)
@given(st.text(max_size=120), st.sampled_from([one for rule in BOOK.rules for one in rule.say]))
def test_findings_point_into_the_text_and_do_not_overlap(text, say) -> None:
    text += say.replace("(", "").replace("|", "，").replace(")", "")
    last = 0
    for one in BOOK.find(text, kind="complaint"):
        assert text[one.start : one.end] == one.words and one.start >= last
        last = one.end


WORDS = st.text(alphabet="甲乙丙丁戊", min_size=2, max_size=4)


@given(st.lists(WORDS, min_size=1, max_size=6, unique=True), st.text(alphabet="甲乙丙丁戊己", max_size=30))
def test_plain_phrases_are_found_wherever_they_stand(says, text) -> None:
    book = Book([Rule(str(n), (say,), "habit", "hint", "x") for n, say in enumerate(says)])
    where = {(at, at + len(say)) for say in says for at in range(len(text)) if text.startswith(say, at)}
    chosen = {(one.start, one.end) for one in book.find(text)}
    assert chosen <= where
    for start, end in where:  # whatever was left out gave way to one at least as long
        assert any(a < end and start < b and b - a >= end - start for a, b in chosen)


@given(WORDS, st.lists(st.sampled_from([" ", "*", "·", "​", "　"]), max_size=3), st.text(alphabet="，。", max_size=2))
def test_what_people_put_between_hides_nothing(say, dodge, after) -> None:
    book = Book([Rule("1", (say,), "habit", "hint", "x")])
    typed = say[0] + "".join(dodge) + say[1:]
    assert [one.words for one in book.find("己" + typed + after)] == [typed]


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(1, 8), st.sampled_from(["hint", "warn", "block"])), max_size=8)
)
def test_the_gravest_is_never_hidden_by_a_lesser_one(given) -> None:
    rules = [(a, a + n, Rule(f"{a}{n}{level}", (), "habit", level, "")) for a, n, level in given]
    chosen = kept(rules)
    assert all(a[1] <= b[0] for a, b in pairwise(chosen))
    for start, end, rule in rules:
        assert any(a < end and start < b and other.weight >= rule.weight for a, b, other in chosen)
