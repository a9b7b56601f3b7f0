"""Two at the same moment: one promise, not two."""

import contextlib
import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection, transaction

from yinuo.conversations.commands import open_conversation
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.clock import frozen
from yinuo.kernel.command import permit_writes
from yinuo.kernel.work import working
from yinuo.promises.commands import load_pack, make_promises, making
from yinuo.promises.models import Promise
from yinuo.promises.tests.conftest import START, build_desk, inside

SYSTEM = Actor.system("test")


@pytest.fixture
def office(transactional_db: object) -> SimpleNamespace:
    with frozen(START), acting_as(SYSTEM):
        desk = build_desk(SYSTEM)
        load_pack(name="common")
        with permit_writes("test"), working() as work, work.frame("test"):
            desk.thread = open_conversation(
                channel="email", customer_id=desk.customer.pk, subject="问", unit_id=desk.unit.pk, by=SYSTEM, at=START
            )
    return desk


@pytest.mark.parametrize("about", ["matter", "conversation", "customer"])
def test_two_at_the_same_moment_make_one_promise(
    office: SimpleNamespace, about: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have read what is owed before either writes, unless the reading waits for a lock."""
    trigger = {
        "matter": "complaint.received",
        "conversation": "interaction.received",
        "customer": "interaction.received",
    }
    facts = {"conversation_id": office.thread.pk} if about == "conversation" else {}
    facts |= {"customer_id": office.customer.pk} if about == "customer" else {}
    matter_id = office.matter.pk if about == "matter" else None
    meet, wrong = threading.Barrier(2), []
    slow = making.from_standard

    def lingering(*args: object, **given: object) -> Promise:
        with contextlib.suppress(threading.BrokenBarrierError):
            meet.wait(timeout=1.5)  # without the lock both arrive here
        return slow(*args, **given)

    monkeypatch.setattr(making, "from_standard", lingering)

    def mail() -> None:
        try:
            with frozen(START + timedelta(minutes=1)), transaction.atomic():
                inside(office, make_promises, trigger=trigger[about], matter_id=matter_id, facts=facts)
        except Exception as problem:
            wrong.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=mail) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert Promise.unscoped.count() == 1
