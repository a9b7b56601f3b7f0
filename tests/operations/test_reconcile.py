"""The books agree on a sound company; and each rule finds what it is there for."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction

from yinuo.complaints.tests.conftest import build
from yinuo.kernel.sealing import seal_all
from yinuo.operations.reconciling.books import RULES
from yinuo.operations.reconciling.run import examine
from yinuo.web.tests.browser import every_page

pytestmark = pytest.mark.django_db
OLD = "now() - interval '1 hour'"
CASE = "(SELECT max(matter_id) FROM complaints_complaint WHERE stage = 'received')"
PROMISE = f"(SELECT max(id) FROM promises_promise WHERE matter_id = {CASE} AND outstanding AND state = 'open')"
LETTER = "(SELECT max(interaction_id) FROM email_outboundmessage)"
EVENT = f"INSERT INTO promises_promiseevent (promise_id, kind, rung, planned_at, at, late, told_as, by_name, text) SELECT {PROMISE}, 'warned', 9, {{}}, now(), false, '', '', ''"
JOB = "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args, status) VALUES ('default', 'x', 0, '{{}}', '{}')"
#: What goes wrong, by the rule that must see it.
SABOTAGE = {
    "mail_waits": f"UPDATE email_rawmessage SET state = 'stored', stored_at = {OLD}",
    "mail_lost": "UPDATE email_rawmessage SET interaction_id = NULL WHERE state = 'understood'",
    "mail_twice": """ALTER TABLE email_rawmessage DROP CONSTRAINT raw_message_once;
        ALTER TABLE email_rawmessage DROP CONSTRAINT raw_message_once_by_content;
        CREATE TEMP TABLE again ON COMMIT DROP AS SELECT * FROM email_rawmessage LIMIT 1; UPDATE again SET id = -1;
        INSERT INTO email_rawmessage SELECT * FROM again""",
    "mail_entry_twice": """ALTER TABLE email_rawmessage DROP CONSTRAINT raw_message_once_by_content;
        CREATE TEMP TABLE again ON COMMIT DROP AS SELECT * FROM email_rawmessage WHERE state = 'understood' LIMIT 1;
        UPDATE again SET id = -1, external_id = 'again'; INSERT INTO email_rawmessage SELECT * FROM again""",
    "accepted_waits": f"UPDATE complaints_acceptedintake SET state = 'waiting', received_at = {OLD}",
    "accepted_lost": f"UPDATE complaints_acceptedintake SET state = 'registered', matter_id = {CASE}",
    "accepted_silent": "UPDATE complaints_acceptedintake SET state = 'refused', problem = NULL",
    "accepted_twice": f"""UPDATE complaints_acceptedintake SET state = 'registered', matter_id = {CASE};
        CREATE TEMP TABLE again ON COMMIT DROP AS SELECT * FROM complaints_acceptedintake LIMIT 1;
        UPDATE again SET id = -1, number = 'again', idempotency_key = 'again'; INSERT INTO complaints_acceptedintake SELECT * FROM again""",
    "number_twice": f"UPDATE complaints_acceptedintake SET number = (SELECT number FROM matters_matter WHERE id = {CASE}), matter_id = NULL",
    "case_halved": f"UPDATE matters_matter SET kind = 'enquiry' WHERE id = {CASE}",
    "case_silent": f"DELETE FROM matters_timelineentry WHERE matter_id = {CASE}",
    "mail_stuck": f"UPDATE email_outboundmessage SET state = 'queued', queued_at = {OLD}, next_try_at = NULL",
    "mail_forgotten": f"""UPDATE conversations_interaction SET channel = 'email', delivery = 'queued', at = {OLD} WHERE id = {LETTER};
        DELETE FROM email_outboundmessage WHERE interaction_id = {LETTER}""",
    "mail_contradicted": f"""UPDATE conversations_interaction SET delivery = 'queued' WHERE id = {LETTER};
        UPDATE email_outboundmessage SET state = 'sent' WHERE interaction_id = {LETTER}""",
    "sms_stuck": f"""INSERT INTO sms_smsmessage (interaction_id, reference, code, state, attempts, last_error, receipt, queued_at, report, asks)
        SELECT {LETTER}, 'r', '', 'queued', 0, '', '', now() - interval '3 hours', '', 0""",
    "hold_stuck": f"""INSERT INTO conversations_heldmessage (author_id, command, "values", text, kind, state, pressed_at, due_at, note, page, draft_key, upload_key, version)
        SELECT min(id), 'x', '{{}}', 'x', 'later', 'waiting', {OLD}, {OLD}, '', '', '', '', 1 FROM identity_staff""",
    "event_stuck": f"UPDATE webhook_delivery SET state = 'waiting', next_at = {OLD}",
    "job_stuck": f"{JOB.format('todo')}; UPDATE procrastinate_events SET at = {OLD}",
    "job_orphaned": JOB.format("doing"),
    "promise_asleep": f"UPDATE promises_promise SET wakes_at = {OLD} WHERE id = {PROMISE}",
    "promise_missed": f"UPDATE promises_promise SET starts_at = {OLD} - interval '1 day', due_at = {OLD} WHERE id = {PROMISE}",
    "rung_missed": f"""UPDATE promises_promise SET plan = '[["warned", 7, "2020-01-01T00:00:00+00:00", ""]]' WHERE id = {PROMISE}""",
    "rung_twice": f"ALTER TABLE promises_promiseevent DROP CONSTRAINT promise_event_once; {EVENT.format('now()')}; {EVENT.format('now()')}",
    "rung_early": EVENT.format("now() + interval '1 hour'"),
    "broken_silent": f"UPDATE promises_promise SET state = 'broken' WHERE id = {PROMISE}",
    "promise_unwatched": f"UPDATE promises_promise SET wakes_at = NULL WHERE id = {PROMISE}",
    "case_unpromised": f"""UPDATE matters_matter SET opened_at = {OLD} WHERE id = {CASE};
        UPDATE promises_promise SET matter_id = NULL WHERE matter_id = {CASE}""",
    "audit_changed": """ALTER TABLE kernel_auditentry DISABLE TRIGGER USER;
        UPDATE kernel_auditentry SET actor_name = 'somebody else' WHERE id = (SELECT max(id) FROM kernel_auditentry)""",
    "audit_unsealed": f"""ALTER TABLE kernel_auditentry DISABLE TRIGGER USER; ALTER TABLE kernel_auditseal DISABLE TRIGGER USER;
        UPDATE kernel_auditentry SET at = {OLD}; DELETE FROM kernel_auditseal WHERE id = (SELECT max(id) FROM kernel_auditseal)""",
    "file_wrong": "UPDATE kernel_blob SET size = size + 1",
}


def wrong(*, whole: bool = False) -> set[str]:
    connection.ensure_connection()
    found = examine(connection.connection, Path(settings.FILES_DIR), grace=timedelta(minutes=5), whole=whole)
    return {one.key for one in found if one.wrong}


@pytest.fixture
def company(db):
    """Something of every kind, sealed, at a moment when nothing waits for a worker longer than it may."""
    every_page.build(build())
    seal_all(everything=True)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_books_of_a_sound_company_agree_and_each_wrong_is_seen(company) -> None:
    assert wrong(whole=True) == set()
    keys = {rule.key for rule in RULES} | {"audit_changed", "audit_unsealed", "file_wrong"}
    assert set(SABOTAGE) == keys, "say here how each rule is broken"
    unseen = {}
    for key, statements in SABOTAGE.items():
        with transaction.atomic():
            connection.connection.execute(statements)  # around every fence, as damage comes
            if key not in (found := wrong()):
                unseen[key] = found
            transaction.set_rollback(True)
    assert unseen == {}


def test_other_bytes_of_the_same_length_are_seen_when_files_are_read(company) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sha256 FROM kernel_blob ORDER BY size DESC LIMIT 1")
        name = cursor.fetchone()[0]
    path = Path(settings.FILES_DIR) / name[:2] / name[2:4] / name
    kept = path.read_bytes()
    path.chmod(0o600)
    try:
        path.write_bytes(bytes([kept[0] ^ 1]) + kept[1:])
        assert wrong() == set() and wrong(whole=True) == {"file_wrong"}
    finally:
        path.write_bytes(kept)
