"""Praise and suggestions ask nothing: no promise for a question or a complaint is made of them, unless a standard of
their own says so.
"""

from types import SimpleNamespace

import pytest

from yinuo.channels.portal.arrival import submit
from yinuo.conversations.commands import add_interaction, open_conversation
from yinuo.kernel.actor import acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.work import working
from yinuo.matters.plain import raise_matter
from yinuo.promises.commands import load_pack, save_standard
from yinuo.promises.models import Promise
from yinuo.promises.packs import pack_names
from yinuo.promises.tests.conftest import START
from yinuo.promises.tests.conftest import desk as desk
from yinuo.promises.tests.conftest import made_desk as made_desk

THANKS = {
    "key": "own.thanks", "title": "感谢客户", "trigger": "praise.received", "obligation": "thanks",
    "clock": "working_days", "amount": 3, "kept_by": ["reply"],
}  # fmt: skip


def says(desk: SimpleNamespace, kind: str, **more: object) -> object:
    """A customer's message of a kind, in a thread of its own."""
    customer = desk.system.customer(customer_id=desk.customer.pk, name="王小明")
    with acting_as(customer), permit_writes("test"), working() as work:
        with work.frame("test"):
            thread = open_conversation(
                channel="email", customer_id=desk.customer.pk, subject="信", unit_id=desk.unit.pk, by=customer, at=START
            )
            add_interaction(
                conversation=thread, direction="in", text="师傅很好", kind=kind, by=customer, at=START, **more
            )  # fmt: skip
        work.react(START)
        work.flush(START)
    return thread


def owed() -> set[str]:
    return set(Promise.unscoped.filter(outstanding=True).values_list("obligation", flat=True))


@pytest.fixture
def all_packs(desk: SimpleNamespace) -> SimpleNamespace:
    for name in pack_names():
        load_pack(name=name)
    return desk


@pytest.mark.parametrize("kind", ["praise", "suggestion"])
def test_no_shipped_standard_makes_a_promise_of_it(all_packs: SimpleNamespace, kind: str) -> None:
    says(all_packs, kind)
    assert owed() == set()


def test_a_question_of_the_same_customer_is_owed_its_answer(all_packs: SimpleNamespace) -> None:
    says(all_packs, "consulting")
    assert owed() == {"answer"}


@pytest.mark.parametrize("kind", ["praise", "suggestion"])
def test_on_the_portal_neither(all_packs: SimpleNamespace, kind: str) -> None:
    with acting_as(all_packs.system.customer(customer_id=None, name="访客")):
        submit(kind=kind, content="师傅很好", name="陈女士", phone="13912345678")
    assert owed() == set()


def test_a_standard_of_its_own_makes_one(all_packs: SimpleNamespace) -> None:
    save_standard(data=THANKS)
    says(all_packs, "praise")
    says(all_packs, "suggestion")
    assert owed() == {"thanks"}


def test_a_message_classed_as_praise_owes_no_answer_any_more(all_packs: SimpleNamespace) -> None:
    thread = says(all_packs, "")
    other = says(all_packs, "")
    assert owed() == {"answer"}
    with acting_as(all_packs.handler):
        raise_matter(conversation_id=thread.pk, kind="praise", title="表扬张师傅")
        raise_matter(conversation_id=other.pk, kind="enquiry", title="问价")
    left = Promise.unscoped.get(outstanding=True)
    assert left.conversation_id == other.pk, "a question stays owed"
    assert Promise.unscoped.get(conversation=thread).state == "waived"
