"""Raw bytes to an Inbound: everything a mail may hold, and everything that tries to break the parser."""

import base64
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yinuo.channels.contract import Inbound, Unparseable
from yinuo.channels.email.parsing.understand import parse
from yinuo.channels.email.parsing.wire import dump, load
from yinuo.channels.email.tests import samples


def test_a_plain_mail():
    got = parse(samples.mail())
    assert got.sender == "zhang@customer.cn"
    assert got.sender_name == "张三"
    assert got.subject == "投诉：机油没有收到"
    assert got.text == "机油没有收到，请处理。"
    assert got.recipients == ("kf@yinuo.cn",)
    assert got.nature == "message"
    assert got.extra["may_be_answered"]


def test_html_only_mail_gives_words_and_a_safe_body():
    raw = b"From: a@b.cn\nContent-Type: text/html; charset=gb2312\n\n" + "<p>陶喆<br>退货<script>x</script></p>".encode(
        "gb18030"
    )
    got = parse(raw)
    assert got.text == "陶喆\n退货"
    assert "script" not in got.html


def test_of_alternatives_text_is_read_and_html_is_shown():
    got = parse(samples.mail(html="<p>机油<b>没有</b>收到</p>"))
    assert got.text == "机油没有收到，请处理。"
    assert "<b>没有</b>" in got.html


def test_files_keep_bytes_and_names():
    got = parse(
        samples.mail(
            files=[("发票 2026.pdf", b"%PDF-1.4 x", "application/pdf"), ("照片.png", samples.png(), "image/png")]
        )
    )
    assert [(f.name, f.content[:4]) for f in got.files] == [("发票 2026.pdf", b"%PDF"), ("照片.png", b"\x89PNG")]


def test_winmail_is_unwrapped():
    raw = samples.multipart(
        samples.part("application/ms-tnef; name=winmail.dat", samples.tnef("报价单.xls", b"xls-bytes"))
    )
    assert [(f.name, f.content) for f in parse(raw).files] == [("报价单.xls", b"xls-bytes")]


def test_a_broken_winmail_is_kept_as_it_is():
    raw = samples.multipart(samples.part("application/ms-tnef; name=winmail.dat", b"\x78\x9f\x3e\x22broken"))
    assert [f.name for f in parse(raw).files] == ["winmail.dat"]


def test_an_invitation_is_a_file():
    raw = samples.multipart(
        samples.part("text/plain; charset=utf-8", "周二来访".encode()),
        samples.part("text/calendar; method=REQUEST; charset=utf-8", b"BEGIN:VCALENDAR\nEND:VCALENDAR"),
        kind="alternative",
    )
    got = parse(raw)
    assert got.text == "周二来访"
    assert got.files[0].media_type == "text/calendar"


def test_a_nested_mail_is_one_file_not_our_text():
    inner = samples.mail("里面的信", subject="内")
    raw = samples.multipart(
        samples.part("text/plain; charset=utf-8", "请看附件".encode()), b"Content-Type: message/rfc822\n\n" + inner
    )
    got = parse(raw)
    assert got.text == "请看附件"
    assert got.files[0].name.endswith(".eml")
    assert parse(got.files[0].content).text == "里面的信"


def test_a_delivery_report_names_recipient_and_mail():
    got = parse(samples.bounce("ynae-x.1@yinuo.cn", "gone@customer.cn"))
    assert got.nature == "bounce"
    assert got.extra["failures"][0] == {
        "recipient": "gone@customer.cn", "action": "failed", "status": "5.1.1", "detail": "smtp; 550 5.1.1 User unknown", "permanent": True,
    }  # fmt: skip
    assert "ynae-x.1@yinuo.cn" in got.extra["about"]
    assert not got.extra["may_be_answered"]


def test_a_delay_is_no_failure():
    got = parse(samples.bounce("a@yinuo.cn", "x@y.cn", status="4.4.1", action="delayed"))
    assert got.nature == "bounce"
    assert not got.extra["failures"][0]["permanent"]


