"""Two people at once, on a real database with real threads."""

import threading
import time
from collections import Counter

import pytest
from django.db import connection, transaction

from yinuo.approvals.models import Approval
from yinuo.complaints import commands as c
from yinuo.complaints.models import Agreement, Callback, Complaint, LeaderReception, Responsibility
from yinuo.complaints.tests.conftest import NOW, Walk, build, later, signature
from yinuo.conversations.models import Interaction
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.clock import frozen
from yinuo.kernel.command import permit_writes
from yinuo.kernel.errors import AlreadyDone, YinuoError
from yinuo.matters.models import Task, TimelineEntry


@pytest.fixture
def crowd(transactional_db, at, reactions):
    return build()


def at_once(*calls):
    """Runs every (actor, call) at the same moment; the names of what came out."""
    gate, out = threading.Barrier(len(calls)), []

    def run(actor, call):
        try:
            with frozen(NOW), acting_as(actor):
                gate.wait(10)
                call()
                out.append("done")
        except YinuoError as error:
            out.append(error.code)
        except Exception as error:
            out.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return Counter(out)


def test_two_agents_acknowledge_at_once(crowd):
    case = Walk(crowd)
    out = at_once(
        *[(a, lambda: c.acknowledge(complaint_id=case.id, expected_version=1)) for a in (crowd.wang, crowd.li)]
    )
    assert out == {"done": 1, "stale": 1} or out == {"done": 1, "wrong_stage": 1}
    assert TimelineEntry.unscoped.filter(matter_id=case.id, kind="stage").count() == 1


def test_the_customer_confirms_and_refuses_in_two_tabs(crowd):
    case = Walk(crowd).to("offered")
    made, customer = case.offer(), case.customer
    drawn = signature()
    confirm = lambda: c.confirm_agreement(agreement_id=made.pk, sha256=made.sha256, name="陈建国", signature=drawn)  # noqa: E731
    refuse = lambda: c.refuse_agreement(agreement_id=made.pk, reason="太少")  # noqa: E731
    out = at_once((customer, confirm), (customer, refuse), (customer, confirm))
    assert out["done"] == 1 and sum(out.values()) == 3
    row, state = Complaint.unscoped.get(pk=case.id), Agreement.unscoped.get(pk=made.pk).state
    assert (row.stage, state) in {("executing", "confirmed"), ("proposing", "refused")}
    assert Task.unscoped.filter(matter_id=case.id).count() == (2 if state == "confirmed" else 0)


def test_recalled_and_approved_at_once(crowd):
    for _again in range(4):
        case = Walk(crowd).to("approving")
        recall = lambda: c.recall_proposal(complaint_id=case.id, reason="再想想")  # noqa: B023, E731
        out = at_once((crowd.wang, recall), (crowd.system, case.approve))
        row = Complaint.unscoped.get(pk=case.id)
        approval = Approval.unscoped.get(matter_id=case.id)
        assert (row.stage, approval.state) in {
            ("proposing", "withdrawn"),
            ("offered", "approved"),
            ("proposing", "approved"),
        }, out
        assert not any("Deadlock" in name for name in out), out


def test_the_same_form_twice_at_once_registers_once(crowd):
    given = {"channel": "phone", "content": "漏油", "name": "陈建国", "phone": "13812345678", "once": "k"}
    out = at_once(*[(crowd.wang, lambda: c.register(**given))] * 4)
    assert out == {"done": 1, AlreadyDone.code: 3}
    assert Complaint.unscoped.count() == 1


def test_two_bad_callbacks_at_once_reopen_once(crowd):
    case = Walk(crowd).to("callback")
    scores = {"reached": True, "satisfaction": 1, "outcome": 1, "process": 1, "treatment": 1}
    customer = Actor.customer(customer_id=1, name="x", matter_ids=frozenset({case.id}))
    own = {k: v for k, v in scores.items() if k != "reached"}
    out = at_once(
        (crowd.li, lambda: c.record_callback(complaint_id=case.id, **scores)),
        (customer, lambda: c.rate(complaint_id=case.id, **own)),
    )
    assert out == {"done": 1, "wrong_stage": 1}
    assert Complaint.unscoped.get(pk=case.id).reopened == Callback.unscoped.count() == 1


def test_a_leader_is_not_booked_twice_at_once(crowd):
    Walk(crowd, wants_leader=True), Walk(crowd, wants_leader=True)
    ids = list(LeaderReception.unscoped.values_list("pk", flat=True))
    book = lambda pk: lambda: c.book_reception(reception_id=pk, leader_id=crowd.qian.id, starts_at=later(days=1))  # noqa: E731
    assert at_once((crowd.wang, book(ids[0])), (crowd.li, book(ids[1]))) == {"done": 1, "refused": 1}


def test_two_proposals_of_responsibility_at_once_count_right(crowd):
    one, two = Walk(crowd), Walk(crowd)
    propose = lambda pk: lambda: c.propose_responsibility(complaint_id=pk, staff_id=crowd.li.id, fault="争吵")  # noqa: E731
    assert at_once((crowd.sun, propose(one.id)), (crowd.zhao, propose(two.id))) == {"done": 2}
    assert set(Responsibility.unscoped.values_list("proposed_step", flat=True)) == {"warning"}


def test_crossed_merges_do_not_deadlock(crowd):
    for _again in range(3):
        one, two = Walk(crowd), Walk(crowd)
        merge = lambda a, b: lambda: c.merge_complaints(complaint_ids=[a], into_id=b, reason="同")  # noqa: E731
        out = at_once((crowd.sun, merge(one.id, two.id)), (crowd.zhao, merge(two.id, one.id)))
        assert out == {"done": 1, "wrong_stage": 1}


def test_a_merge_waits_for_a_decision_under_way_and_neither_blocks_the_other(crowd):
    """The approval is locked before the complaint on both sides; the merge then sees what was decided."""
    one, two = Walk(crowd).to("approving"), Walk(crowd)
    approval = Approval.unscoped.get(matter_id=one.id)
    merging, out = threading.Event(), []

    def merge():
        merging.set()
        out.append(
            at_once((crowd.sun, lambda: c.merge_complaints(complaint_ids=[one.id], into_id=two.id, reason="同一件")))
        )

    other = threading.Thread(target=merge)
    with transaction.atomic():
        Approval.unscoped.select_for_update().get(pk=approval.pk)  # somebody is deciding
        other.start()
        merging.wait(5)
        time.sleep(0.5)
        Complaint.unscoped.select_for_update(nowait=True).get(pk=one.id)  # nobody holds the complaint meanwhile
        one.approve()
    other.join(30)
    assert out == [{"done": 1}]
    assert Complaint.unscoped.get(pk=one.id).stage == "merged"


def test_one_message_is_one_complaint(crowd):
    case = Walk(crowd, channel="phone")
    said = Interaction.unscoped.filter(conversation=case.row.matter.conversation).first()
    given = {"channel": "phone", "content": "漏油", "interaction_id": said.pk, "customer_id": crowd.customer.pk}
    with acting_as(crowd.wang), frozen(NOW), pytest.raises(YinuoError, match=case.row.matter.number) as caught:
        c.register(**given)
    assert caught.value.code == "already_raised" and Complaint.unscoped.count() == 1
    with permit_writes("test"):
        TimelineEntry.unscoped.filter(matter_id=case.id).update(interaction=None)  # a message nobody has raised yet
    out = at_once(*[(a, lambda: c.register(**given)) for a in (crowd.wang, crowd.li, crowd.sun)])
    assert out == {"done": 1, "already_raised": 2}
    assert Complaint.unscoped.filter(raised_from=said).count() == 1
