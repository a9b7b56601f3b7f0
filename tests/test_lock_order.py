"""Rows are locked in one order (`kernel/locks.py`): nobody waits in a ring."""

import re
import threading
from pathlib import Path

import pytest
from django.db import connection

from tests.lock_watch import locked, watching
from yinuo.channels.contract import Inbound
from yinuo.channels.email.commands.intake import store_raw
from yinuo.channels.email.commands.mailboxes import save_mailbox
from yinuo.channels.email.commands.understanding import understand
from yinuo.channels.email.sealing import token_key
from yinuo.channels.email.tokens import reply_token
from yinuo.complaints import commands as c
from yinuo.complaints.tests.conftest import NOW, Walk, build, later
from yinuo.conversations.commands import assign_conversation, queue_reply, set_conversation_state
from yinuo.conversations.models import Interaction
from yinuo.customers.commands import create_customer, merge_customers, split_customers
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.matters.commands import assign_matter, cancel_task, create_task
from yinuo.promises.commands import announce_due, keep_promise, load_pack, make_good, make_personal_promise
from yinuo.promises.models import Compensation, Promise

SYSTEM = Actor.system("test")


def furnish():
    """A company with its standards and a mailbox, and a case that came by e-mail."""
    firm = build()
    with acting_as(SYSTEM):
        load_pack(name="common")
        firm.box = save_mailbox(name="客服", address="kf@yinuo.cn", smtp_host="127.0.0.1", smtp_security="none")
    firm.case = Walk(firm, channel="email", email="chen@example.cn")
    firm.thread = firm.case.row.matter.conversation
    return firm


def mail_arrives(firm, text):
    inbound = Inbound(
        external_id=f"{hash(text)}@customer.cn", sender_kind="email", sender="chen@example.cn", sender_name="陈建国",
        subject="机油", text=text, tokens=(reply_token(firm.thread.pk, token_key()),),
    )  # fmt: skip
    with acting_as(SYSTEM):
        raw, _new = store_raw(mailbox_id=firm.box.pk, external_id=text, raw=text.encode())
        assert understand(raw_id=raw.pk, inbound=inbound).interaction.conversation_id == firm.thread.pk


def test_a_case_from_end_to_end_locks_in_order(db):
    with clock.frozen(NOW), watching() as wrong:
        firm = furnish()
        case, thread = firm.case, firm.thread
        mail_arrives(firm, "照片在附件里")
        with acting_as(firm.wang):
            c.reply(complaint_id=case.id, text="仍在核实", asks=True)
            queue_reply(conversation_id=thread.pk, text="收到，谢谢")
            task = create_task(matter_id=case.id, title="查批次", unit_id=firm.units["store"].pk)
            cancel_task(task_id=task.pk, reason="不用了")
            promise = make_personal_promise(matter_id=case.id, title="周二回电", due_at=later(days=1, hours=6))
            keep_promise(promise_id=promise.pk, text="已回电")
            thread.refresh_from_db()
            assign_conversation(conversation_id=thread.pk, owner_id=firm.wang.staff_id, expected_version=thread.version)
            set_conversation_state(conversation_id=thread.pk, state="closed")
        with acting_as(firm.sun):
            matter = case.row.matter
            assign_matter(matter_id=case.id, owner_id=firm.wang.staff_id, expected_version=matter.version)
        case.to("approving")
        with acting_as(firm.wang):
            c.recall_proposal(complaint_id=case.id, reason="金额写错")
        case.to("executing")
        with clock.frozen(later(days=30)), acting_as(SYSTEM):
            assert announce_due()
        case.to("callback")
        with acting_as(firm.wang):
            for late in Compensation.unscoped.filter(promise__matter_id=case.id, kind="apology", settled_at=None)[:1]:
                make_good(promise_id=late.promise_id, text="当面道歉", others=True)
        case.to("closed")
        with acting_as(SYSTEM):
            other = create_customer(kind="person", name="陈先生", identities=[("email", "chen@work.cn")])
            merge = merge_customers(survivor_id=other.pk, absorbed_id=firm.customer.pk, reason="同一人")
            split_customers(merge_id=merge.pk, reason="弄错了")
    assert wrong == []
    assert Promise.unscoped.filter(matter=case.id).count() > 5, "the product's own reactions were at work"


