"""Processes killed at the worst moments. Each runs for real and dies by SIGKILL; then the work goes on."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from yinuo.channels.email import imap
from yinuo.channels.email.commands.intake import store_raw
from yinuo.channels.email.commands.mailboxes import save_mailbox
from yinuo.channels.email.flows import send_due, understand_stored
from yinuo.channels.email.models import Mailbox, OutboundMessage, RawMessage
from yinuo.channels.email.tests import samples
from yinuo.conversations.commands import queue_reply
from yinuo.conversations.models import Conversation, Interaction
from yinuo.customers.models import Customer
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.usefixtures("own_queue")]

PREAMBLE = """
import os, signal, django
django.setup()
from yinuo.kernel.actor import Actor, acting_as
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
with acting_as(Actor.system("victim")):
"""


def environment() -> dict[str, str]:
    now = connection.settings_dict
    host, port = quote(str(now["HOST"]), safe=""), now["PORT"]
    place = (
        f"@{now['HOST']}:{port}/{now['NAME']}"
        if not str(now["HOST"]).startswith("/")
        else f"@/{now['NAME']}?host={host}&port={port}"
    )
    url = f"postgresql://{quote(now['USER'])}:{quote(now['PASSWORD'])}{place}"
    ours = {"YINUO_HOME": str(settings.HOME), "YINUO_SECRET_KEY": settings.SECRET_KEY}
    return {**os.environ, **ours, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "yinuo.settings"}


def killed(body: str) -> None:
    """Run the lines in a process of its own, which must die by SIGKILL in the middle."""
    code = PREAMBLE + "".join(f"    {line}\n" for line in body.strip().split("\n"))
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, timeout=60)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()[-2000:]


def test_killed_while_turning_a_mail_into_history(box):
    row, _ = store_raw(
        mailbox_id=box.pk, external_id="1", raw=samples.mail(files=[("照片.png", samples.png(), "image/png")])
    )
    customers = Customer.unscoped.count()
    killed(f"""
from yinuo.channels.email.commands import understanding
understanding.close_raw = die
from yinuo.channels.email.flows import understand_stored
understand_stored({row.pk})
""")
    row.refresh_from_db()
    assert row.state == "stored"
    assert (Interaction.unscoped.count(), Conversation.unscoped.count(), Customer.unscoped.count()) == (0, 0, customers)
    assert understand_stored(row.pk) == "understood"
    assert Interaction.unscoped.filter(direction="in").count() == 1
    assert OutboundMessage.unscoped.count() == 1


def test_killed_after_the_server_took_it_and_before_we_wrote_it_down(box, agent, smtp):
    row, _ = store_raw(mailbox_id=box.pk, external_id="1", raw=samples.mail(headers={"Precedence": "bulk"}))
    understand_stored(row.pk)
    conversation = Conversation.unscoped.get()
    with acting_as(agent):
        interaction = queue_reply(conversation_id=conversation.pk, text="我们周二给您回电。")
    message = OutboundMessage.unscoped.get(interaction=interaction)
    killed(f"""
from yinuo.channels.email import flows
flows.record_sent = die
flows.send_queued({message.pk})
""")
    assert len(smtp.messages) == 1
    message.refresh_from_db()
    assert message.state == "sending"
    with clock.frozen(clock.now() + timedelta(hours=1)):
        assert send_due() == 1
        assert send_due() == 0
    assert len(smtp.messages) == 2
    assert smtp.messages[0] == smtp.messages[1]  # the same Message-ID, so the receiving side shows one mail
    assert Interaction.unscoped.filter(direction="out").count() == 1
    assert Interaction.unscoped.get(direction="out").delivery == "sent"


def test_killed_in_the_middle_of_a_mailbox(box, dovecot_server):
    user = f"crash{os.getpid()}"
    for n in range(12):
        dovecot_server.deliver(user, samples.mail(f"第{n}封"))
    save_mailbox(
        mailbox_id=box.pk, imap_host="127.0.0.1", imap_port=dovecot_server.port, imap_security="none", imap_user=user,
        imap_password=dovecot_server.password, take_existing=True,
    )  # fmt: skip
    killed(f"""
from yinuo.channels.email import imap
from yinuo.channels.email.models import Mailbox
box = Mailbox.unscoped.get(pk={box.pk})
real, seen = imap.store_raw, []
def store(**given):
    seen.append(real(**given))
    if len(seen) == 5:
        die()
    return seen[-1]
imap.store_raw = store
imap.fetch_new(imap.connect(box), box)
""")
    assert RawMessage.unscoped.count() == 5
    mailbox = Mailbox.unscoped.get(pk=box.pk)
    server = imap.connect(mailbox)
    assert imap.fetch_new(server, mailbox) == 7
    imap.close(server)
    assert RawMessage.unscoped.count() == 12


def wait_for(condition, seconds=60.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


def test_the_worker_is_killed_and_started_again(box, dovecot_server, smtp):
    """The whole road: a mailbox, the receiver, the queue, the receipt; the worker dies twice on the way."""
    user = f"worker{os.getpid()}"
    dovecot_server.deliver(user, samples.mail("第0封", sender="客户0 <c0@customer.cn>"))
    save_mailbox(
        mailbox_id=box.pk, imap_host="127.0.0.1", imap_port=dovecot_server.port, imap_security="none", imap_user=user,
        imap_password=dovecot_server.password, take_existing=True,
    )  # fmt: skip

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "yinuo.jobs.worker"], env=environment(), start_new_session=True)

    def arrived() -> int:
        return Interaction.unscoped.filter(direction="in").count()

    worker = start()
    try:
        assert wait_for(lambda: arrived() == 1)
        for n in range(1, 8):
            dovecot_server.deliver(user, samples.mail(f"第{n}封", sender=f"客户{n} <c{n}@customer.cn>"))
        assert wait_for(lambda: RawMessage.unscoped.count() >= 3)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        dovecot_server.deliver(user, samples.mail("停机时的信", sender="客户8 <c8@customer.cn>"))
        worker = start()
        # What the dead worker had taken is looked at again after two minutes; here we need not wait for that.
        assert wait_for(lambda: RawMessage.unscoped.count() == 9)
        for row in RawMessage.unscoped.filter(state="stored"):
            understand_stored(row.pk)
        assert wait_for(lambda: arrived() == 9)
        with clock.frozen(clock.now() + timedelta(minutes=30)):
            send_due()
        assert wait_for(lambda: OutboundMessage.unscoped.filter(state="sent").count() == 9)
    finally:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0
    to = sorted({mail[1][0] for mail in smtp.messages})
    assert to == [f"c{n}@customer.cn" for n in range(9)]
    assert set(Interaction.unscoped.filter(direction="in").values_list("text", flat=True)) >= {
        f"第{n}封" for n in range(8)
    }
    assert Conversation.unscoped.count() == 9
