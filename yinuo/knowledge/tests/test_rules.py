"""Blanks lose no words, two versions are told apart, structure keeps every word, titles weigh most."""

from hypothesis import given
from hypothesis import strategies as st

from yinuo.knowledge.rules.comparing import compare
from yinuo.knowledge.rules.gaps import BRACES, fill, gaps, pieces, tidy, unknown, variable_of, variables
from yinuo.knowledge.rules.life import may_review, split_keywords
from yinuo.knowledge.rules.markup import blocks, plain
from yinuo.knowledge.rules.weighing import weights

NAMES = [v.name for v in variables()]
PARTS = ["您好，", "{", "}", "｛", "}}", "\n", "{id}", "{{", "<b>", "：", "{待填：金额}", "{今天", "{客户 称呼}", "甲", " ", "\x00",
         *(f"{{{n}}}" for n in NAMES), *(f"｛ {n} ｝" for n in NAMES)]  # fmt: skip
words = st.lists(st.sampled_from(PARTS), max_size=12).map("".join)
KNOWN = {v.code: f"<{v.code}>" for v in variables() if v.code != "blank"}


@given(words)
def test_filling_in_touches_nothing_but_the_variables(text) -> None:
    nothing = fill(text, {})
    assert nothing.text == text
    filled = fill(text, KNOWN)
    assert filled.text == "".join(_known(found) if found else words for words, found in _stretches(text))
    assert all(variable_of(name).code == "blank" for name in filled.missing)


def _known(found):
    meant = variable_of(found[1])
    return KNOWN[meant.code] if meant and meant.code != "blank" else found[0]


def _stretches(text):
    at = 0
    for found in BRACES.finditer(text):
        yield text[at : found.start()], None
        yield "", found
        at = found.end()
    yield text[at:], None


@given(words)
def test_pieces_are_the_text_and_its_gaps(text) -> None:
    cut = pieces(text)
    assert "".join(part for _gap, part in cut) == text
    assert list(dict.fromkeys(part for gap, part in cut if gap)) == gaps(text)


@given(words)
def test_what_is_tidied_means_the_same(text) -> None:
    assert fill(tidy(text), KNOWN).text.count("<customer>") == fill(text, KNOWN).text.count("<customer>")
    assert tidy(tidy(text)) == tidy(text)
    assert unknown(tidy(text)) == unknown(text)


def test_what_is_a_gap_and_what_is_not() -> None:
    assert gaps("您好{客户称呼}，退 {待填：金额} 元，见｛今天｝") == ["{客户称呼}", "{待填：金额}", "｛今天｝"]
    assert gaps('接口返回 {"code": 3}，{id} 照抄，{没有闭合\n}') == []
    assert unknown("{客户称呼} {待填：金额} {金额} {今天：明天} {id}") == ["金额", "今天：明天", "id"]
    assert fill("{客户称呼}您好，{承诺时间}前", {"customer": "陈建国"}) == fill(
        "{客户称呼}您好，{承诺时间}前", {"customer": "陈建国 "}
    )
    assert fill("{承诺时间}", {"promised": " "}).missing == ("承诺时间",)


@given(
    st.lists(st.sampled_from(["甲", "乙", "丙", "", "丁丁"]), max_size=12),
    st.lists(st.sampled_from(["甲", "乙", "", "戊"]), max_size=12),
)
def test_comparing_holds_both_texts(old, new) -> None:
    lines = compare("\n".join(old), "\n".join(new))
    assert "\n".join(line.text for line in lines if line.sign != "new") == "\n".join(old)
    assert "\n".join(line.text for line in lines if line.sign != "gone") == "\n".join(new)


@given(st.text(alphabet="甲乙 \n#-*1.、2)<>&", max_size=80))
def test_structure_keeps_every_word(body) -> None:
    found = "".join(line for block in blocks(body) for line in block.lines)
    assert sorted(c for c in found if c in "甲乙<>&") == sorted(c for c in body if c in "甲乙<>&")
    assert sorted(c for c in plain(body) if c in "甲乙<>&") == sorted(c for c in body if c in "甲乙<>&")


def test_structure_as_people_type_it() -> None:
    kinds = [(b.kind, b.lines) for b in blocks("# 先问\n1. 何时\n2、何处\n\n- 甲\n* 乙\n一句\n两句\n2026 年起\n1.5 升")]
    assert kinds == [
        ("heading", ["先问"]), ("steps", ["何时", "何处"]), ("list", ["甲", "乙"]),
        ("text", ["一句", "两句", "2026 年起", "1.5 升"]),
    ]  # fmt: skip


@given(
    st.text(alphabet="机油渗漏检测abc1234 ", max_size=12),
    st.lists(st.text(alphabet="机油渗漏abc", max_size=6), max_size=3),
    st.text(alphabet="机油渗漏检测abc1234\n", max_size=30),
)
def test_a_word_has_the_weight_of_its_best_place(title, keywords, body) -> None:
    found = weights(title, keywords, body)
    in_title, in_keywords, in_body = (set(weights(*x)) for x in ((title, (), ""), ("", keywords, ""), ("", (), body)))
    assert set(found) == in_title | in_keywords | in_body
    for token, weight in found.items():
        assert weight == ("A" if token in in_title else "B" if token in in_keywords else "D")


def test_nobody_passes_their_own_words_while_somebody_else_could() -> None:
    assert may_review(2, [1], [2, 3])
    assert not may_review(2, [1, 2], [2, 3])
    assert may_review(2, [2], [2])
    assert may_review(2, [2, 3], [2, 3])
    assert split_keywords(" 漏油，漏油、 密封 圈;\n" + "长" * 99) == ["漏油", "密封 圈", "长" * 40]