def test_the_watch_sees_what_it_is_for():
    assert locked('UPDATE "a" SET "b" = 1') == (["a"], True)
    assert locked('SELECT "a"."id" FROM "a" WHERE 1 = 1 FOR NO KEY UPDATE') == (["a"], True)
    assert locked('SELECT 1 FROM "a" INNER JOIN "b" T3 ON 1 FOR NO KEY UPDATE OF T3, "a"') == (["b", "a"], True)
    assert locked('SELECT 1 FROM "a" FOR NO KEY UPDATE SKIP LOCKED') == (["a"], False)
    assert locked('SELECT 1 FROM "a"') == ([], False)
    parts = (
        "WITH s AS (SELECT 1 FROM b x FOR NO KEY UPDATE OF x), t AS (SELECT 1 FROM a y FOR NO KEY UPDATE OF y) SELECT"
    )
    assert locked(parts) == (["b", "a"], True)
    assert locked("WITH s AS (INSERT INTO c SELECT 1), t AS (UPDATE a y SET b = 1) INSERT INTO d") == (["a"], True)


def test_no_lock_keeps_others_from_pointing_at_a_row():
    """A plain FOR UPDATE makes every new row that names the locked one wait: a ring nobody sees in the code."""
    root = Path(__file__).resolve().parents[1] / "yinuo"
    calls = {
        f"{path.relative_to(root)}: {call}"
        for path in root.rglob("*.py")
        if "tests" not in path.parts
        for call in re.findall(r"select_for_update\([^)]*\)?", path.read_text())
        if "no_key=True" not in call
    }
    assert calls == set()


@pytest.fixture
def two(transactional_db):
    with clock.frozen(NOW):
        yield furnish()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")


@pytest.mark.parametrize("other", ["mail", "inbox"])
def test_a_message_of_the_thread_and_a_reply_in_its_case_do_not_wait_for_each_other(two, other):
    """The handler holds the case; meanwhile the other one goes as far as it can and waits. Had it taken the thread
    before the case, the handler would now wait for it, and the database end one of the two.
    """
    firm, pid, done, at_matter = two, [], [], threading.Event()

    def go():
        try:
            with clock.frozen(NOW), acting_as(firm.li if other == "inbox" else SYSTEM):
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_backend_pid()")
                    pid.append(cursor.fetchone()[0])
                assert at_matter.wait(30)
                if other == "mail":
                    mail_arrives(firm, "还有一张照片")
                else:
                    queue_reply(conversation_id=firm.thread.pk, text="收到，谢谢")
                done.append("message")
        finally:
            connection.close()

    def once_held(execute, sql, params, many, context):
        found = execute(sql, params, many, context)
        if "matters_matter" in locked(sql)[0] and not at_matter.is_set():
            at_matter.set()
            _until_blocked(pid[0])
        return found

    message = threading.Thread(target=go)
    message.start()
    try:
        while not pid and message.is_alive():
            at_matter.wait(0.01)
        with acting_as(firm.wang), connection.execute_wrapper(once_held):
            c.reply(complaint_id=firm.case.id, text="仍在核实")
        done.append("reply")
    finally:
        at_matter.set()
        message.join(30)
    assert sorted(done) == ["message", "reply"]
    assert Interaction.unscoped.filter(conversation=firm.thread).count() == 3


def _until_blocked(pid):
    """Come back once that connection waits for a lock of ours."""
    with connection.cursor() as cursor:
        for _look in range(2000):
            cursor.execute("SELECT pg_backend_pid() = ANY(pg_blocking_pids(%s)) FROM pg_sleep(0.01)", [pid])
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waits")
