"""Scheduled reports through a real mail server: each person's own, once, also by two workers at the same moment."""

import email
import threading
from datetime import datetime, time, timedelta
from email import policy
from io import BytesIO

import openpyxl
import pytest
from django.db import connection

from yinuo.channels.email.commands.mailboxes import save_mailbox
from yinuo.channels.email.tests.servers import free_port, smtp_server
from yinuo.complaints.tests.conftest import NOW, build
from yinuo.insight.commands.plans import save_plan
from yinuo.insight.models import ReportMail
from yinuo.insight.tests.world import fill
from yinuo.jobs import reports
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.clock import CST
from yinuo.kernel.command import permit_writes

DUE = datetime(2026, 12, 1, 8, 30, tzinfo=CST)


@pytest.fixture
def firm(transactional_db):
    with clock.frozen(NOW):
        firm = build()
        fill(firm)
        with permit_writes("test"):
            for who in ("qian", "sun"):
                firm.staff[who].email = f"{who}@example.cn"
                firm.staff[who].save()
            firm.staff["sun"].language = "en"
            firm.staff["sun"].save()
        with acting_as(firm.qian):
            firm.plan = save_plan(
                title="月报", recipient_ids=[firm.staff[w].pk for w in ("qian", "sun", "zhao")], day=1, hour=time(8, 30),
                formats=["xlsx"],
            )  # fmt: skip
    yield firm
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_periodic_defers, procrastinate_workers CASCADE")


def mailbox(port, pk=None):
    with acting_as(Actor.system("test")):
        return save_mailbox(
            **({"mailbox_id": pk} if pk else {}), name="一诺", address="kf@yinuo.cn", smtp_host="127.0.0.1", smtp_port=port,
            smtp_security="none", active=True,
        )  # fmt: skip


def work(at, together: int = 1) -> None:
    """So many workers look at the same moment."""
    gate = threading.Barrier(together)

    def one() -> None:
        with acting_as(Actor.system("reports.send_due")), clock.frozen(at):
            gate.wait()
            reports.send_due()
        connection.close()

    threads = [threading.Thread(target=one) for _n in range(together)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_each_gets_their_own_once(firm) -> None:
    box = mailbox(free_port())
    work(DUE)  # the server is down: it waits, and says so
    assert set(ReportMail.unscoped.values_list("staff__username", "state")) == {
        ("qian", "queued"), ("sun", "queued"), ("zhao", "failed"),
    }  # fmt: skip
    assert ReportMail.unscoped.get(staff=firm.staff["zhao"]).last_error == "收件人没有登记邮箱"
    with smtp_server() as (inbox, port):
        mailbox(port, box.pk)
        work(DUE + timedelta(minutes=2), together=2)
        work(DUE + timedelta(minutes=9), together=2)
    mails = {to[0]: email.message_from_bytes(raw, policy=policy.default) for _from, to, raw in inbox.messages}
    assert len(inbox.messages) == 2 and set(mails) == {"qian@example.cn", "sun@example.cn"}
    mine, theirs = mails["qian@example.cn"], mails["sun@example.cn"]
    assert mine["Subject"] == "月报 2026-11" and "收到事项" in mine.get_body().get_content()
    assert "Received" in theirs.get_body().get_content()
    (file,) = mine.iter_attachments()
    sheet = openpyxl.load_workbook(BytesIO(file.get_content())).worksheets[0]
    told = {row[0]: row[1] for row in sheet.iter_rows(values_only=True)}
    assert file.get_filename() == "服务月报-2026-11.xlsx" and told["收到事项"] == "8"
    (file,) = theirs.iter_attachments()
    sheet = openpyxl.load_workbook(BytesIO(file.get_content())).worksheets[0]
    assert {row[0]: row[1] for row in sheet.iter_rows(values_only=True)}["Received"] == "6", (
        "the desk's, who sees no more"
    )
    assert set(ReportMail.unscoped.exclude(staff=firm.staff["zhao"]).values_list("state", "late")) == {("sent", False)}


def test_late_says_so_and_who_may_no_longer_see_gets_nothing(firm) -> None:
    with permit_writes("test"):
        firm.staff["sun"].roles.clear()
    with smtp_server() as (inbox, port):
        mailbox(port)
        work(DUE + timedelta(days=2))
    ((_from, to, raw),) = inbox.messages
    mail = email.message_from_bytes(raw, policy=policy.default)
    assert to == ["qian@example.cn"] and mail["Subject"] == "月报 2026-11（补发）"
    assert "本应在 2026-12-01 08:30 发出" in mail.get_body().get_content()
    assert ReportMail.unscoped.get(staff=firm.staff["sun"]).last_error == "收件人已停用，或不能再查看报表"
