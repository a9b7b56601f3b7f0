"""What must not be found in any installation, in plain SQL: promises, mail on its way, work left lying.

`%(grace)s`: how long something may wait. Times are the database's own. Each statement names the rows that are wrong.
"""

from datetime import timedelta
from typing import Any

import psycopg

GRACE = timedelta(seconds=90)
#: What the clock announces of a promise; everything else on its page is a note.
_KINDS = "('warned', 'broken', 'escalated', 'cost_fixed')"
_RUNGS = (
    "SELECT p.id, p.state, p.outstanding, r->>0 AS kind, (r->>1)::int AS rung, (r->>2)::timestamptz AS planned "
    "FROM promises_promise p CROSS JOIN LATERAL jsonb_array_elements(p.plan) r"
)
#: Rungs whose time had come while the promise was still owed, beside how often each was announced.
RUNGS = (
    "SELECT q.id, q.kind, q.rung, (SELECT count(*) FROM promises_promiseevent e WHERE e.promise_id = q.id AND e.kind = q.kind "
    f"AND e.rung = q.rung) AS times FROM ({_RUNGS}) q WHERE q.outstanding AND q.state <> 'paused' AND q.planned < now() - %(grace)s"
)
WRONG = {
    "rung not fired": f"SELECT id || ' ' || kind || ' ' || rung FROM ({RUNGS}) x WHERE times = 0",
    "rung fired twice": (
        "SELECT promise_id || ' ' || kind || ' ' || rung FROM promises_promiseevent "
        f"WHERE kind IN {_KINDS} GROUP BY promise_id, kind, rung HAVING count(*) > 1"
    ),
    "rung not once in the timeline": (
        "SELECT p.id FROM promises_promise p WHERE p.matter_id IS NOT NULL AND "
        f"(SELECT count(*) FROM promises_promiseevent e WHERE e.promise_id = p.id AND e.kind IN {_KINDS}) <> "
        "(SELECT count(*) FROM matters_timelineentry t WHERE t.matter_id = p.matter_id AND t.data->>'promise_id' = p.id::text "
        "AND t.kind IN ('promise_warned', 'promise_broken', 'promise_escalated', 'promise_cost_fixed'))"
    ),
    "promise past its wake time": "SELECT id FROM promises_promise WHERE wakes_at < now() - %(grace)s",
    "promise past due and not broken": (
        "SELECT id FROM promises_promise WHERE state = 'open' AND outstanding AND due_at < now() - %(grace)s"
    ),
    "promise nobody wakes": (
        f"SELECT q.id FROM ({_RUNGS}) q JOIN promises_promise p ON p.id = q.id WHERE p.wakes_at IS NULL AND q.outstanding "
        "AND q.state <> 'paused' AND NOT EXISTS (SELECT 1 FROM promises_promiseevent e WHERE e.promise_id = q.id "
        "AND e.kind = q.kind AND e.rung = q.rung)"
    ),
    "mail not understood": "SELECT id FROM email_rawmessage WHERE state <> 'understood' AND stored_at < now() - %(grace)s",
    "mail not sent": "SELECT id FROM email_outboundmessage WHERE state <> 'sent' AND queued_at < now() - %(grace)s",
    "accepted and not registered": (
        "SELECT number FROM complaints_acceptedintake WHERE matter_id IS NULL AND received_at < now() - %(grace)s"
    ),
    "job left lying": (
        "SELECT j.id FROM procrastinate_jobs j WHERE j.status = 'doing' AND NOT EXISTS "
        "(SELECT 1 FROM procrastinate_workers w WHERE w.id = j.worker_id)"
    ),
    # One of every minute may fail with the database away: the next does its work.
    "job failed": (
        "SELECT id || ' ' || task_name FROM procrastinate_jobs WHERE status = 'failed' AND NOT args ? 'timestamp'"
    ),
}
#: How often each announced thing was looked at, so that nothing passes for good because nothing was there.
COUNTED = {
    "rungs due": f"SELECT count(*) FROM ({RUNGS}) x",
    "promises": "SELECT count(*) FROM promises_promise",
    "audit entries": "SELECT count(*) FROM kernel_auditentry",
    "mails sent": "SELECT count(*) FROM email_outboundmessage WHERE state = 'sent'",
}


def wrong(connection: psycopg.Connection[Any]) -> dict[str, list[str]]:
    found = {name: _names(connection, query) for name, query in WRONG.items()}
    return {name: rows for name, rows in found.items() if rows}


def counted(connection: psycopg.Connection[Any]) -> dict[str, int]:
    return {name: int(_names(connection, query)[0]) for name, query in COUNTED.items()}


def _names(connection: psycopg.Connection[Any], query: str) -> list[str]:
    return [str(row[0]) for row in connection.execute(query.encode(), {"grace": GRACE}).fetchmany(1000)]
