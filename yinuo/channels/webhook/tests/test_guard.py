"""Nobody uses a webhook to look around in our own network, and no old message passes for a new one."""

import socket
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinuo.channels.webhook import sending, signing
from yinuo.channels.webhook.rules import wrong_url
from yinuo.kernel.errors import Invalid

INSIDE = (
    "127.0.0.1",
    "10.1.2.3",
    "192.168.1.1",
    "172.16.0.1",
    "169.254.169.254",
    "0.0.0.0",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1%lo",
    "fc00::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "ff02::1",
)


@pytest.mark.parametrize("address", INSIDE)
def test_inside_addresses_are_refused(address):
    assert not sending.public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"])
def test_public_addresses_pass(address):
    assert sending.public(address)


def answer(monkeypatch, *addresses):
    asked = []

    def getaddrinfo(host, port, *_more, **_named):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in addresses]

    monkeypatch.setattr(sending.socket, "getaddrinfo", getaddrinfo)
    return asked


def test_a_name_that_leads_inside_is_refused_and_the_log_says_so(monkeypatch, settings):
    settings.WEBHOOK_ALLOW = []
    answer(monkeypatch, "93.184.216.34", "127.0.0.1")
    outcome = sending.post("https://rebind.example/hook", b"{}", {})
    assert outcome.status is None
    assert "not public" in outcome.error


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch, receiver):
    """The name is resolved once: a second answer cannot lead elsewhere."""
    asked = answer(monkeypatch, "127.0.0.1")
    outcome = sending.post(receiver.url.replace("127.0.0.1", "erp.example"), b"{}", {})
    assert outcome.status == 200
    assert asked[0] == "erp.example"
    assert "erp.example" not in asked[1:]
    assert receiver.got[0][1]["Host"].startswith("erp.example:")


def test_a_company_network_may_be_opened(monkeypatch, settings):
    answer(monkeypatch, "10.2.3.4")
    settings.WEBHOOK_ALLOW = ["10.2.0.0/16"]
    assert sending.checked_addresses("erp.corp", 443) == ["10.2.3.4"]
    settings.WEBHOOK_ALLOW = ["erp.corp"]
    assert sending.checked_addresses("erp.corp", 443) == ["10.2.3.4"]
    settings.WEBHOOK_ALLOW = ["10.3.0.0/16", "other.corp"]
    with pytest.raises(sending.Forbidden):
        sending.checked_addresses("erp.corp", 443)


def test_a_closed_port_is_a_failed_attempt(receiver):
    url = receiver.url
    receiver.shutdown()
    receiver.server_close()
    outcome = sending.post(url, b"{}", {})
    assert outcome.status is None
    assert outcome.error


@given(st.text(max_size=80))
def test_any_text_is_judged_not_crashed_on(text):
    assert isinstance(wrong_url(text, frozenset()), str)


def test_a_replayed_or_forged_message_is_refused():
    secret, now = signing.new_secret(), datetime.now(UTC)
    fresh = signing.headers(secret, "msg_1", now, "{}")
    signing.verify(secret, "{}", fresh)
    for bad in (
        signing.headers(secret, "msg_1", now - timedelta(minutes=6), "{}"),
        signing.headers(secret, "msg_1", now + timedelta(minutes=6), "{}"),
        signing.headers(signing.new_secret(), "msg_1", now, "{}"),
        {**fresh, "webhook-timestamp": "x"},
        {},
    ):
        with pytest.raises(Invalid):
            signing.verify(secret, "{}", bad)
    with pytest.raises(Invalid):
        signing.verify(secret, '{"a":1}', fresh)
