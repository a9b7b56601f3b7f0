"""Statements of the hot paths stay with their connection, unless the installation says that connections are shared."""

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection

from yinuo.kernel import prepared as prepared_module
from yinuo.kernel.beside import beside
from yinuo.kernel.prepared import first_read, prepared
from yinuo.settings import _database

MARK = "SELECT 1 AS a_hot_statement"


def known() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", [MARK + "%"])
        return int(cursor.fetchone()[0])


@pytest.mark.django_db
def test_prepared_at_the_first_use() -> None:
    for _n in range(2):
        with prepared(MARK, ()) as cursor:
            assert cursor.fetchone() == (1,)
    assert known() >= 1


@pytest.mark.django_db
def test_a_pooler_of_connections_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YINUO_PREPARED", "no")
    assert _options("postgresql://u:p@db/yinuo")["prepare_threshold"] is None
    connection.ensure_connection()
    monkeypatch.setattr(connection.connection, "prepare_threshold", None)
    before = known()
    with prepared(MARK + " WHERE true", ()) as cursor:
        assert cursor.fetchone() == (1,)
    assert known() == before


def test_what_the_address_says_of_tls_holds_for_every_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    given = _options("postgresql://u:p@db/yinuo?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem")
    assert (given["sslmode"], given["sslrootcert"]) == ("verify-full", "/etc/ca.pem")
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", given)
    assert beside()["sslmode"] == "verify-full" and beside()["dbname"] == settings.DATABASES["default"]["NAME"]


def _options(url: str) -> dict[str, Any]:
    found = _database(url)["OPTIONS"]
    assert isinstance(found, dict)
    return found


def test_the_first_read_of_a_request_opens_a_lost_connection_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is asked beforehand; what is lost for good is told."""
    closed: list[bool] = []
    lost = SimpleNamespace(in_atomic_block=False, close=lambda: closed.append(True))
    answers: list[Any] = [OperationalError("gone"), nullcontext(SimpleNamespace(fetchone=lambda: (7,)))]

    def answer(*_given: Any) -> Any:
        found = answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(prepared_module, "connection", lost)
    monkeypatch.setattr(prepared_module, "prepared", answer)
    assert first_read(MARK, ()) == (7,) and closed == [True]
    answers += [OperationalError("gone"), OperationalError("still gone")]
    with pytest.raises(OperationalError):
        first_read(MARK, ())


def test_an_address_may_name_a_server_and_the_one_that_takes_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql://u:p@/yinuo?host=%2Frun%2Fa,db2&port=5432%2C5433&target_session_attrs=read-write"
    found = _database(url)
    assert (found["HOST"], found["PORT"]) == ("/run/a,db2", "5432,5433")
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", _options(url))
    assert beside()["target_session_attrs"] == "read-write"


@pytest.mark.parametrize("told, without", [("no", True), ("", False)])
def test_a_pool_of_transactions_keeps_no_cursor_between_them(
    monkeypatch: pytest.MonkeyPatch, told: str, without: bool
) -> None:
    monkeypatch.setenv("YINUO_PREPARED", told)
    assert _database("postgresql://u:p@db/yinuo")["DISABLE_SERVER_SIDE_CURSORS"] is without