AUTOMATIC = [
    ({"Auto-Submitted": "auto-replied"}, "x", "auto_reply"),
    ({"Auto-Submitted": "no"}, "x", "message"),
    ({"X-Autoreply": "yes"}, "x", "auto_reply"),
    ({"X-Mail-Autoreply": "vacation"}, "x", "auto_reply"),
    ({"Precedence": "auto_reply"}, "x", "auto_reply"),
    ({"Precedence": "bulk"}, "x", "list"),
    ({"List-Id": "<a.b>"}, "x", "list"),
    ({"Auto-Submitted": "auto-replied"}, "自动回复: 我在休假", "auto_reply"),
    ({}, "关于贵司自动回复不及时的投诉", "message"),
]


@pytest.mark.parametrize(("headers", "subject", "nature"), AUTOMATIC)
def test_automatic_mail_is_recognised(headers, subject, nature):
    got = parse(samples.mail(headers=headers, subject=subject))
    assert got.nature == nature
    assert got.extra["may_be_answered"] == (nature == "message")


LOOKS_AUTOMATIC = [
    "自动回复: 我在休假",
    "自动回复：我在休假",
    "自动回复:Re: 投诉：机油没有收到",
    "Automatic reply: away",
    "Out of Office: away",
    "Re: 自动回复：我在休假",
    "自动回复太多，投诉",
    "自动答复里说的电话打不通",
]


@pytest.mark.parametrize("subject", LOOKS_AUTOMATIC)
def test_a_subject_alone_makes_no_mail_automatic_but_no_receipt_goes_out(subject):
    """Some programs answer without saying so in a header, and some people complain in the same words."""
    got = parse(samples.mail(subject=subject))
    assert got.nature == "message"
    assert not got.extra["may_be_answered"]


@pytest.mark.parametrize(
    ("sender", "subject"),
    [
        ("PostMaster@163.com", "系统退信"),
        ("MAILER-DAEMON@qq.com", "退信"),
        ("postmaster@sina.com", "邮件传输失败！"),
        ("mailer-daemon@x.cn", ""),
    ],
)
def test_bounces_without_a_standard_form(sender, subject):
    got = parse(samples.mail("抱歉，您的邮件被退回。用户不存在 <m1@yinuo.cn>", sender=sender, subject=subject or "x"))
    assert got.nature == "bounce"
    assert "m1@yinuo.cn" in got.extra["about"]
    assert got.extra["failures"][0]["permanent"]


@pytest.mark.parametrize("sender", ["noreply@x.cn", "no-reply@x.cn", "notifications@x.cn"])
def test_robots_get_no_receipt(sender):
    assert not parse(samples.mail(sender=sender)).extra["may_be_answered"]


def test_a_ten_megabyte_text_is_shown_cut_and_kept_whole():
    body = "你好，这是很长的文字。\n" * 340_000
    got = parse(
        f"From: a@b.cn\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{body}".encode()
    )
    assert "text_cut" in got.problems
    assert len(got.text) <= 90_000
    assert len(got.files[-1].content) >= 10_000_000


def test_more_files_than_anybody_sends():
    raw = samples.multipart(*[samples.part("application/x; name=a", b"x")] * 700)
    got = parse(raw)
    assert len(got.files) == 100
    assert "too_many_files" in got.problems or "too_many_parts" in got.problems


def test_a_missing_boundary_still_shows_the_words():
    got = parse("From: a@b.cn\nContent-Type: multipart/mixed; boundary=XYZ\n\n投诉没有边界\n".encode())
    assert "投诉没有边界" in got.text
    assert "broken_boundary" in got.problems


