"""Mail and the worker: rung at once, killed in the middle of a group, a parser that dies: each visible once, none lost."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from django.conf import settings
from django.db import connection

from yinuo.channels.email import sandbox
from yinuo.channels.email.commands.intake import store_raw
from yinuo.channels.email.commands.mailboxes import save_mailbox
from yinuo.channels.email.flows import understand_stored
from yinuo.channels.email.models import Mailbox, OutboundMessage, RawMessage
from yinuo.channels.email.tests import samples
from yinuo.conversations.models import Conversation, Interaction
from yinuo.customers.models import Customer
from yinuo.identity.commands import create_unit
from yinuo.jobs import mails, rung
from yinuo.jobs.mail_together import claiming, draining
from yinuo.jobs.mail_together.draining import drain
from yinuo.jobs.tests.test_intakes import ROOT, address, until
from yinuo.kernel.actor import Actor, acting_as

#: A worker that dies when the group has been written and before it is committed.
DIES = """
import os, signal, django; django.setup()
from yinuo.jobs.mail_together import draining, group
write = group.write_at_once
def dying(*given):
    write(*given)
    os.kill(os.getpid(), signal.SIGKILL)
group.write_at_once = dying
draining.drain()
"""


@pytest.fixture
def box():
    with acting_as(Actor.system("test")):
        create_unit(name="客服中心", code="desk", kind="company", parent_id=None)
        yield save_mailbox(name="客服", address="kf@yinuo.cn", smtp_host="127.0.0.1", smtp_security="none")


@pytest.fixture
def own_queue(transactional_db):
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")


def store(box: Mailbox, *numbers: int) -> list[RawMessage]:
    raws = [(n, samples.mail(f"第{n}封", sender=f"客户{n} <c{n}@customer.cn>")) for n in numbers]
    return [store_raw(mailbox_id=box.pk, external_id=f"1:{n}", raw=raw)[0] for n, raw in raws]


def visible() -> int:
    return Interaction.unscoped.filter(direction="in").count()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("own_queue")
def test_a_killed_worker_loses_and_doubles_nothing_and_a_ring_wakes_it(box, monkeypatch) -> None:
    store(box, 0, 1, 2)
    ours = {"YINUO_HOME": str(settings.HOME), "YINUO_SECRET_KEY": settings.SECRET_KEY}
    environment = {**os.environ, **ours, "DATABASE_URL": address(), "DJANGO_SETTINGS_MODULE": "yinuo.settings"}
    killed = subprocess.run([sys.executable, "-c", DIES], env=environment, cwd=ROOT, timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (visible(), Conversation.unscoped.count(), OutboundMessage.unscoped.count()) == (0, 0, 0)

    monkeypatch.setattr(rung, "LOOKS_EVERY", 60.0)  # so that only the ring can be what wakes them below
    stop = threading.Event()
    hands = [threading.Thread(target=mails.RUNG.run, args=(stop,)) for _hand in range(mails.HANDS)]
    for hand in hands:
        hand.start()
    try:
        until(lambda: visible() == 3, 20)
        store(box, *range(3, 12))
        until(lambda: visible() == 12, 20)
    finally:
        stop.set()
        for hand in hands:
            hand.join(20)
    assert RawMessage.unscoped.filter(state="understood", reason="new").count() == 12
    assert OutboundMessage.unscoped.count() == Conversation.unscoped.count() == Customer.unscoped.count() == 12


@pytest.mark.django_db
def test_a_parser_that_dies_costs_nobody_but_the_mail_it_dies_of(box, monkeypatch) -> None:
    """What it answered before is visible with the group; the rest is parsed by itself."""
    store(box, 0, 1, 2, 3)
    shared, left = sandbox.shared(), []
    real = shared.parse_many
    monkeypatch.setattr(shared, "parse_many", lambda raws, seconds: [*real(raws[:2], seconds), None, None])
    monkeypatch.setattr(draining, "understand_stored", lambda pk: left.append(pk) or understand_stored(pk))
    assert drain() == 4
    assert len(left) == 2 and visible() == RawMessage.unscoped.filter(state="understood").count() == 4


def test_a_group_waits_for_a_slow_parser_only_so_long(db, box, monkeypatch) -> None:
    store(box, 0, 1)
    monkeypatch.setattr(claiming, "PATIENCE", 0.0)
    began = time.monotonic()
    assert drain() == 2
    assert visible() == 2 and time.monotonic() - began < 30
