"""Where this installation may connect to, whoever typed the address."""

import re
import socket
from pathlib import Path

import pytest

from yinuo.kernel import outgoing
from yinuo.kernel.outgoing import Forbidden, Reach, addresses, connect, may_reach, public

YINUO = Path(__file__).resolve().parents[2]
NEVER = ("169.254.169.254", "169.254.0.1", "fe80::1%lo", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::",
         "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254")  # fmt: skip
LOOPBACK = ("127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::")
COMPANY = ("10.1.2.3", "192.168.1.1", "172.16.0.1", "172.31.255.255", "fc00::1", "fd12:3456::1", "::ffff:10.0.0.1")
NOWHERE = (
    "0.0.0.0",
    "::",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "ff02::1",
    "2001::1",
    "198.18.0.1",
    "192.0.2.1",
)
PUBLIC = ("93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34", "172.32.0.1")
MAIL = Reach(company=True)


@pytest.mark.parametrize("text", NEVER + LOOPBACK + COMPANY + NOWHERE)
def test_what_is_not_public_is_out_of_reach_by_itself(text) -> None:
    assert not public(text)
    assert not may_reach("x", text, Reach())


def test_how_far_each_reach_goes() -> None:
    everything = Reach(company=True, loopback=True, opened=frozenset({"x", "0.0.0.0/0", "::/0"}))
    for text in PUBLIC:
        assert may_reach("x", text, Reach()), text
    for text in COMPANY:
        assert may_reach("x", text, MAIL), text
    for text in NEVER + LOOPBACK + NOWHERE:
        assert not may_reach("x", text, MAIL), text
    for text in LOOPBACK:
        assert may_reach("x", text, Reach(loopback=True)), text
    for text in NEVER:
        assert not may_reach("x", text, everything), text


@pytest.fixture
def name(monkeypatch):
    """A name that leads where the test says, and a list of what was asked for and connected to."""

    def leads(*to: str) -> list:
        seen = []

        def getaddrinfo(host, port, *_more, **_named):
            seen.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in to]

        def create_connection(address, *_more):
            seen.append(address)
            raise ConnectionRefusedError

        monkeypatch.setattr(outgoing.socket, "getaddrinfo", getaddrinfo)
        monkeypatch.setattr(outgoing.socket, "create_connection", create_connection)
        return seen

    return leads


def test_the_name_is_asked_once_and_the_judged_address_is_connected_to(name) -> None:
    seen = name("10.0.0.5", "93.184.216.34")
    with pytest.raises(ConnectionRefusedError):
        connect("mail.corp", 993, 5, MAIL)
    assert seen == ["mail.corp", ("10.0.0.5", 993), ("93.184.216.34", 993)]


def test_one_bad_address_spoils_the_name_and_nothing_is_connected_to(name) -> None:
    for bad in ("127.0.0.1", "169.254.169.254", "0.0.0.0"):
        seen = name("93.184.216.34", bad)
        with pytest.raises(Forbidden) as told:
            connect("rebind.example", 993, 5, MAIL)
        assert seen == ["rebind.example"]
        assert bad not in str(told.value)


def test_a_port_out_of_reach_is_not_even_looked_up(name) -> None:
    seen = name("93.184.216.34")
    for port in (22, 80, 5432, 6379):
        with pytest.raises(Forbidden):
            connect("mail.example", port, 5, Reach(ports=frozenset({25, 993})))
    assert seen == []


def test_addresses_written_oddly_are_judged_by_what_they_mean() -> None:
    for text in ("127.1", "0x7f000001", "2130706433", "localhost", "[::1]", "0"):
        with pytest.raises(Forbidden):
            addresses(text, 993, MAIL)
    with pytest.raises(OSError):
        addresses("a" * 80 + ".example", 993, MAIL)


def test_nobody_else_makes_a_connection() -> None:
    """Every connection to an address somebody typed comes from this one place; the rest is the machine's own business."""
    ways = re.compile(
        r"create_connection|urlopen|\bhttpx\b|\bimport requests|http\.client|httpcore\.|\.connect_ex|smtplib\.SMTP(_SSL)?\("
        r"|imaplib\.IMAP4(_SSL|_stream)?\(|\bMailBox(Unencrypted|StartTls)?\("
    )
    found = {
        path.relative_to(YINUO).as_posix()
        for path in YINUO.rglob("*.py")
        if "/tests/" not in path.as_posix() and ways.search(path.read_text("utf-8"))
    }
    assert found - {"channels/email/servers.py"} == {"kernel/outgoing.py"}
