"""What keeps the house in order by itself: sealing the audit, forgetting what has served its time, waking lost jobs."""

from datetime import datetime, timedelta

from django.db import connection

from yinuo.customers.commands import gather_strays
from yinuo.jobs.deferring import job, periodic
from yinuo.kernel import clock, sealing
from yinuo.kernel.guard import permit_writes
from yinuo.kernel.steady import Standstill, unhurried

BATCH = 5000
#: table → (time column, how long its rows are kept)
KEPT = {
    "identity_knownplace": ("last_at", timedelta(days=180)),
    "identity_staffsession": ("expire_date", timedelta(0)),
    "kernel_notice": ("at", timedelta(days=1)),
    "kernel_once": ("at", timedelta(days=30)),
    "kernel_throttle": ("window_start", timedelta(days=2)),
}
FINISHED_JOBS = timedelta(days=7)
LOST_AFTER = 50.0  # seconds without a heartbeat; looked at every minute, a heart beats every ten seconds
#: No job is planned further ahead: `PATIENT` and the tries of a webhook wait a day, those of a text message minutes.
FURTHEST = timedelta(hours=25)
FURTHEST_SMS = timedelta(minutes=15)
_heartbeats = Standstill()


@periodic("* * * * *")
@job("housekeeping.seal", retry=None)
def seal(timestamp: int = 0) -> int:
    """Seal what the audit gained since the last minute."""
    return sealing.seal_all()


@periodic("17 3 * * *")
@job("housekeeping.seal_stragglers", retry=None)
def seal_stragglers(timestamp: int = 0) -> int:
    """Once a day look through the whole audit for entries whose transaction was very long."""
    return sealing.seal_all(everything=True)


@periodic("*/10 * * * *")
@job("housekeeping.prune", retry=None)
def prune(timestamp: int = 0) -> dict[str, int]:
    """Delete in small batches what nobody needs any more."""
    now = unhurried(clock.now())
    gone = {table: _prune(table, column, now - age) for table, (column, age) in KEPT.items()}
    gone["procrastinate_jobs"] = _prune_jobs(now - FINISHED_JOBS)
    return gone


@periodic("*/10 * * * *")
@job("housekeeping.gather_strays", retry=None)
def gather_merged(timestamp: int = 0) -> int:
    """What was being written on a customer's file while it was merged follows it."""
    found: int = gather_strays()
    return found


def _prune(table: str, column: str, before: datetime) -> int:
    total = 0
    while True:
        with permit_writes("housekeeping"), connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {table} WHERE ctid = ANY(ARRAY("  # noqa: S608 names come from KEPT above
                f"SELECT ctid FROM {table} WHERE {column} < %s LIMIT %s))",
                [before, BATCH],
            )
            found: int = cursor.rowcount
        total += found
        if found < BATCH:
            return total


def _prune_jobs(before: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE id = ANY(ARRAY("
            "SELECT j.id FROM procrastinate_jobs j "
            "WHERE j.status IN ('succeeded', 'cancelled', 'aborted') AND NOT EXISTS "
            "(SELECT 1 FROM procrastinate_events e WHERE e.job_id = j.id AND e.at >= %s) ORDER BY j.id LIMIT %s))",
            [before, BATCH],
        )
        return int(cursor.rowcount)


@periodic("* * * * *")
@job("housekeeping.wake_lost", retry=None)
def wake_lost(timestamp: int = 0) -> int:
    """A job whose worker died in the middle of it starts again; tasks are written to bear that. A worker is dead when
    its heartbeat stands still, which the time of day has no part in: it may just have been changed.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, last_heartbeat FROM procrastinate_workers")
        dead = _heartbeats.still(dict(cursor.fetchall()), for_seconds=LOST_AFTER)
        cursor.execute(
            "SELECT procrastinate_retry_job_v2(j.id, now(), NULL, NULL, NULL) FROM procrastinate_jobs j "
            "LEFT JOIN procrastinate_workers w ON w.id = j.worker_id "
            "WHERE j.status = 'doing' AND (w.id IS NULL OR w.id = ANY(%s))",
            [sorted(dead)],
        )
        return len(cursor.fetchall())


@periodic("* * * * *")
@job("housekeeping.bring_forward", retry=None)
def bring_forward(timestamp: int = 0) -> int:
    """Jobs planned further ahead than any is: the clock was set back. They run now; each looks whether it must."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo' AND scheduled_at > now() + "
            "CASE WHEN task_name = 'sms.send' THEN %s ELSE %s END",
            [FURTHEST_SMS, FURTHEST],  # type: ignore[list-item]  # psycopg adapts a timedelta
        )
        return int(cursor.rowcount)
