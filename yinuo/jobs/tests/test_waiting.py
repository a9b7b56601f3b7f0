"""While the next step is the customer's, the promises whose standard says so stop counting, and only those."""

from datetime import timedelta

import pytest

from tests.worlds import world
from yinuo.complaints import commands as c
from yinuo.complaints.models import Agreement
from yinuo.complaints.tests.conftest import NOW, Walk, build
from yinuo.conversations.commands import add_interaction
from yinuo.jobs.tasks.waiting import stop_waiting
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.work import working
from yinuo.promises.commands import load_pack, pause_promise, save_standard
from yinuo.promises.models import Promise, Standard
from yinuo.promises.rules.reading import read_standard

SYSTEM = Actor.system("test")


@world
def made_firm():
    with clock.frozen(NOW):
        firm = build()
        with acting_as(SYSTEM):
            load_pack(name="common")
            load_pack(name="bank")
        return firm


@pytest.fixture
def firm(made_firm):
    with clock.frozen(NOW):
        yield made_firm


def promise(case, obligation="settlement"):
    return Promise.unscoped.filter(matter=case.id, obligation=obligation).order_by("-pk").first()


def states(case):
    return {p.obligation: p.state for p in Promise.unscoped.filter(matter=case.id, outstanding=True)}


def in_days(days):
    return clock.frozen(NOW + timedelta(days=days))


def customer_writes(case):
    """A message of the customer arrives in the thread of the case."""
    with acting_as(SYSTEM), permit_writes("test"), working() as work:
        with work.frame("test"):
            add_interaction(
                conversation=case.row.matter.conversation, direction="in", text="照片在附件里", author_name="陈建国",
                by=SYSTEM, at=clock.now(),
            )  # fmt: skip
        work.react(clock.now())
        work.flush(clock.now())


def test_a_restatement_sent_by_link_stops_the_settlement_until_the_customer_answers(firm):
    case = Walk(firm, channel="portal").to("acknowledged")
    before = promise(case)
    with acting_as(firm.wang):
        made = c.restate(complaint_id=case.id, via="link")
    stopped = promise(case)
    assert stopped.state == "paused" and stopped.wakes_at is None
    assert "等待客户：核对登记内容" in stopped.explanation and "客户答复后继续" in stopped.explanation
    assert states(case)["interim_reply"] == "open", "a reply every three working days is owed while we wait too"
    with in_days(4), acting_as(case.customer):
        c.confirm_restatement(restatement_id=made.pk)
    goes_on = promise(case)
    assert goes_on.state == "open" and goes_on.due_at >= before.due_at + timedelta(days=3)
    assert goes_on.explanation.startswith("等待客户的时间不计")


def test_a_restatement_read_aloud_stops_nothing(firm):
    case = Walk(firm, channel="portal").to("acknowledged")
    with acting_as(firm.wang):
        c.restate(complaint_id=case.id, via="phone")
    assert promise(case).state == "open"


def test_asking_for_information_stops_it_and_any_message_of_the_customer_goes_on(firm):
    case = Walk(firm, channel="portal").to("investigating")
    with acting_as(firm.wang):
        c.reply(complaint_id=case.id, text="仍在核实，暂无结果")
        assert promise(case).state == "open", "an ordinary reply waits for nobody"
        c.reply(complaint_id=case.id, text="请补充加油小票的照片", asks=True)
    assert promise(case).state == "paused" and "补充资料" in promise(case).explanation
    assert states(case)["interim_reply"] == "open"
    with in_days(2):
        customer_writes(case)
    assert promise(case).state == "open"


def reception_and_settlement(firm):
    """A standard that stops only for the agreement, on a case whose settlement is still owed then."""
    data = {
        **Standard.objects.get(key="bank.complaint-settlement", in_force=True).data,
        "kept_by": ["complaint.closed"],
    }
    with acting_as(SYSTEM):
        save_standard(data={**data, "pauses_for": ["agreement"]}, expected_version=1)


