"""Words of a case used again: without the people it was about."""

import pytest

from yinuo.complaints.rules.nameless import nameless

LEFT_OUT = [
    ("退给陈建国本人", "退给［客户］本人"),
    ("陈先生同意换货，建国签收", "［客户］同意换货，［客户］签收"),
    ("与陈总谈妥，合计300元", "与［客户］谈妥，合计300元"),
    ("电话 138 1234 5678 或027-87654321", "电话 ［号码］ 或［号码］"),
    ("退到6222 0212 3456 7890 123", "退到［号码］"),
    ("证号11010119900307123X", "证号［号码］"),
    ("寄 Chen.J@example.cn", "寄 ［隐去］"),
    ("微信wx_chenjg联系", "微信［隐去］联系"),
    ("车牌鄂A12345更换机油", "车牌［号码］更换机油"),
    ("按长江物流的要求", "按［客户］的要求"),
    ("Tell Li Lei, not Lily", "Tell ［客户］, not Lily"),
]
STAYS = [
    "退款300元（原路退回）",
    "换两桶 SAE 15W-40，4L 装",
    "批次不合格，我方责任 90%",
    "双方总额 1,200.00 元",
    "油路清洗3遍",
]


@pytest.mark.parametrize(("said", "kept"), LEFT_OUT)
def test_nobody_is_named(said, kept) -> None:
    names = ["陈建国", "长江物流有限公司", "Li Lei", "", "方"]
    assert nameless(said, names, others=["wx_chenjg", ""]) == kept


def test_an_address_is_left_out() -> None:
    assert "解放大道" not in nameless("寄到武汉市江岸区解放大道100号3栋201室，换两桶", []) and "换两桶" in nameless(
        "寄到解放大道100号，换两桶", []
    )


@pytest.mark.parametrize("said", STAYS)
def test_what_was_done_stays(said) -> None:
    assert nameless(said, ["陈建国", "长江物流有限公司"]) == said
