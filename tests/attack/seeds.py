"""What the fuzzing starts from: the corpus, and pieces that have broken readers elsewhere, put together and torn apart."""

from functools import cache
from pathlib import Path

from hypothesis import strategies as st

CORPUS = Path(__file__).parent / "corpus"
COMMON = (
    b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\xf0\x9f\x98\xa1", b"\xe2\x80\xae", b"\xe2\x80\xa8", b"\xc2\xad", b"\r\n", b"\n", b"\r",
    b"\t", b" ", b"'", b'"', b"\\", b"%", b"%00", b"-", b"+", b",", b".", b":", b";", b"=", b"(", b")", b"<", b">", b"@", b"0",
    b"1", b"9" * 19, b"9" * 400, b"-1", b"1e999", b"1e-400", b"NaN", b"Infinity", b"\xc2\xb2", b"\xef\xbc\x91", b"\xd9\xa3",
    b"null", b"true", b"[]", b"{}", "一".encode(), "亿".encode(), "。".encode(), b"A" * 300, b"[" * 300,
)  # fmt: skip
#: What each reader looks for.
TOKENS: dict[str, tuple[bytes, ...]] = {
    "mime": (
        b"From: ", b"From: =?utf-8?B?5byg5LiJ?= <a@b.cn>\n", b"From: a@b.cn, <@c:d@e>\n", b"Sender: x@y.cn\n", b"To: undisclosed:;\n", b"Subject: =?gb2312?B?zbfN?= =?utf-8?Q?=E4=?=\n",
        b"Content-Type: multipart/mixed; boundary=b\n", b"Content-Type: multipart/alternative; boundary=\"b\"\n",
        b"Content-Type: message/rfc822\n", b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n",
        b"Content-Type: message/delivery-status\n", b"Content-Type: text/html; charset=gb18030\n", b"Content-Type: text/plain; charset=utf-7\n",
        b"Content-Type: text/plain; charset=\"\xff\"\n", b"Content-Type: application/ms-tnef\n", b"Content-Type: ;;;=\n", b"Content-Type: text/plain; format=flowed\n",
        b"Content-Transfer-Encoding: base64\n", b"Content-Transfer-Encoding: quoted-printable\n", b"Content-Transfer-Encoding: x-uuencode\n",
        b"Content-Disposition: attachment; filename*0*=utf-8''%E4; filename*1=../../x\n", b"Content-Disposition: inline; filename==?utf-8?B?Ly4u?=\n",
        b"Content-ID: <a>\n", b"Date: Mon, 99 Foo 99999 99:99:99 +9999\n", b"Date: 30 Nov 0001 00:00:00 -2359\n", b"Message-ID: <\xff@x>\n", b"References: <a@b> <c@d>\n",
        b"In-Reply-To: (c (c (c", b"Authentication-Results: mx; dkim=pass (a\\) header.d=b.cn\n", b"Auto-Submitted: auto-replied\n", b"Return-Path: <>\n",
        b"\n--b\n", b"\n--b--\n", b"\n\n", b"Final-Recipient: rfc822; a@b\nAction: failed\nStatus: 5.1.1\n", b"<html><body>", b"=E4=BD=A0", b"=\n", b"begin 644 x\n", b"\x78\x9f\x3e\x22", b"> ", b"-----Original Message-----\n",
    ),
    "html": (
        b"<", b">", b"</", b"<!--", b"-->", b"--!>", b"<![CDATA[", b"]]>", b"<script>", b"</script>", b"<style>", b"</style>", b"<svg>", b"<math>", b"<mtext>", b"<mglyph>", b"<annotation-xml encoding=text/html>",
        b"<table>", b"<select>", b"<template>", b"<noscript>", b"<textarea>", b"<title>", b"<iframe srcdoc=", b"<img src=", b"<img data-remote-src=", b"<img data-cid=\"a\"", b"<img data-attachment=\"7\"", b"<a href=", b"javascript:", b"java\tscript:", b"data:text/html,", b"https://x", b"//x", b"cid:a",
        b"onerror=", b"onload\x00=", b"style=\"", b"url(", b"expression(", b"position:fixed", b"font-size:", b"color:", b"&#106;", b"&Tab;", b"&lt;", b"&#x0;", b"<p title='", b"<form>", b"<base href=", b"<meta http-equiv=refresh content=", b"<blockquote>", b"<div>" * 50,
    ),
    "addresses": (b"+86", b"0086", b"138", b"1234", b"5678", b"021-", b"400-", b"95588", b"(010)", b"ext. 9", b"#9", b"+1 212 555 0100", b"a@b.cn", b"@b.cn", b"a@", b"91350100M000100Y43", "１３８".encode(), "转".encode()),
    "text": ("五百元".encode(), "一千二".encode(), b"1,000.50", "万".encode(), b"3.5.", "明天下午".encode(), "周二".encode(), "给您回电".encode(), "三个工作日内".encode(), "月".encode(), "号".encode(), "点半".encode(), "小时".encode(), b"a.b@c-d", "渗漏".encode()),
    "dates": (b"2026-03-05", b"2026/2/29", b"2026-W01-1", b"20260305", b"0001-01-01", b"9999-12-31", b"T", b"Z", b"+23:59", b"09:00-12:00", b"24:00", b"-0", b"2026-11"),
    "pasted": ("月".encode(), "日".encode(), "年".encode(), "至".encode(), "元旦：".encode(), "上班".encode(), "放假".encode(), "（周四）".encode(), "一、".encode(), b"2026-02-29", b"9999-12-31", b"12-31~1-1", b"13/45", "恢复".encode(), "名".encode() * 60),
    "numbers": (b"1_000", b"0x10", b"1,000", "，".encode(), "￥".encode(), b"0.001", b"-0", b"1e8", b"99999999.99", b"1E+30", b"sNaN", b"0" * 60),
    "cursors": (b"WyJ0Iiwi", b"WyIiLCAxLCAyXQ", b"WyIiLCBJbmZpbml0eSwgMl0", b"WyJuIiwgIjFlMzAiLCAyXQ", b"WyIiLCBudWxsLCAyXQ", b"_", b"==", b".", b"eyI", b"W1tb"),
    "sheets": (b"PK\x03\x04", b"PK\x05\x06", b"id,phrases", b"\"\n\"", b"\xef\xbb\xbf", b"'=1+1", b"'@", b",,,", b"\r\r\n", b"2,", b"<!ENTITY a 'b'>"),
    "standards": (b'"key": "a.b"', b'"amount": ', b'"clock": "working_hours"', b'"ladder": [', b'"breach": {"kind": "per_day", "per_day": ', b'"conditions": {', b'"warn_at": [', b'"extend_to": [', b'"1e9999999"', b'"grade"', b"[[[["),
    "passkeys": (b'"id": "', b'"response": {', b'"userHandle": "', b'"clientDataJSON": "', b'"authenticatorData": "', b'"signature": "', b"\\u0000", b"\\ud800", b"eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0", b"[" * 2000, b"}"),
    "phrases": (b"(", b"|", b")", "…".encode(), b"#", b"^", b"$", b"\\", b"*", b"?", b"[", "这不归".encode(), "我".encode(), "天内".encode(), b"aa", "（".encode()),
}  # fmt: skip
EDITS = ("insert", "insert", "insert", "delete", "double", "flip", "splice")