def test_nothing_but_attachment():
    raw = (
        b"From: a@b.cn\nContent-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\n"
        + base64.b64encode(b"%PDF")
    )
    got = parse(raw)
    assert (got.text, got.files[0].name, got.files[0].content) == ("", "a.pdf", b"%PDF")


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "x-uuencode", "8bit", "nonsense", ""])
def test_damaged_encodings_do_not_raise(encoding):
    parse(f"From: a@b.cn\nContent-Transfer-Encoding: {encoding}\n\n=E4=ZZ !!! begin 644 x\n~~~\n".encode())


@pytest.mark.parametrize("raw", [b"", b"\n\n", b"\x00" * 50, b"no headers at all", b"Subject: x\n\nno sender"])
def test_what_cannot_be_a_mail_is_refused_with_a_reason(raw):
    with pytest.raises(Unparseable) as told:
        parse(raw)
    assert told.value.code in ("empty", "no_sender")


def test_deep_nesting_is_survived():
    raw = b"From: a@b.cn\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=B%d\n\n--B%d\n" % (n, n) for n in range(3000)
    )
    try:
        parse(raw)
    except Unparseable as error:
        assert error.code == "too_deep"


def test_text_is_clean_for_the_database():
    got = parse(
        b"From: a@b.cn\nSubject: a\x00b\nContent-Type: text/plain; charset=utf-8\n\na\x00b\xe2\x80\xaec\xed\xa0\x80d\r\n"
    )
    assert "\x00" not in got.text + got.subject
    got.text.encode("utf-8")


header_line = st.tuples(
    st.sampled_from(["From", "To", "Subject", "Content-Type", "Content-Disposition", "Content-Transfer-Encoding", "Date", "References", "Message-ID", "Content-ID", "MIME-Version", "X"]),
    st.one_of(
        st.binary(max_size=60),
        st.sampled_from([
            b"multipart/mixed; boundary=B", b"multipart/report; report-type=delivery-status; boundary=B", b"message/rfc822",
            b"text/html; charset=gb2312", b"text/plain; charset=\"\xff\"", b"message/delivery-status", b"text/plain; charset*=''%",
            b"=?utf-8?B?4pyT?= <a@b.cn>", b"a@b.cn", b"attachment; filename*0*=utf-8''%E5; filename*1*=%8F", b"base64", b"quoted-printable",
            b"=?gb2312?Q?=?=", b"<>", b"\"", b"(((((", b"a:;", b"@", b"image/png; name=\"../../x\"", b"multipart/; boundary=\"",
        ]),
    ),
)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.one_of(
            header_line,
            st.sampled_from([(b"--B", None), (b"--B--", None), (b"", None)]),
            st.tuples(st.binary(max_size=80), st.none()),
        ),
        max_size=25,
    )
)
def test_no_bytes_make_the_parser_raise(lines):
    raw = b""
    for name, value in lines:
        raw += name + b"\n" if value is None else name.encode() + b": " + value + b"\n"
    try:
        got = parse(raw)
    except Unparseable:
        return
    assert load(*_joined(got)) == got
    header, _ = dump(got)
    assert "\\u0000" not in header.decode("ascii")
    json.dumps(json.loads(header), ensure_ascii=False).encode("utf-8")
    assert all("/" not in f.name and "\x00" not in f.name and f.name for f in got.files)


def _joined(got: Inbound) -> tuple[bytes, bytes]:
    header, contents = dump(got)
    return header, b"".join(contents)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_behind_a_sender_are_understood(body):
    got = parse(b"From: a@b.cn\n" + body)
    assert got.sender
    json.dumps(json.loads(dump(got)[0]), ensure_ascii=False).encode("utf-8")


@settings(max_examples=60, deadline=None)
@given(st.integers(min_value=0, max_value=2000), st.integers(min_value=0, max_value=255))
def test_one_damaged_byte_never_raises(position, value):
    raw = bytearray(samples.mail(html="<p>x</p>", files=[("照片.png", samples.png(), "image/png")]))
    raw[position % len(raw)] = value
    try:
        parse(bytes(raw))
    except Unparseable as error:
        assert error.code == "no_sender"
