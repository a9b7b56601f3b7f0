"""An agreement names no sum beyond what was approved, however it is written and however often."""

from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from yinuo.complaints.rules.agreement import agreement_text, unapproved_amounts
from yinuo.complaints.rules.choices import ItemKind
from yinuo.complaints.rules.sums import sums_in

ITEM = ("refund", "原路退回", Decimal("1500"))
AGREED = {"customer": "千元店（一百元）", "about": "要求赔偿50000元并道歉", "items": [ITEM], "whole": Decimal("1500")}
COMPOSED = agreement_text(number="TS-1", **AGREED)
TWO = {**AGREED, "items": [("refund", "", Decimal("300")), ("money", "", Decimal("500"))], "whole": Decimal("800")}


@pytest.mark.parametrize(
    "text",
    [
        COMPOSED,
        COMPOSED + "\n三个工作日内到账。",
        "退款 1500 元",
        "退款￥1,500.00",
        "退款人民币壹仟伍佰元整（¥1,500.00）。",
        "退款 1,500.00 元（大写：壹仟伍佰圆整），三日内到账",
        "退款 1.5千元，合计 1500 元。",
        "RMB 1500，2026 年 5 月 3 日前到账",
        "赔偿金额：1500",
        "另换 2 桶新油，退 3 件旧件，每年保养 12 次，费用 0 元",
        "处理：退款\n2. 换货\n3. 道歉",
    ],
)
def test_what_was_approved_may_be_said_in_many_ways(text) -> None:
    assert unapproved_amounts(text, **AGREED) == []


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("退款 15000 元", "15000 元"),
        ("另付 2 万元", "2 万元"),
        ("另付¥99.5", "¥99.5"),
        ("另付五千元", "五千元"),
        ("另付５０００元", "5000元"),
        ("伍仟元整", "伍仟元"),
        ("伍万圆", "伍万圆"),
        ("人民币50000元", "人民币50000元"),
        ("RMB 8000", "RMB 8000"),
        ("赔偿金额：8000", "金额:8000"),
        ("另行赔偿 50000 元", "50000 元"),
        ("我们赔偿您8000，3日内到账", "赔偿您8000"),
        ("补偿 8000。", "补偿 8000"),
        ("退款 1500 元 5 角", "1500 元 5 角"),
        ("1500-8000元", "8000元"),
        ("8000至1500元", "8000"),
        ("另付 80 000 元", "80 000 元"),
        ("8,0000 元", "0000 元"),
        ("另付 1500 美元", "1500 美元"),
        ("另付 $1500", "$1500"),
        ("three thousand? 3000 yuan", "3000 yuan"),
        (COMPOSED + "\n另付 1500 元", "1500 元"),
        ("退款 1500 元，另付 1500 元", "1500 元"),
        (COMPOSED.replace("原路退回", "原路退回，另赔 50000 元"), "50000 元"),
        (COMPOSED + "\n要求赔偿50000元并道歉", "50000元"),
    ],
)
def test_what_was_not_approved_is_found(text, foreign) -> None:
    assert unapproved_amounts(text, **AGREED) == [foreign]


def test_several_items_may_be_said_as_their_total_but_not_beside_it() -> None:
    assert unapproved_amounts("我们向您支付 800 元", **TWO) == []
    assert unapproved_amounts("退款 300 元，赔偿 500 元，共 800 元", **TWO) == []
    assert unapproved_amounts("退款 300 元，赔偿 500 元，另付 800 元", **TWO) == ["800 元"]
    assert unapproved_amounts("退款 300 元，赔偿 500 元，另付总额 800 元", **TWO) == ["800 元"]


amounts = st.integers(1, 99_999_999).map(lambda n: Decimal(n) / 100)
words = st.text(max_size=30) | st.text("0123456789万元块角¥$,. -一百仟共计另付赔偿金额大写至为（）：；", max_size=20)
items = st.lists(st.tuples(st.sampled_from(ItemKind.values), words, amounts), min_size=1, max_size=5)


@given(items, words, words, st.sampled_from(["zh-hans", "en"]))
def test_the_composed_text_is_always_within(items, about, customer, language) -> None:
    """Whatever customers and handlers wrote into names, titles and details."""
    given = {"customer": customer, "about": about, "items": items, "whole": sum(i[2] for i in items)}
    with translation.override(language):
        assert unapproved_amounts(agreement_text(number="TS-1", **given), **given) == []


FIGURES = "零壹贰叁肆伍陆柒捌玖"


def formal(n: int) -> str:
    """Chinese numerals as on a cheque, up to 99,999,999."""
    if n >= 10_000:
        rest = n % 10_000
        return formal(n // 10_000) + "万" + ("" if not rest else ("零" if rest < 1000 else "") + formal(rest))
    out, gap = "", False
    for unit, word in ((1000, "仟"), (100, "佰"), (10, "拾"), (1, "")):
        digit, n = divmod(n, unit)
        if digit:
            out += ("零" if gap and out else "") + FIGURES[digit] + word
        gap = not digit
    return out


WAYS = (
    lambda n: f"{n}元", lambda n: f"{n:,}.00 元", lambda n: f"¥{n}", lambda n: f"RMB {n:,}", lambda n: f"人民币{n}",
    lambda n: f"{formal(n)}元整", lambda n: f"{formal(n)}圆", lambda n: f"{Decimal(n) / 10_000:f}万元",
    lambda n: f"赔偿金额：{n}", lambda n: f"{n}块钱", lambda n: f"CNY {n:,}", lambda n: f"赔偿{n}。",
)  # fmt: skip


@given(st.integers(1, 99_999_999), st.sampled_from(WAYS))
def test_every_way_of_writing_a_sum_is_read(n, way) -> None:
    assert [one.value for one in sums_in(f"我们另外{way(n)}")] == [n]


@given(st.integers(1, 99_999_999), st.integers(1, 99_999_999), st.sampled_from(WAYS))
def test_a_sum_beyond_the_approved_one_never_passes(approved, named, way) -> None:
    given = {**AGREED, "items": [("refund", "", Decimal(approved))], "whole": Decimal(approved)}
    composed = agreement_text(number="TS-1", **given)
    assert unapproved_amounts(composed + f"\n另外{way(named)}", **given), "once more is more, even the same sum"
    assert bool(unapproved_amounts(f"我们{way(named)}", **given)) == (named != approved)