@cache  # what is found during a run is no seed of it: the same choices must lead to the same inputs
def kept(target: str) -> list[bytes]:
    """The inputs kept for a target."""
    return [file.read_bytes() for file in sorted((CORPUS / target).iterdir())]


@st.composite
def inputs(draw: st.DrawFn, target: str) -> bytes:
    seeds, tokens = kept(target), TOKENS.get(target, ())
    data = draw(st.sampled_from([b"", *seeds]))
    for _edit in range(draw(st.integers(0, 8))):
        data = edited(draw, data, seeds, tokens)
    return data


def edited(draw: st.DrawFn, data: bytes, seeds: list[bytes], tokens: tuple[bytes, ...]) -> bytes:
    how = draw(st.sampled_from(EDITS))
    start = draw(st.integers(0, len(data)))
    end = min(len(data), start + draw(st.integers(0, 40)))
    if how == "insert":
        piece = draw(st.sampled_from(tokens or COMMON) | st.sampled_from(COMMON) | st.binary(max_size=8))
        return data[:start] + piece * draw(st.sampled_from((1, 1, 1, 2, 50))) + data[start:]
    if how == "delete":
        return data[:start] + data[end:]
    if how == "double":
        return data[:end] + data[start:]
    if how == "flip":
        return data[:start] + draw(st.binary(max_size=4)) + data[end:]
    other = draw(st.sampled_from(seeds or [b""]))
    return data[:start] + other[draw(st.integers(0, len(other))) :]
