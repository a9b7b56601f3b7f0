"""Builds raw messages for tests; each returns the exact bytes a server would hand over."""

from __future__ import annotations

import base64
import struct
import zlib
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from yinuo.kernel import clock


def mail(
    text: str = "机油没有收到，请处理。",
    *,
    sender: str = "张三 <zhang@customer.cn>",
    to: str = "kf@yinuo.cn",
    subject: str = "投诉：机油没有收到",
    message_id: str | None = None,
    headers: dict[str, str] | None = None,
    html: str = "",
    files: list[tuple[str, bytes, str]] | None = None,
) -> bytes:
    """One mail as a common program writes it."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = message_id if message_id is not None else make_msgid(domain="customer.cn")
    for name, value in (headers or {}).items():
        message[name] = value
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    for name, data, kind in files or []:
        main, _, sub = kind.partition("/")
        message.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


def png() -> bytes:
    """A real one-pixel image."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0\xff\0\0"))
        + chunk(b"IEND", b"")
    )


def bounce(message_id: str, recipient: str, *, status: str = "5.1.1", action: str = "failed") -> bytes:
    """A delivery report in the form of RFC 3464, as Postfix writes it."""
    return (
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.cn (Mail Delivery System)\nTo: kf@yinuo.cn\n"
        "Subject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status;\n boundary="B"\nMessage-ID: <dsn-'
        f"{abs(hash(message_id))}@mx.cn>\n\n--B\nContent-Type: text/plain\n\nI'm sorry.\n\n--B\n"
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.cn\n\n"
        f"Final-Recipient: rfc822; {recipient}\nAction: {action}\nStatus: {status}\n"
        "Diagnostic-Code: smtp; 550 5.1.1 User unknown\n\n--B\nContent-Type: message/rfc822\n\n"
        f"Message-ID: <{message_id}>\nFrom: kf@yinuo.cn\nTo: {recipient}\nSubject: x\n\nhello\n\n--B--\n"
    ).encode()


def tnef(name: str, content: bytes) -> bytes:
    """A winmail.dat with one file."""

    def attribute(level: int, number: int, kind: int, data: bytes) -> bytes:
        return struct.pack("<BHHI", level, number, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)

    return (
        struct.pack("<IH", 0x223E9F78, 1)
        + attribute(1, 0x9007, 6, struct.pack("<II", 936, 0))
        + attribute(2, 0x9002, 6, b"\0" * 14)
        + attribute(2, 0x8010, 1, name.encode("gb18030") + b"\0")
        + attribute(2, 0x800F, 6, content)
    )


def part(kind: str, body: bytes, *, encoding: str = "base64", extra: str = "") -> bytes:
    content = base64.encodebytes(body) if encoding == "base64" else body
    return f"Content-Type: {kind}\nContent-Transfer-Encoding: {encoding}\n{extra}\n".encode() + content


def multipart(*parts: bytes, head: str = "From: a@b.cn\nSubject: x\n", kind: str = "mixed") -> bytes:
    body = b"".join(b"--B\n" + one + b"\n" for one in parts)
    return (
        head.encode()
        + f"MIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary=B\n\n".encode()
        + body
        + b"--B--\n"
    )
