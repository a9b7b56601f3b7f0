"""Fence 2: nothing is written outside a command, and a command leaves a trace."""

import pytest
from django.apps import apps
from django.db import connection, transaction

from yinuo.customers.models import ChannelIdentity, Customer
from yinuo.identity.grants import GRANT_CODES
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.audit import record
from yinuo.kernel.clock import now
from yinuo.kernel.command import COMMANDS, command
from yinuo.kernel.errors import AlreadyDone, Denied, UnrecordedCommand, WriteOutsideCommand
from yinuo.kernel.guard import written_tables
from yinuo.kernel.models import AuditEntry

DOMAIN_TABLES = sorted({m._meta.db_table for m in apps.get_models() if m.__module__.startswith("yinuo.")})


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql", ["INSERT INTO {t} DEFAULT VALUES", "UPDATE {t} SET id = id", "DELETE FROM {t}", 'TRUNCATE "{t}"',
            "WITH a AS (SELECT 1) UPDATE {t} SET id = id", "WITH a AS (DELETE FROM {t} RETURNING 1) SELECT 1 FROM a",
            "/* x */ DELETE FROM {t}", "-- x\nDELETE FROM public.{t}", "COPY {t} FROM STDIN", "SELECT 1; DELETE FROM {t}",
            "EXPLAIN ANALYZE DELETE FROM {t}", "MERGE INTO {t} USING x ON true WHEN MATCHED THEN DELETE",
            "INSERT INTO {t} VALUES (1) ON CONFLICT DO UPDATE SET id = 2"],
)  # fmt: skip
def test_raw_sql_cannot_write_a_domain_table(sql) -> None:
    with connection.cursor() as cursor:
        for table in DOMAIN_TABLES:
            with pytest.raises(WriteOutsideCommand):
                cursor.execute(sql.format(t=table))


@pytest.mark.django_db
def test_the_orm_cannot_write_outside_a_command(company) -> None:
    with acting_as(company.boss):
        for write in (
            lambda: Customer(kind="person", name="旁路").save(),
            lambda: Customer.objects.update(name="旁路"),
            lambda: ChannelIdentity.objects.all().delete(),
        ):
            with pytest.raises(WriteOutsideCommand), transaction.atomic():
                write()


def test_reads_are_not_taken_for_writes() -> None:
    assert written_tables("SELECT 'insert into x' FROM y FOR UPDATE OF y SKIP LOCKED") == []
    assert written_tables("SELECT 1; SELECT 'it''s; delete from x' -- delete from y") == []
    assert written_tables("COPY (SELECT 1) TO STDOUT") == []
    assert written_tables("WITH a AS (SELECT 1 FROM t FOR UPDATE SKIP LOCKED) SELECT * FROM a") == []


@pytest.mark.parametrize("name", sorted(n for n, c in COMMANDS.items() if not c.internal))
def test_a_command_is_denied_without_its_grant(name) -> None:
    declared = COMMANDS[name]
    assert declared.needs in GRANT_CODES | {"portal.use"}
    everything_else = (GRANT_CODES | {"portal.use"}) - {declared.needs}
    nearly_all = Actor("staff", 1, "x", frozenset(everything_else))
    wrapped = __import__(declared.function.__module__, fromlist=["x"])
    with pytest.raises(Denied):
        getattr(wrapped, declared.function.__name__)(by=nearly_all)


@pytest.mark.parametrize("name", sorted(n for n, c in COMMANDS.items() if c.internal))
def test_an_internal_command_cannot_be_called_by_a_person(name) -> None:
    declared = COMMANDS[name]
    person = Actor("staff", 1, "x", frozenset({"*"}))
    wrapped = __import__(declared.function.__module__, fromlist=["x"])
    with pytest.raises(Denied):
        getattr(wrapped, declared.function.__name__)(by=person)


@pytest.mark.django_db
def test_a_command_without_audit_is_rolled_back() -> None:
    @command("test.silent", needs="self.use")
    def silent(*, by, at):
        Customer.unscoped.create(kind="person", name="没有痕迹")

    try:
        with pytest.raises(UnrecordedCommand):
            silent(by=Actor.system("test"))
        assert not Customer.unscoped.filter(name="没有痕迹").exists()
    finally:
        COMMANDS.pop("test.silent")


@pytest.mark.django_db
def test_a_repeat_with_the_same_once_key_does_nothing() -> None:
    @command("test.once", needs="self.use")
    def once(*, by, at):
        record("test")
        return Customer.unscoped.create(kind="person", name="一次", created_at=at)

    try:
        first = once(by=Actor.system("t"), at=now(), once="k1")
        with pytest.raises(AlreadyDone) as second:
            once(by=Actor.system("t"), at=now(), once="k1")
        assert second.value.result == first.pk
        assert Customer.unscoped.filter(name="一次").count() == 1
    finally:
        COMMANDS.pop("test.once")


@pytest.mark.django_db
def test_each_command_names_who_did_it(company) -> None:
    entry = AuditEntry.unscoped.filter(command="customer.create").latest("id")
    assert (entry.actor_kind, entry.actor_name, entry.subject_id) == ("system", "test", str(company.customer.pk))
