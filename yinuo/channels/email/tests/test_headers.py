"""Headers and file names from the wire, in every form in use and some that attack."""

import base64
import email
from email import policy

import pytest

from yinuo.channels.email.parsing.filenames import file_name, safe_name
from yinuo.channels.email.parsing.headers import addresses, message_ids, sent_at, text_header


def parsed(raw: bytes):
    return email.message_from_bytes(raw, policy=policy.default)


def b64(text: str, charset: str) -> str:
    return base64.b64encode(text.encode(charset)).decode()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (f"Subject: =?gb2312?B?{b64('关于陶喆先生的投诉', 'gb18030')}?=\n\n".encode(), "关于陶喆先生的投诉"),
        ("Subject: 原始八位主题\n\n".encode(), "原始八位主题"),
        ("Subject: 原始国标主题\n\n".encode("gb18030"), "原始国标主题"),
        (b"Subject: =?UTF-8?Q?=E9=80=80=E8=B4=A7_?=\n =?utf-8?q?=E5=8D=95?=\n\n", "退货 单"),
        (b"Subject: =?x-weird?B?5oqV6K+J?=\n\n", "投诉"),
        (b"Subject: =?utf-8?B?5oqV6K+J\n\n", "=?utf-8?B?5oqV6K+J"),
        (b"Subject: =?utf-8?B?!!!!?=\n\n", ""),
        (b"Subject: plain\n\n", "plain"),
        (b"\n\n", ""),
    ],
)
def test_subjects(raw, expected):
    assert text_header(parsed(raw), "Subject") == expected


def test_words_cut_inside_a_character_are_joined_first():
    data = "一诺千金".encode()
    first, second = base64.b64encode(data[:4]).decode(), base64.b64encode(data[4:]).decode()
    raw = f"Subject: =?utf-8?B?{first}?=\n =?UTF-8?B?{second}?=\n\n".encode()
    assert text_header(parsed(raw), "Subject") == "一诺千金"


def test_a_decoded_subject_cannot_carry_lines_or_nul():
    raw = f"Subject: =?utf-8?B?{b64('投诉' + chr(13) + chr(10) + 'Bcc: a@b.cn' + chr(0), 'utf-8')}?=\n\n".encode()
    assert text_header(parsed(raw), "Subject") == "投诉 Bcc: a@b.cn"


def test_addresses_with_commas_quotes_and_encoded_names():
    name = b64("张三, 客服部", "utf-8")
    raw = f'From: =?utf-8?B?{name}?= <Zhang.San@Example.CN>\nTo: "李, 四" <li@x.cn>, wang@x.cn\n\n'.encode()
    assert addresses(parsed(raw), "From") == [("张三, 客服部", "zhang.san@example.cn")]
    assert [a for _, a in addresses(parsed(raw), "To")] == ["li@x.cn", "wang@x.cn"]


@pytest.mark.parametrize(
    "raw",
    [
        b"From: \xb3\xc2\xc3\xf7 <chen@x.cn>\n\n",
        b"From: chen@x.cn (\xb3\xc2)\n\n",
        b"From: =?gb2312?B?s8LD9w==?=<chen@x.cn>\n\n",
        b'From: "chen@x.cn" <chen@x.cn>\n\n',
        b"From: <chen@x.cn\n\n",
        b"From: chen@x.cn;\n\n",
    ],
)
def test_a_sender_is_found_in_broken_forms(raw):
    assert [a for _, a in addresses(parsed(raw), "From")] == ["chen@x.cn"]


def test_message_ids_keep_the_root_and_the_newest():
    refs = " ".join(f"<{n}@x>" for n in range(200))
    found = message_ids(parsed(f"References: {refs}\nIn-Reply-To: <199@x>\n\n".encode()), "In-Reply-To", "References")
    assert len(found) == 60
    assert found[0] == "199@x"
    assert "198@x" in found


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Thu, 32 Foo 2026", "Thu, 01 Jan 1901 00:00:00 +0000", "1", "\xff" * 50]
)
def test_impossible_dates_are_none(date):
    assert sent_at(parsed(f"Date: {date}\n\n".encode("latin-1"))) is None


def test_a_date_without_zone_is_utc():
    assert sent_at(parsed(b"Date: Sun, 22 Nov 2026 10:00:00\n\n")).isoformat() == "2026-11-22T10:00:00+00:00"


GBK_231 = "发票".encode("gb18030")
NAMES = [
    (
        b"Content-Disposition: attachment; filename*=gb2312''"
        + "".join(f"%{b:02X}" for b in GBK_231).encode()
        + b".pdf",
        "发票.pdf",
    ),
    (
        b"Content-Disposition: attachment; filename*0*=utf-8''%E5%8F%91; filename*1*=%E7%A5%A8; filename*2=.pdf",
        "发票.pdf",
    ),
    (b'Content-Disposition: attachment; filename="=?gb2312?B?' + base64.b64encode(GBK_231) + b'?=.pdf"', "发票.pdf"),
    (b'Content-Disposition: attachment; filename="' + GBK_231 + b'.pdf"', "发票.pdf"),
    (b'Content-Type: application/pdf; name="' + "发票".encode() + b'.pdf"', "发票.pdf"),
    (b"Content-Disposition: attachment; filename*1*=%E7%A5%A8.pdf; filename*0*=utf-8''%E5%8F%91", "发票.pdf"),
    (b"Content-Disposition: attachment; filename=\"a.pdf\"; filename*=utf-8''%E5%8F%91.pdf", "发.pdf"),
    (b"Content-Disposition: attachment", "attachment-1.pdf"),
    (b'Content-Disposition: attachment; filename="..\\\\..\\\\etc\\\\passwd"', "passwd"),
]


@pytest.mark.parametrize(("header", "expected"), NAMES)
def test_file_names(header, expected):
    assert file_name(parsed(header + b"\n\n"), "application/pdf", 1) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\账单.xls", "账单.xls"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\u200bb\x00.pdf", "ab.pdf"),
        ("CON.txt", "_CON.txt"),
        (".htaccess", "htaccess"),
        ("..", ""),
        ("\r\n", ""),
        ("长" * 500 + ".docx", "长" * 145 + ".docx"),
    ],
)
def test_names_are_safe(raw, expected):
    assert safe_name(raw) == expected
