"""Housekeeping forgets what has served its time, and nothing else."""

from datetime import timedelta

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from yinuo.jobs.deferring import defer
from yinuo.jobs.tasks import housekeeping
from yinuo.kernel import clock, sealing
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.audit import record
from yinuo.kernel.command import COMMANDS, command, permit_writes
from yinuo.kernel.models import AuditEntry, AuditSeal, Notice, Once

pytestmark = pytest.mark.django_db


@pytest.fixture
def leave():
    @command("test.leave", needs="test")
    def leave(*, text, by, at):
        record("test", {"text": text, "n": 1.5, "nested": {"a": [None, True]}})

    with acting_as(Actor.system("tester")):
        yield leave
    COMMANDS.pop("test.leave")


def test_prune_keeps_the_young():
    now = clock.now()
    with permit_writes("test"):
        for age in (1, 30):
            Notice.objects.create(events=[["x", "t"]], at=now - timedelta(hours=age))
        for days in (29, 31):
            Once.objects.create(command="c", key=str(days), at=now - timedelta(days=days))
    gone = housekeeping.prune()
    assert (gone["kernel_notice"], gone["kernel_once"]) == (1, 1)
    assert Notice.objects.get().at == now - timedelta(hours=1)
    assert Once.objects.get().key == "29"


def test_the_chain_holds_and_tells_what_broke_it(leave):
    for text in ("一", "二", "三"):
        leave(text=text)
    assert housekeeping.seal() == 3
    assert housekeeping.seal() == 0
    leave(text="四")
    assert sealing.verify_chain() == sealing.ChainReport(3, 1, ())
    assert housekeeping.seal() == 1
    assert sealing.verify_chain().whole

    second = AuditEntry.unscoped.order_by("id")[1]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE kernel_auditentry DISABLE TRIGGER USER")
        with permit_writes("test"):
            cursor.execute("UPDATE kernel_auditentry SET actor_name = 'somebody else' WHERE id = %s", [second.pk])
    assert sealing.verify_chain().wrong == (f"entry {second.pk} was changed",)
    with connection.cursor() as cursor, permit_writes("test"):
        cursor.execute("DELETE FROM kernel_auditentry WHERE id = %s", [second.pk])
    assert sealing.verify_chain().wrong == (f"entry {second.pk} is gone",)


def test_a_late_committer_is_sealed_later(leave):
    """Ids are given out before they commit: a lower one may appear after a higher one was sealed."""
    leave(text="one")
    leave(text="two")
    first, second = AuditEntry.unscoped.order_by("id")
    with permit_writes("test"):
        AuditSeal.objects.create(entry_id=second.pk, hash=sealing.next_hash(sealing.FIRST, _row(second)))
    assert housekeeping.seal() == 1
    assert list(AuditSeal.objects.order_by("id").values_list("entry_id", flat=True)) == [second.pk, first.pk]
    assert sealing.verify_chain().whole


def _row(entry):
    return {c: getattr(entry, c) for c in sealing._COLUMNS}


def test_a_lost_job_starts_again():
    defer("housekeeping.seal", timestamp=-7)
    mine = ProcrastinateJob.objects.filter(args__timestamp=-7)
    with connection.cursor() as cursor:
        query = "UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL WHERE id = %s"
        cursor.execute(query, [mine.get().pk])
    assert housekeeping.wake_lost() >= 1
    assert mine.get().status == "todo"
