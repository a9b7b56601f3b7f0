"""What Prometheus is told, by whom it may be asked, and that each number moves with what it is about."""

import json
import re

import pytest
from django.db import OperationalError, connection
from prometheus_client.parser import text_string_to_metric_families

from yinuo.complaints.tests.conftest import build
from yinuo.insight.queries.running import GAUGES, STATEMENT, gauges
from yinuo.kernel import measuring
from yinuo.web.pages import metrics as page
from yinuo.web.tests.browser import every_page

TOKEN = "a-token-that-is-long-enough"
OLD = "now() - interval '1 hour'"
LETTER = "(SELECT max(interaction_id) FROM email_outboundmessage)"
JOB = "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args, status, scheduled_at) VALUES ('default', 'x', 0, '{{}}', '{}', {})"
#: What happens, and which numbers move by it: gauge → value of its label → by how much (None: an hour and some).
MOVES = {
    "a job nobody takes": (JOB.format("todo", OLD) + f"; UPDATE procrastinate_events SET at = {OLD}", {"jobs": {"waiting": 1}, "jobs_oldest_seconds": {"": None}}),
    "a job for later": (JOB.format("todo", "now() + interval '1 day'"), {"jobs": {"later": 1}}),
    "a job given up": (JOB.format("failed", "NULL"), {"jobs": {"failed": 1}}),
    "a letter that stays": (
        f"UPDATE email_outboundmessage SET state = 'sent'; UPDATE email_outboundmessage SET state = 'queued', queued_at = {OLD} WHERE interaction_id = {LETTER}",
        {"outbox_oldest_seconds": {"email": None}},
    ),
    "a text that stays": (
        f"""INSERT INTO sms_smsmessage (interaction_id, reference, code, state, attempts, last_error, receipt, queued_at, report, asks)
        SELECT {LETTER}, 'r', '', 'queued', 0, '', '', {OLD}, '', 0""",
        {"outbox_waiting": {"sms": 1}, "outbox_oldest_seconds": {"sms": None}},
    ),
    "an event that stays": (
        f"UPDATE webhook_delivery SET state = 'delivered'; UPDATE webhook_delivery SET state = 'waiting', created_at = {OLD} WHERE id = (SELECT max(id) FROM webhook_delivery)",
        {"outbox_oldest_seconds": {"webhook": None}},
    ),
    "a mailbox that fails": (
        "UPDATE email_mailbox SET active = true, trouble = 'x' WHERE id = (SELECT min(id) FROM email_mailbox WHERE active)",
        {"mailboxes": {"well": -1, "trouble": 1}},
    ),
    "a mail nobody reads": (
        f"UPDATE email_rawmessage SET state = 'stored', stored_at = {OLD} WHERE id = (SELECT max(id) FROM email_rawmessage WHERE state = 'understood')",
        {"mail_received": {"waiting": 1}, "mail_received_oldest_seconds": {"": None}},
    ),
    "an intake nobody registers": (
        f"UPDATE complaints_acceptedintake SET state = 'waiting', received_at = {OLD}, matter_id = NULL WHERE id = (SELECT max(id) FROM complaints_acceptedintake)",
        {"intakes_oldest_seconds": {"": None}},
    ),
    "a clock that sleeps": (
        f"UPDATE promises_promise SET wakes_at = {OLD} WHERE id = (SELECT max(id) FROM promises_promise WHERE wakes_at > now())",
        {"promises_due": {"": 1}, "promise_clock_lag_seconds": {"": None}},
    ),
}  # fmt: skip


def asked(client, **given: str):
    return client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"} | given)


@pytest.fixture
def open_to_prometheus(settings):
    settings.METRICS_TOKEN = TOKEN


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer 口令"])
def test_without_a_token_there_is_nothing_and_with_a_wrong_one_no_more(client, settings, given):
    """Nobody is signed in and no database is asked; not even from this machine itself."""
    assert client.get("/metrics", headers={"authorization": given}).status_code == 404
    settings.METRICS_TOKEN = TOKEN
    answer = client.get("/metrics", headers={"authorization": given})
    assert answer.status_code == 401 and b"yinuo_" not in answer.content


@pytest.mark.parametrize(("text", "kept"), [("", ""), ("short", ""), (f" {TOKEN}\n", TOKEN)])
def test_a_token_that_can_be_guessed_is_none(text, kept):
    from yinuo.settings import _token

    assert _token(text) == kept


