"""Certificates are looked at before they end: the judgement by itself, and the asking of real handshakes."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from yinuo.channels.email.tests.conftest import dovecot_server  # noqa: F401 the server of that name
from yinuo.channels.email.tests.servers import certificate
from yinuo.kernel.actor import Actor, acting_as
from yinuo.operations import certificates
from yinuo.operations.certificates import Shown, ask, judge, of_mail_server, of_page
from yinuo.operations.finding import BAD, GOOD, WARNING

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ends_in", "trusted", "level", "said"),
    [
        (timedelta(days=80), True, GOOD, "有效到 2027-02-18"),
        (timedelta(days=14), True, GOOD, "有效到"),
        (timedelta(days=13, hours=23), True, WARNING, "将在 2026-12-14 过期"),
        (timedelta(0), True, BAD, "已在 2026-11-30 过期"),
        (timedelta(days=-1), False, BAD, "过期"),
        (timedelta(days=80), False, BAD, "不信任"),
        (None, True, WARNING, "连不上"),
    ],
)
def test_what_is_said_of_a_certificate(ends_in, trusted, level, said):
    shown = Shown(None if ends_in is None else NOW + ends_in, trusted)
    found = judge("imap.example.cn:993", shown, NOW, must_be_trusted=True, advice="续期")
    assert found.level == level and said in found.words and "imap.example.cn" in found.words
    assert bool(found.advice) == (level != GOOD)


def test_a_page_this_machine_does_not_trust_is_no_fault():
    """A company's own authority may be known to its people's browsers only."""
    shown = Shown(NOW + timedelta(days=80), trusted=False)
    assert judge("https://x", shown, NOW, must_be_trusted=False, advice="…").level == WARNING


@contextmanager
def serving(folder, *, talks: str) -> Iterator[int]:
    """One that shows a certificate of nine days which nobody trusts: at once, or after STARTTLS."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate(folder))
    listening = socket.create_server(("127.0.0.1", 0))

    def one(plain: socket.socket) -> None:
        plain.settimeout(5)
        if talks == "smtp starttls":
            plain.sendall(b"220 here\r\n")
            plain.recv(100)
            plain.sendall(b"250-here\r\n250 STARTTLS\r\n")
            plain.recv(100)
            plain.sendall(b"220 go on\r\n")
        with context.wrap_socket(plain, server_side=True) as safe:
            if talks == "smtp tls":
                safe.sendall(b"220 here\r\n")
            safe.recv(100)

    def serve() -> None:
        while True:
            try:
                plain, _where = listening.accept()
            except OSError:
                return
            try:
                one(plain)
            except OSError:
                plain.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


def read(shown: Shown) -> tuple[int, bool]:
    return round((shown.ends - datetime.now(UTC)) / timedelta(days=1)), shown.trusted


@pytest.mark.parametrize("talks", ["smtp tls", "smtp starttls", "page"])
def test_the_date_is_read_of_one_that_is_not_trusted(tmp_path, talks):
    with serving(tmp_path, talks=talks) as port:
        greet = of_page("localhost", port) if talks == "page" else of_mail_server("smtp", "localhost", port, talks[5:])
        assert read(ask(greet)) == (9, False)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_real_mailbox_server_is_asked(dovecot_server, security):  # noqa: F811
    port = dovecot_server.tls_port if security == "tls" else dovecot_server.port
    assert read(ask(of_mail_server("imap", "localhost", port, security))) == (9, False)


def test_one_that_is_trusted(tmp_path, monkeypatch):
    """The system's list of authorities is asked, and the name is compared."""
    with serving(tmp_path, talks="page") as port:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        assert read(ask(of_page("localhost", port))) == (9, True)
        assert read(ask(of_page("127.0.0.1", port))) == (9, False)


def test_nobody_there(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert ask(of_page("localhost", port)) == ask(of_mail_server("smtp", "localhost", port, "tls")) == Shown(None)


@pytest.mark.parametrize(
    ("url", "level"),
    [("http://127.0.0.1:8000", GOOD), ("http://192.168.1.7:8000", WARNING), ("https://kefu.example.cn", GOOD)],
)
def test_the_public_address(monkeypatch, url, level):
    monkeypatch.setattr(certificates, "ask", lambda _greet: Shown(datetime.now(UTC) + timedelta(days=80)))
    (found,) = certificates.public(url)
    assert found.level == level


@pytest.mark.django_db
def test_each_mail_server_in_use_is_asked_once(monkeypatch):
    from yinuo.channels.email.commands.mailboxes import save_mailbox

    asked = []

    def note(*where: str) -> tuple[str, ...]:
        asked.append(where)
        return where

    monkeypatch.setattr(certificates, "of_mail_server", note)
    monkeypatch.setattr(
        certificates, "ask", lambda _greet: Shown(datetime.now(UTC) + timedelta(days=80), trusted=False)
    )
    servers = {"imap_host": "imap.example.cn", "smtp_host": "smtp.example.cn", "smtp_security": "starttls"}
    with acting_as(Actor.system("test")):
        for name in ("a", "b"):
            save_mailbox(name=name, address=f"{name}@example.cn", **servers)
        save_mailbox(name="c", address="c@example.cn", active=False, imap_host="gone.example.cn")
        save_mailbox(name="d", address="d@example.cn", imap_host="mail.corp", verify_certificate=False)
        save_mailbox(name="e", address="e@example.cn", imap_host="plain.corp", imap_security="none", imap_port=143)
        found = {one.words.split("：")[0]: one.level for one in certificates.mail()}
    assert [(protocol, host, security) for protocol, host, _port, security in asked] == [
        ("imap", "imap.example.cn", "tls"), ("smtp", "smtp.example.cn", "starttls"), ("imap", "mail.corp", "tls"),
    ]  # fmt: skip
    assert found == {"imap.example.cn:993": BAD, "smtp.example.cn:465": BAD, "mail.corp:993": GOOD}
