"""Bytes to text, with the labels and the lies that real mail programs write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinuo.channels.email.parsing.charset import codec_for, decode, one_line, readable


@pytest.mark.parametrize("label", ["gb2312", "GBK", "x-gbk", '"gb2312"', "GB_2312-80", "cp936"])
def test_every_chinese_label_reads_rare_name_characters(label):
    # 喆, 镕 and 堃 are outside GB2312; senders label them GB2312 all the same.
    assert decode("陶喆 朱镕基 郑堃".encode("gb18030"), label) == "陶喆 朱镕基 郑堃"


def test_a_wrong_label_over_utf8_is_seen_through():
    assert decode("您好，发票".encode(), "gb2312") == "您好，发票"


def test_an_unknown_label_is_guessed():
    assert decode("退货单".encode("gb18030"), "x-no-such-charset") == "退货单"
    assert decode("退货单".encode(), "unknown-8bit") == "退货单"
    assert decode("退货".encode("utf-16"), "") == "退货"


def test_a_cut_character_costs_one_mark_not_the_text():
    text = decode("客户服务承诺一诺千金".encode()[:-1], "utf-8")
    assert text.startswith("客户服务承诺一诺千")


@pytest.mark.parametrize(
    "label", ["base64", "zip", "bz2", "hex", "rot13", "uu", "undefined", "idna", "x" * 100, "\x00"]
)
def test_a_codec_that_is_no_charset_is_refused_or_harmless(label):
    assert isinstance(decode(b"x" * 100, label), str)


def test_bytes_codecs_are_not_charsets():
    assert codec_for("zip") is None
    assert codec_for("base64") is None


def test_readable_drops_what_hides_or_breaks():
    assert readable("a\x00b\r\nc\u202ed\u200be\ufeff") == "ab\ncde"
    assert one_line("主题\r\nBcc: x@y\t\x0b 一", 50) == "主题 Bcc: x@y 一"


@given(st.binary(max_size=300), st.text(max_size=30))
def test_decoding_never_raises(data, label):
    text = readable(decode(data, label))
    text.encode("utf-8")
    assert "\x00" not in text