@pytest.mark.django_db
def test_one_statement_is_asked_and_everything_is_told(client, open_to_prometheus, django_assert_num_queries, settings):
    client.get("/nowhere-13812345678/")
    (settings.HOME / "backup.json").write_text(json.dumps({"made": 1234.0}))
    try:
        with django_assert_num_queries(1):
            answer = asked(client)
    finally:
        (settings.HOME / "backup.json").unlink()
    found = {family.name: family for family in text_string_to_metric_families(answer.content.decode())}
    wanted = {f"yinuo_{gauge.name}" for gauge in GAUGES} | {
        "yinuo_requests", "yinuo_request_seconds", "yinuo_promises_announced", "yinuo_live_listeners", "yinuo_database_up",
        "yinuo_info", "yinuo_disk_free_bytes", "yinuo_disk_bytes", "yinuo_backup_timestamp_seconds",
    }  # fmt: skip
    assert set(found) == wanted
    assert all(family.documentation for family in found.values())
    labels = {name for family in found.values() for sample in family.samples for name in sample.labels}
    assert labels == {"route", "method", "status", "le", "state", "channel", "version"}
    assert {s.labels["route"] for s in found["yinuo_requests"].samples if s.labels["status"] == "404"} >= {"-"}
    assert not re.search("13812345678|nowhere", answer.content.decode())
    assert found["yinuo_database_up"].samples[0].value == 1


@pytest.mark.django_db
def test_each_number_moves_with_what_it_is_about():
    every_page.build(build())
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    unmoved = {}
    for what, (statements, moves) in MOVES.items():
        before = gauges()
        connection.connection.execute("SAVEPOINT here")
        connection.connection.execute(statements)
        after = gauges()
        connection.connection.execute("ROLLBACK TO SAVEPOINT here")
        for name, by in moves.items():
            for label, step in by.items():
                was, now = before[name][label], after[name][label]
                if not (3600 <= now < 3700 or now > was >= 3600 if step is None else now - was == step):
                    unmoved[what, name, label] = (was, now)
    assert unmoved == {}
    still = {gauge.name for gauge in GAUGES} - {name for _sql, moves in MOVES.values() for name in moves}
    assert still == {"intakes", "database_connections", "database_connections_max", "database_bytes"}
    assert sum(before["database_connections"].values()) >= 1 and before["database_bytes"][""] > 1e6


INDEXES = {
    "outbound_due", "sms_by_state", "webhook_waiting", "raw_message_waiting", "raw_message_failed", "accepted_waiting",
    "accepted_refused", "promise_wakes",
}  # fmt: skip


def indexes_used() -> set[str]:
    """By the plan of the one statement, where reading a table through is out of the question."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + STATEMENT.replace("%", "%%"))
        plan = "\n".join(line for (line,) in cursor.fetchall())
    return set(re.findall(r"Index (?:Only )?Scan(?: Backward)? (?:using|on) (\w+)", plan))


@pytest.mark.django_db
def test_what_grows_is_counted_by_an_index_of_what_waits():
    """Asked every few seconds, of tables of millions."""
    assert INDEXES - indexes_used() == set()
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX webhook_waiting")
    assert INDEXES - indexes_used() == {"webhook_waiting"}


def test_a_database_that_is_away_is_a_number_too(client, open_to_prometheus, monkeypatch):
    def away() -> None:
        raise OperationalError

    monkeypatch.setattr(page, "gauges", away)
    answer = asked(client)
    assert answer.status_code == 200 and b"yinuo_database_up 0.0" in answer.content
    assert b"yinuo_requests_total" in answer.content and b"yinuo_jobs" not in answer.content


def test_a_method_made_up_by_a_visitor_is_no_label():
    measuring.answered("here", "BREW", 405, 0.2)
    (family,) = measuring.REQUESTS.collect()
    assert {s.labels["method"] for s in family.samples} <= measuring.METHODS | {"other"}
    (spread,) = measuring.SECONDS.collect()
    here = {s.labels["le"]: s.value for s in spread.samples if s.labels["route"] == "here" and "le" in s.labels}
    assert (here["0.1"], here["0.25"]) == (0, 1)
