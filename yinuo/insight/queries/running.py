"""How the installation is running, in numbers: asked when somebody looks, in one statement for all of them.

Plain SQL over the tables of every domain, as `yinuo reconcile` has it: nothing of a person comes out, and each part
reads an index or a table that stays small.
"""

# ruff: noqa: S608 (every part is written below)

from dataclasses import dataclass, field

from django.db import connection

DUE_JOB = "status = 'todo' AND coalesce(scheduled_at, now()) <= now()"
MAIL = "FROM email_outboundmessage WHERE state IN ('queued', 'sending')"
SMS = "FROM sms_smsmessage WHERE state = 'queued'"
EVENT = "FROM webhook_delivery WHERE state = 'waiting'"
AGE = "coalesce(extract(epoch FROM now() - min({})), 0)"


@dataclass(frozen=True, slots=True)
class Gauge:
    """`asks`: a SELECT of (value of the label, number). `values` are there even when nothing is counted; without a
    label the one value is ''.
    """

    name: str
    told: str
    asks: str
    label: str = ""
    values: tuple[str, ...] = field(default=("",))


GAUGES = (
    Gauge(
        "jobs", "Background jobs: waiting for a worker, due later, at work, given up",
        f"SELECT CASE WHEN {DUE_JOB} THEN 'waiting' WHEN status = 'todo' THEN 'later' ELSE status::text END, count(*) "
        "FROM procrastinate_jobs WHERE status IN ('todo', 'doing', 'failed') GROUP BY 1",
        "state", ("waiting", "later", "doing", "failed"),
    ),
    Gauge(
        "jobs_oldest_seconds", "How long the job that waits longest has been due",
        f"SELECT '', {AGE.format('greatest(coalesce(j.scheduled_at, e.at), e.at)')} FROM procrastinate_jobs j "
        "JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred' "
        "WHERE j.status = 'todo' AND coalesce(j.scheduled_at, now()) <= now()",
    ),
    Gauge(
        "outbox_waiting", "Messages to customers and systems that have not gone out",
        f"SELECT 'email', count(*) {MAIL} UNION ALL SELECT 'sms', count(*) {SMS} "
        f"UNION ALL SELECT 'webhook', count(*) {EVENT}",
        "channel", ("email", "sms", "webhook"),
    ),
    Gauge(
        "outbox_oldest_seconds", "How long the one that waits longest has waited",
        f"SELECT 'email', {AGE.format('queued_at')} {MAIL} UNION ALL SELECT 'sms', {AGE.format('queued_at')} {SMS} "
        f"UNION ALL SELECT 'webhook', {AGE.format('created_at')} {EVENT}",
        "channel", ("email", "sms", "webhook"),
    ),
    Gauge(
        "mailboxes", "Mailboxes in use, by whether they work",
        "SELECT CASE WHEN trouble = '' THEN 'well' ELSE 'trouble' END, count(*) FROM email_mailbox WHERE active "
        "GROUP BY 1",
        "state", ("well", "trouble"),
    ),
    Gauge(
        "mail_received", "Mails received: not read yet, or not understood",
        "SELECT 'waiting', count(*) FROM email_rawmessage WHERE state = 'stored' "
        "UNION ALL SELECT 'failed', count(*) FROM email_rawmessage WHERE state = 'failed'",
        "state", ("waiting", "failed"),
    ),
    Gauge(
        "mail_received_oldest_seconds", "How long the mail that waits longest has waited to be read",
        f"SELECT '', {AGE.format('stored_at')} FROM email_rawmessage WHERE state = 'stored'",
    ),
    Gauge(
        "intakes", "Complaints accepted by the API: not registered yet, or refused",
        "SELECT 'waiting', count(*) FROM complaints_acceptedintake WHERE state = 'waiting' "
        "UNION ALL SELECT 'refused', count(*) FROM complaints_acceptedintake WHERE state = 'refused'",
        "state", ("waiting", "refused"),
    ),
    Gauge(
        "intakes_oldest_seconds", "How long the accepted complaint that waits longest has waited",
        f"SELECT '', {AGE.format('received_at')} FROM complaints_acceptedintake WHERE state = 'waiting'",
    ),
    Gauge("promises_due", "Promises whose time has come and that the clock has not taken up",
          "SELECT '', count(*) FROM promises_promise WHERE wakes_at <= now()"),
    Gauge(
        "promise_clock_lag_seconds", "How late the clock is with the earliest of them",
        f"SELECT '', {AGE.format('wakes_at')} FROM promises_promise WHERE wakes_at <= now()",
    ),
    Gauge(
        "database_connections", "Connections to this database, by what they do",
        "SELECT CASE WHEN state IN ('active', 'idle') THEN state WHEN state LIKE 'idle in %' THEN 'in_transaction' "
        "ELSE 'other' END, count(*) FROM pg_stat_activity WHERE datname = current_database() GROUP BY 1",
        "state", ("active", "idle", "in_transaction", "other"),
    ),
    Gauge("database_connections_max", "Connections the server takes for all its databases",
          "SELECT '', current_setting('max_connections')::int"),
    Gauge("database_bytes", "Size of the database", "SELECT '', pg_database_size(current_database())"),
)  # fmt: skip
STATEMENT = " UNION ALL ".join(
    f"SELECT '{one.name}', label::text, number::float FROM ({one.asks}) AS asked (label, number)" for one in GAUGES
)


def gauges() -> dict[str, dict[str, float]]:
    """Name → value of its label → number, every one of `GAUGES`; one statement."""
    found = {one.name: dict.fromkeys(one.values, 0.0) for one in GAUGES}
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT.replace("%", "%%"))
        for name, label, number in cursor.fetchall():
            found[name][label] = number
    return found
