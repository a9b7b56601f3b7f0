"""A mailbox's servers: which may be entered, where a connection goes, and how little the page tells of what it met."""

import socketserver
import ssl
import threading

import pytest

from yinuo.channels.contract import Outbound, TransportError
from yinuo.channels.email import imap, smtp
from yinuo.channels.email.commands.mailboxes import save_mailbox
from yinuo.channels.email.models import Mailbox
from yinuo.channels.email.probe import TRIES, probe
from yinuo.channels.registry import adapter
from yinuo.kernel import outgoing
from yinuo.kernel.errors import Invalid, TooMany

pytestmark = pytest.mark.django_db
SECURITIES = ("tls", "starttls", "none")
UNREACHABLE = "连不上邮件服务器"


@pytest.fixture
def closed(settings):
    """As an installation is where nothing was opened."""
    settings.MAIL_PORTS, settings.MAIL_LOCAL = frozenset(), False


@pytest.fixture
def chatty():
    """Something that is no mail server and says who it is."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.sendall(b"-ERR geheim-banner redis 7.2 at 10.9.9.9\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def box_at(host: str, port: int, security: str) -> Mailbox:
    return Mailbox(
        address="kf@yinuo.cn", name="x", imap_host=host, imap_port=port, imap_security=security, imap_user="kf",
        smtp_host=host, smtp_port=port, smtp_security=security,
    )  # fmt: skip


@pytest.mark.parametrize("security", SECURITIES)
def test_the_connection_goes_to_the_judged_address_under_the_names_certificate(monkeypatch, closed, security) -> None:
    asked, went, named = [], [], []

    def getaddrinfo(host, port, *_more, **_named):
        asked.append(host)
        return [(2, 1, 6, "", ("10.7.7.7", port))]

    class Socket:
        def __init__(self, address):
            went.append(address)

        def __getattr__(self, _name):
            raise ConnectionResetError

    monkeypatch.setattr(outgoing.socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(outgoing.socket, "create_connection", lambda address, _timeout: Socket(address))
    monkeypatch.setattr(
        ssl.SSLContext,
        "wrap_socket",
        lambda self, sock, server_hostname=None, **_: named.append(server_hostname) or sock,
    )
    box = box_at("mail.corp", 465, security)
    with pytest.raises(TransportError):
        imap.connect(box)
    with pytest.raises(OSError):
        smtp.log_in(box)
    assert asked == ["mail.corp"] * 2 and went == [("10.7.7.7", 465)] * 2
    assert named == (["mail.corp"] * 2 if security == "tls" else [])


@pytest.mark.parametrize("security", SECURITIES)
def test_whatever_answers_the_page_says_the_same(chatty, box, security) -> None:
    words = {word.partition("：")[2] for word in probe(box_at("127.0.0.1", chatty, security))["words"]}
    nobody = {word.partition("：")[2] for word in probe(box_at("127.0.0.1", 9, security))["words"]}
    assert words == nobody and len(words) == 1
    assert words.pop().startswith(UNREACHABLE)


def test_nor_do_the_notes_about_a_message_that_was_not_sent(chatty, box) -> None:
    save_mailbox(mailbox_id=box.pk, smtp_port=chatty)
    with pytest.raises(TransportError) as told:
        adapter("email").send("kf@yinuo.cn", Outbound(external_id="x1", to="a@b.cn", text="x"))
    assert told.value.detail.startswith(UNREACHABLE) and "geheim" not in told.value.detail


def test_what_may_not_be_reached_is_said_and_not_tried(chatty, box, closed) -> None:
    for host, port in (("127.0.0.1", chatty), ("127.0.0.1", 25), ("169.254.169.254", 25), ("localhost", 993)):
        assert all("不能连接这个地址" in word for word in probe(box_at(host, port, "none"))["words"])


def test_where_a_mailbox_may_be(box, closed) -> None:
    good = {"address": "a@yinuo.cn", "name": "甲", "imap_host": "imap.corp", "imap_port": "993", "smtp_host": "10.1.2.3",
            "smtp_port": "25"}  # fmt: skip
    assert save_mailbox(**good).pk
    for wrong, field in (
        ({"imap_port": "5432"}, "imap_port"), ({"smtp_port": "80"}, "smtp_port"), ({"imap_host": "127.0.0.1"}, "imap_host"),
        ({"smtp_host": "localhost"}, "smtp_host"), ({"imap_host": "169.254.169.254"}, "imap_host"),
        ({"smtp_host": "::1"}, "smtp_host"), ({"smtp_host": "[fe80::1]"}, "smtp_host"), ({"imap_host": "0.0.0.0"}, "imap_host"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as told:
            save_mailbox(**{**good, "address": "b@yinuo.cn", **wrong})
        assert set(told.value.fields) == {field}


def test_an_installation_may_open_more(box, closed, settings) -> None:
    settings.MAIL_PORTS, settings.MAIL_LOCAL = frozenset({2525}), True
    assert save_mailbox(address="a@yinuo.cn", name="甲", smtp_host="127.0.0.1", smtp_port="2525").pk


def test_ports_as_they_are_set() -> None:
    from yinuo.settings import _ports

    assert _ports("2525, 1025-1027,x,-,9-") == {2525, 1025, 1026, 1027, 9}
    assert _ports("") == frozenset()


def test_nobody_tries_all_day(box) -> None:
    for _n in range(TRIES):
        probe(Mailbox(address="x@yinuo.cn"))
    with pytest.raises(TooMany):
        probe(Mailbox(address="x@yinuo.cn"))
