"""Nobody uses a webhook to look around in our own network, and no old message passes for a new one."""

import socket
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinuo.channels.webhook import sending, signing
from yinuo.channels.webhook.rules import wrong_url
from yinuo.kernel import outgoing
from yinuo.kernel.errors import Invalid


def answer(monkeypatch, *addresses):
    asked = []

    def getaddrinfo(host, port, *_more, **_named):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in addresses]

    monkeypatch.setattr(outgoing.socket, "getaddrinfo", getaddrinfo)
    return asked


def test_a_name_that_leads_inside_is_refused_and_the_log_says_so(monkeypatch, settings):
    settings.WEBHOOK_ALLOW = []
    answer(monkeypatch, "93.184.216.34", "127.0.0.1")
    outcome = sending.post("https://rebind.example/hook", b"{}", {})
    assert outcome.status is None
    assert outcome.error == "this address may not be connected to"  # not where the name leads


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch, receiver):
    """The name is resolved once: a second answer cannot lead elsewhere."""
    asked = answer(monkeypatch, "127.0.0.1")
    outcome = sending.post(receiver.url.replace("127.0.0.1", "erp.example"), b"{}", {})
    assert outcome.status == 200
    assert asked[0] == "erp.example"
    assert "erp.example" not in asked[1:]
    assert receiver.got[0][1]["Host"].startswith("erp.example:")


def test_a_company_network_may_be_opened(monkeypatch, settings):
    told = []

    def connect_tcp(self, host, *_more):
        told.append(host)
        raise outgoing.httpcore.ConnectError

    answer(monkeypatch, "10.2.3.4")
    monkeypatch.setattr(outgoing.httpcore.SyncBackend, "connect_tcp", connect_tcp)
    for allow, goes in ((["10.2.0.0/16"], True), (["erp.corp"], True), (["10.3.0.0/16", "other.corp"], False)):
        settings.WEBHOOK_ALLOW, told[:] = allow, []
        outcome = sending.post("http://erp.corp/", b"{}", {})
        assert (told == ["10.2.3.4"], "may not" not in outcome.error) == (goes, goes), allow


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
