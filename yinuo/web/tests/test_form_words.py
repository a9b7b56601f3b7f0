"""A field refuses in a sentence a person would say, whatever the kind of field."""

import pytest
from django import forms

from yinuo.web.forms.base import amount, choice, line, many, when
from yinuo.web.forms.words import speak_plainly


@pytest.mark.parametrize(
    ("field", "given", "sentence"),
    [
        (forms.SlugField(), "质检 部", "只能用英文字母"),
        (forms.IntegerField(max_value=5), "九", "请填写整数"),
        (forms.IntegerField(max_value=5), "9", "不能大于 5"),
        (amount("元"), "-1", "不能小于 0"),
        (amount("元"), "1.234", "小数点后 2 位"),
        (amount("元"), "9" * 30, "太大"),
        (amount("元"), "NaN", "请填写数字"),
        (line("名称", length=3), "四个字呀", "最多 3 个字，现在有 4 个"),
        (line("名称"), "a\0b", "看不见的控制字符"),
        (choice("哪个", [("1", "一")]), "2", "请重新选择"),
        (many("哪些", [("1", "一")]), ["2"], "请重新选择"),
        (when("何时"), "0001-01-01T00:00", "请填写真实存在的日期和时间"),
        (forms.IntegerField(error_messages={"invalid": "自己的话"}), "x", "自己的话"),
    ],
)
def test_a_refusal_is_said_plainly(field, given, sentence):
    speak_plainly(field)
    with pytest.raises(forms.ValidationError) as caught:
        field.clean(given)
    assert sentence in caught.value.messages[0]