def test_an_offered_agreement_stops_it_until_it_is_answered(firm):
    reception_and_settlement(firm)
    case = Walk(firm, channel="portal", wants_leader=True).to("offered")
    assert promise(case).state == "open", "this standard does not stop for a restatement"
    made = case.offer()
    assert promise(case).state == "paused" and "确认处理协议" in promise(case).explanation
    assert promise(case, "reception").state == "open", "what we owe beside it goes on"
    with in_days(1), acting_as(case.customer):
        c.refuse_agreement(agreement_id=made.pk, reason="太少")
    assert promise(case).state == "open"


def test_an_offer_that_ran_out_or_was_taken_back_is_waited_for_no_more(firm):
    reception_and_settlement(firm)
    case, other = (Walk(firm, channel="portal").to("offered") for _n in range(2))
    made = case.offer()
    other.offer()
    with in_days(1):
        assert stop_waiting() == 0
        with acting_as(firm.wang):
            c.recall_proposal(complaint_id=other.id, reason="算错了")
        assert promise(other).state == "open" and promise(case).state == "paused"
    with clock.frozen(Agreement.unscoped.get(pk=made.pk).expires_at + timedelta(minutes=1)):
        assert stop_waiting() == 1
        assert promise(case).state == "open"
        assert stop_waiting() == 0


def test_whoever_goes_on_without_the_answer_waits_no_more(firm):
    case = Walk(firm, channel="portal")
    with acting_as(firm.wang):
        c.restate(complaint_id=case.id, via="link")
    case.acknowledge()
    assert promise(case).state == "paused", "that we took it on is said while we wait"
    with in_days(2):
        case.assess()
    goes_on = promise(case)
    assert goes_on.state == "open" and goes_on.due_at.date() == (NOW + timedelta(days=17)).date()
    with in_days(3):
        case.investigate()
        with acting_as(firm.wang):
            c.reply(complaint_id=case.id, text="请补充加油小票的照片", asks=True)
        assert promise(case).state == "paused"
    with in_days(5):
        case.propose()
    assert promise(case).state == "open"


def test_an_appointment_stopped_by_hand_waits_for_something_else(firm):
    case = Walk(firm, channel="portal", wants_leader=True).to("acknowledged")
    with acting_as(firm.wang):
        pause_promise(promise_id=promise(case, "reception").pk, reason="客户在外地，回来再约")
        c.restate(complaint_id=case.id, via="link")
    case.assess()
    assert (promise(case).state, promise(case, "reception").state) == ("open", "paused")
    customer_writes(case)
    assert promise(case, "reception").state == "open"


def test_a_decision_after_the_time_was_up_is_late_although_a_question_went_unanswered(firm):
    case = Walk(firm, channel="portal").to("acknowledged")
    with acting_as(firm.wang):
        c.restate(complaint_id=case.id, via="link")
    with in_days(1):
        case.to("investigating")
    with in_days(20):
        case.to("offered")
    assert promise(case).state == "broken"


def test_a_restatement_nobody_answered_is_waited_for_two_weeks(firm):
    case, other = (Walk(firm, channel="portal").to("acknowledged") for _n in range(2))
    with acting_as(firm.wang):
        for one in (case, other):
            c.restate(complaint_id=one.id, via="link")
    with in_days(13):
        assert stop_waiting() == 0
        other.to("investigating")
        with acting_as(firm.wang):
            c.reply(complaint_id=other.id, text="请补充加油小票的照片", asks=True)
    with in_days(14.1):
        assert stop_waiting() == 1
        assert promise(case).state == "open" and promise(case).due_at > NOW + timedelta(days=28)
        assert promise(other).state == "paused", "it waits for the photograph by now"
        assert stop_waiting() == 0


def test_a_standard_says_itself_what_it_waits_for():
    common = {"key": "x.y", "title": "t", "trigger": "t.t", "obligation": "oo", "clock": "calendar_days", "amount": 3}
    assert read_standard({**common, "pauses": True}).pauses_for == ("restatement", "agreement", "information")
    assert read_standard({**common, "pauses": True, "pauses_for": []}).pauses_for == ()
    assert read_standard({**common, "pauses": True, "pauses_for": ["agreement"]}).pauses_for == ("agreement",)
    assert read_standard({**common, "pauses_for": ["agreement"]}).pauses_for == ()
