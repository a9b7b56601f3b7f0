"""The database goes, or the disk fills up, in the middle of anything: one sentence, nothing lost, nothing done twice."""

import errno
import re

import psycopg
import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client

from yinuo.customers.commands import card
from yinuo.customers.models import CustomerNote
from yinuo.identity.sessions import SessionStore
from yinuo.web.tests.conftest import make_customer

AWAY = "数据库暂时连不上"
FULL = "服务器的磁盘满了"
MET = "与别人的操作撞在一起"
NOTE = {"happened_on": "2026-01-05", "with_whom": "us", "text": "约定周二上门\n带样品", "once": "outage-0001"}


def of_the_server(kind: type[psycopg.Error]) -> OperationalError:
    wrong = OperationalError(kind.__name__)
    wrong.__cause__ = kind(kind.__name__)
    return wrong


TROUBLES = [
    (of_the_server(psycopg.errors.AdminShutdown), AWAY),
    (of_the_server(psycopg.errors.CannotConnectNow), AWAY),
    (InterfaceError("the connection is closed"), AWAY),
    (of_the_server(psycopg.errors.DiskFull), FULL),
    (of_the_server(psycopg.errors.DeadlockDetected), MET),
    (OSError(errno.ENOSPC, "No space left on device"), FULL),
]


def raising(wrong: Exception):
    def fails(*_given, **_named):
        raise wrong

    return fails


@pytest.fixture
def note(sign_in):
    """note(client) sends the note about a customer as its page does."""

    person = make_customer()

    def send(client: Client | None = None):
        asks = client or sign_in("agent", raise_request_exception=False)
        return asks.post(f"/customers/{person.pk}/note/", NOTE)

    return send


@pytest.mark.parametrize(("wrong", "sentence"), TROUBLES)
def test_in_the_middle_of_a_command(note, monkeypatch, wrong, sentence):
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(card, "record", raising(wrong))
        answer = note()
        page = answer.content.decode()
        assert answer.status_code == 503
        assert sentence in page
        assert "约定周二上门" in page and "带样品" in page
        shown = re.findall(r'y-typed-value">(.*?)</div>', page, re.S)
        assert len(shown) == 2, "what was typed, and no names or choices of the form"
    assert not CustomerNote.unscoped.exists()
    assert note().status_code == 303
    assert note().status_code == 303
    assert CustomerNote.unscoped.count() == 1


def test_before_any_page_is_reached(note, sign_in, monkeypatch):
    client = sign_in("agent", raise_request_exception=False)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(SessionStore, "load", raising(TROUBLES[0][0]))
        answer = note(client)
        assert (answer.status_code, AWAY in answer.content.decode()) == (503, True)
        part = client.get("/customers/", headers={"hx-request": "true"})
        assert part.status_code == 503
        assert "toast" in part.headers["HX-Trigger"]
    assert note(client).status_code == 303


def test_what_is_really_broken_is_not_called_an_outage(note, monkeypatch):
    monkeypatch.setattr(card, "record", raising(ZeroDivisionError()))
    answer = note()
    assert answer.status_code == 500
    assert "程序出了意外" in answer.content.decode()


@pytest.mark.parametrize(("wrong", "_sentence"), TROUBLES)
@pytest.mark.django_db
def test_on_the_customers_portal(monkeypatch, wrong, _sentence):
    from yinuo.channels.portal.views import home

    monkeypatch.setattr(home, "render", raising(wrong))
    answer = Client(raise_request_exception=False).get("/p/")
    assert answer.status_code == 503
    assert "您写的内容还在" in answer.content.decode()
