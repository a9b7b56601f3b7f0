"""The database goes, or the disk fills up, while a program asks: a problem it can act on, and the repeat does it once."""

import errno

import psycopg
import pytest
from django.db import InterfaceError, OperationalError

from yinuo.customers.commands import profiles
from yinuo.customers.models import Customer

pytestmark = pytest.mark.django_db


def of_the_server(kind: type[psycopg.Error]) -> OperationalError:
    wrong = OperationalError(kind.__name__)
    wrong.__cause__ = kind(kind.__name__)
    return wrong


@pytest.mark.parametrize(
    ("wrong", "code", "sentence"),
    [
        (OperationalError("server closed the connection unexpectedly"), "unavailable", "数据库暂时连不上"),
        (InterfaceError("the connection is closed"), "unavailable", "数据库暂时连不上"),
        (of_the_server(psycopg.errors.DiskFull), "unavailable", "服务器的磁盘满了"),
        (OSError(errno.ENOSPC, "No space left on device"), "unavailable", "服务器的磁盘满了"),
        (of_the_server(psycopg.errors.DeadlockDetected), "collided", "与别人的操作撞在一起"),
        (of_the_server(psycopg.errors.SerializationFailure), "collided", "与别人的操作撞在一起"),
    ],
)
def test_the_same_request_again_does_it_once(api, monkeypatch, wrong, code, sentence):
    def fails(*_given, **_named):
        raise wrong

    def ask():
        return api.post("/customers", {"kind": "person", "name": "王小明"}, Idempotency_Key="outage-0001")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(profiles, "record", fails)
        answer = ask()
    assert answer.status_code == 503
    assert answer.json()["code"] == code
    assert sentence in answer.json()["detail"]
    assert int(answer.headers["Retry-After"]) > 0
    assert not Customer.unscoped.exists()
    assert ask().status_code == 201
    assert ask().status_code == 201
    assert Customer.unscoped.count() == 1
