"""Alive and ready: what a supervisor, a load balancer and a probe are told, and what they are not."""

import pytest
from django.db import Error, OperationalError, connection

from yinuo.kernel.guard import permit_writes
from yinuo.web.pages import health


@pytest.mark.django_db
def test_a_sound_installation_is_ready_by_one_statement(client, django_assert_num_queries):
    client.get("/readyz")
    with django_assert_num_queries(1):
        answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "database": "ok", "migrations": "ok", "key": "ok"}


def test_alive_asks_nobody(client):
    """Without the mark of a test that may use the database, asking it would fail."""
    assert client.get("/healthz").content == b"ok\n"


@pytest.mark.django_db
def test_a_migration_that_waits_is_named(client):
    with permit_writes("test"), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations WHERE app = 'webhook')"
        )
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "database": "ok", "migrations": "waiting", "key": "ok"}


@pytest.mark.django_db(transaction=True)
def test_an_empty_database_waits_for_its_migrations(client):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE django_migrations RENAME TO elsewhere")
    try:
        found = client.get("/readyz").json()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE elsewhere RENAME TO django_migrations")
    assert (found["database"], found["migrations"]) == ("ok", "waiting")


def test_a_database_that_is_away_is_said_and_nothing_of_it(client, monkeypatch):
    def away(*_fields: str) -> None:
        raise OperationalError('connection to server at "10.1.2.3" failed: password of user "yinuo"')

    monkeypatch.setattr(health.MigrationRecorder.Migration.objects, "values_list", away)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "database": "unreachable", "migrations": "unknown", "key": "ok"}
    assert issubclass(OperationalError, Error)


@pytest.mark.django_db
@pytest.mark.parametrize("kept", ["another-key", None])
def test_a_key_the_next_start_would_not_find_is_said(client, settings, tmp_path, kept):
    settings.HOME = tmp_path
    if kept:
        (tmp_path / "secret.key").write_text(kept)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["key"]) == (503, "lost")
    assert settings.SECRET_KEY not in answer.content.decode()
    settings.SECRET_GIVEN = True
    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("names", [["kefu.example.cn"], [".example.cn"], ["*"]])
def test_a_balancer_knows_machines_by_their_number(client, settings, names):
    settings.ALLOWED_HOSTS = names
    for headers in ({"Host": "10.0.0.7:8000"}, {"Host": ""}):
        assert client.get("/readyz", headers=headers).status_code == 200
        assert client.get("/healthz", headers=headers).status_code == 200
    assert "*" in names or client.get("/login/", headers={"Host": "10.0.0.7:8000"}).status_code == 400
