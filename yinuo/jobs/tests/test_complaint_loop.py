"""One complaint through all its stages with the product's own reactions and the shipped standards."""

from datetime import timedelta

import pytest

from tests.worlds import world
from yinuo.approvals.commands import edit_rules
from yinuo.complaints import commands as c
from yinuo.complaints.models import Complaint, LeaderReception
from yinuo.complaints.tests.conftest import NOW, Walk, build, later
from yinuo.conversations.commands import queue_reply
from yinuo.customers.models import Customer
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.errors import Refused
from yinuo.kernel.events import reactions_to
from yinuo.matters.commands import complete_task, create_task
from yinuo.matters.models import Collaborator, Task, TimelineEntry
from yinuo.promises.commands import announce_due, load_pack, make_personal_promise, save_standard
from yinuo.promises.models import Promise, PromiseEvent, Standard


@world
def made_firm():
    assert reactions_to("approval.decided"), "the product's reactions are wired when the apps are ready"
    with clock.frozen(NOW):
        firm = build()
        with acting_as(Actor.system("test")):
            load_pack(name="common")
        return firm


@pytest.fixture
def firm(made_firm):
    with clock.frozen(NOW):
        yield made_firm


def owed(case):
    return set(Promise.unscoped.filter(matter=case.id, outstanding=True).values_list("obligation", flat=True))


def test_every_promise_of_the_loop_is_made_and_kept(firm):
    case = Walk(firm)
    assert "interim_reply" in owed(case)
    first = Promise.unscoped.get(matter=case.id, obligation="interim_reply", outstanding=True)
    with clock.frozen(later(days=1)), acting_as(firm.wang):
        c.reply(complaint_id=case.id, text="仍在核实，暂无结果")
    renewed = Promise.unscoped.get(matter=case.id, obligation="interim_reply", outstanding=True)
    assert renewed.cycle == first.cycle + 1 and renewed.due_at > first.due_at
    case.to("executing")
    tasks = Task.unscoped.filter(matter=case.id)
    assert Promise.unscoped.filter(task__in=tasks, outstanding=True).count() == tasks.count() == 2
    case.to("callback")
    assert "callback" in owed(case)
    case.to("closed")
    assert owed(case) == set()
    assert not Promise.unscoped.filter(matter=case.id, state="broken").exists()


def test_one_reply_is_one_line_of_the_story(firm):
    case = Walk(firm)
    with acting_as(firm.wang):
        said = c.reply(complaint_id=case.id, text="仍在核实")
    assert TimelineEntry.unscoped.filter(matter=case.id, interaction=said).count() == 1
    assert TimelineEntry.unscoped.filter(matter=case.id, interaction__direction="in").count() == 1


def test_a_personal_promise_blocks_the_close_until_it_is_kept(firm):
    case = Walk(firm).to("callback")
    case.call_back()
    with acting_as(firm.wang):
        make_personal_promise(matter_id=case.id, title="周二下午回电", due_at=later(days=1, hours=6))
    with pytest.raises(Exception, match="对客户的承诺未兑现：周二下午回电"):
        case.close()


def test_somebody_higher_takes_part_for_a_grade_and_for_graveness(firm):
    with permit_writes("test"):
        Customer.unscoped.filter(pk=firm.customer.pk).update(grade="A")
    case = Walk(firm)
    helpers = lambda: set(Collaborator.unscoped.filter(matter=case.id).values_list("staff__username", flat=True))  # noqa: E731
    assert helpers() == {"sun"}
    case.acknowledge()
    case.assess(severity="critical", risks=["safety"])
    assert helpers() == {"sun", "qian"}
    case.assess(severity="critical", risks=["safety", "media"])
    assert TimelineEntry.unscoped.filter(matter=case.id, kind="escalated").count() == 2


def test_merging_and_withdrawing_release_what_was_owed(firm):
    keep, extra, gone = Walk(firm), Walk(firm), Walk(firm)
    with acting_as(firm.sun):
        c.merge_complaints(complaint_ids=[extra.id], into_id=keep.id, reason="同一件事")
        c.withdraw(complaint_id=gone.id, reason="客户来电撤诉")
    assert owed(extra) == owed(gone) == set() and owed(keep)


def test_opened_again_the_standards_for_grave_cases_hold(firm):
    with acting_as(Actor.system("test")):
        common = Standard.objects.get(key="common.interim-reply").data
        save_standard(data={**common, "key": "grave.reply", "amount": "1", "conditions": {"severity": ["critical"]}})
    case = Walk(firm, severity="critical")
    with acting_as(firm.sun):
        c.withdraw(complaint_id=case.id, reason="客户来电撤诉")
    assert owed(case) == set()
    with acting_as(firm.wang):
        c.reopen(complaint_id=case.id, reason="又渗漏了")
    rounds = Promise.unscoped.filter(matter=case.id, obligation="interim_reply").order_by("pk")
    assert [int(p.amount) for p in rounds] == [1, 1] and "interim_reply" in owed(case)


def test_a_rejection_is_decided_through_the_approval(firm):
    case = Walk(firm).to("acknowledged")
    case.assess(judgement="unjustified", basis="检测合格", subkind="misuse")
    with acting_as(firm.wang):
        c.reject(complaint_id=case.id, explanation="经检测油品合格")
    case.approve()
    assert Complaint.unscoped.get(pk=case.id).stage == "rejected" and owed(case) == {"task"}
    asked = Task.unscoped.get(matter=case.id, kind="tell_customer")
    assert (asked.assignee_id, asked.detail) == (firm.wang.id, "经检测油品合格")
    assert not TimelineEntry.unscoped.filter(matter=case.id, interaction__direction="out").exists()
    with acting_as(firm.wang):
        complete_task(task_id=asked.pk, result="周二下午电话告知，客户说知道了")
    (line,) = TimelineEntry.unscoped.filter(matter=case.id, interaction__direction="out").select_related("interaction")
    said = line.interaction
    assert (said.text, said.channel, said.author_id, line.public) == ("经检测油品合格", "phone", firm.wang.id, True)
    assert owed(case) == set()


def test_the_promise_to_answer_is_renewed_when_the_customer_was_told_not_before(firm):
    keep, extra = Walk(firm), Walk(firm)
    rounds = Promise.unscoped.filter(matter=keep.id, obligation="interim_reply").order_by("pk")
    with acting_as(firm.sun):
        c.merge_complaints(complaint_ids=[extra.id], into_id=keep.id, reason="同一件事")
    assert [(p.cycle, p.state) for p in rounds] == [(1, "open")] and keep.row.last_reply_at is None
    asked = Task.unscoped.get(matter=keep.id, kind="tell_customer")
    assert Promise.unscoped.filter(task=asked, outstanding=True, owner=firm.staff["wang"]).exists(), "with a deadline"
    with clock.frozen(later(hours=2)), acting_as(firm.wang):
        before = keep.row.version
        complete_task(task_id=asked.pk, result="已在电话里说明")
    assert [p.cycle for p in rounds.all()] == [1, 2] and keep.row.last_reply_at == later(hours=2)
    assert keep.row.version == before
    assert TimelineEntry.unscoped.filter(matter=keep.id, interaction__direction="out").count() == 1


def test_a_callback_tried_in_vain_is_not_owed_after_the_close(firm):
    case = Walk(firm).to("callback")
    for days in (0, 1, 2):
        with clock.frozen(later(days=days)), acting_as(firm.li):
            c.record_callback(complaint_id=case.id, reached=False)
    with clock.frozen(later(days=2)), acting_as(firm.wang):
        c.close(complaint_id=case.id, outcome="三次未能联系上客户，按协议办结")
    assert not owed(case)


def test_no_callback_is_owed_on_a_case_that_went_on_without_one(firm):
    case = Walk(firm).to("callback")
    with acting_as(firm.sun):
        c.escalate_out(complaint_id=case.id, body="消费者协会")
        assert "callback" not in owed(case)
        c.record_external_result(complaint_id=case.id, result="请贵司重新处理", closes=False)
    assert case.row.stage == "investigating" and "callback" not in owed(case)
    first = Promise.unscoped.get(matter=case.id, obligation="callback")
    assert first.state == "waived" and "外部升级" in PromiseEvent.unscoped.get(promise=first, kind="waived").text


def test_a_dissatisfied_customer_was_called_back_all_the_same(firm):
    case = Walk(firm).to("callback")
    case.call_back(satisfaction=1)
    assert case.row.stage == "investigating"
    assert Promise.unscoped.get(matter=case.id, obligation="callback").state == "kept"


def test_a_departments_promise_goes_with_its_task_when_cases_are_merged(firm):
    keep, gone = Walk(firm), Walk(firm, content="还是那桶油，再催一次")
    with acting_as(firm.wang):
        task = create_task(matter_id=gone.id, title="查批次", unit_id=firm.units["store"].pk)
    with acting_as(firm.sun):
        c.merge_complaints(complaint_ids=[gone.id], into_id=keep.id, reason="同一件事")
    promise = Promise.unscoped.get(task=task)
    assert (promise.matter_id, promise.state, promise.outstanding) == (keep.id, "open", True)
    assert not owed(gone)


def test_what_somebody_told_the_customer_is_owed_in_the_case_that_goes_on(firm):
    keep, gone = Walk(firm), Walk(firm, content="还是那桶油，再催一次")
    with acting_as(firm.wang):
        said = make_personal_promise(matter_id=gone.id, title="周二下午回电", due_at=later(days=1, hours=6))
        asked = c.request_reception(complaint_id=gone.id, topic="想见负责人")
    with acting_as(firm.sun):
        c.merge_complaints(complaint_ids=[gone.id], into_id=keep.id, reason="同一件事")
    said.refresh_from_db()
    assert (said.matter_id, said.state, said.outstanding) == (keep.id, "open", True)
    assert {"personal", "reception"} <= owed(keep) and owed(gone) == set()
    assert f"从 {gone.row.matter.number} 转来" in PromiseEvent.unscoped.get(promise=said, kind="moved").text
    asked.refresh_from_db()
    assert (asked.complaint_id, asked.state) == (keep.id, "requested")


def test_two_cases_that_both_ask_for_a_leader_keep_one_reception(firm):
    keep, gone = Walk(firm, wants_leader=True), Walk(firm, wants_leader=True)
    with acting_as(firm.sun):
        c.merge_complaints(complaint_ids=[gone.id], into_id=keep.id, reason="同一件事")
    states = LeaderReception.unscoped.values_list("complaint_id", "state").order_by("pk")
    assert list(states) == [(keep.id, "requested"), (gone.id, "canceled")]
    assert "reception" in owed(keep) and owed(gone) == set()


def test_a_case_under_review_is_not_merged_away(firm):
    keep, gone = Walk(firm), Walk(firm).to("assessed")
    with acting_as(firm.wang):
        c.request_review(complaint_id=gone.id, reason="客户不服", asked_by="客户")
    with acting_as(firm.sun), pytest.raises(Refused, match="复核尚未作出决定"):
        c.merge_complaints(complaint_ids=[gone.id], into_id=keep.id, reason="同一件事")


def may_call(case, who):
    """Whether somebody may call back about the case, which waits for it."""
    try:
        with acting_as(who):
            c.record_callback(complaint_id=case.id, reached=False)
    except Refused as refusal:
        assert refusal.code == "handled_it"
        return False
    return True


def test_who_answered_in_the_inbox_does_not_call_back(firm):
    case = Walk(firm).to("investigating")
    with acting_as(firm.li):
        queue_reply(conversation_id=case.row.matter.conversation_id, text="您好，正在处理，请放心")
    case.to("callback")
    assert not may_call(case, firm.li)
    assert may_call(case, firm.sun), "somebody who had nothing to do with it may"


def test_an_answer_in_the_thread_beside_the_case_counts_as_well(firm):
    case = Walk(firm, channel="phone").to("investigating")
    with acting_as(firm.wang):
        said = c.reply(complaint_id=case.id, text="仍在核实", via="email")
    with acting_as(firm.li):
        queue_reply(conversation_id=said.conversation_id, text="补充一句")
    case.to("callback")
    assert not may_call(case, firm.li)


def test_asking_how_it_went_by_message_is_the_callback_itself(firm):
    case = Walk(firm).to("callback")
    with acting_as(firm.li):
        queue_reply(conversation_id=case.row.matter.conversation_id, text="请问您对处理结果满意吗？")
    assert may_call(case, firm.li)


def test_who_reported_the_execution_done_does_not_call_back(firm):
    case = Walk(firm).to("executing")
    for task in Task.unscoped.filter(matter_id=case.id):
        with acting_as(Actor.system("test")):
            complete_task(task_id=task.pk, result="已办", no_proof="测试")
    with acting_as(firm.li):
        c.finish_execution(complaint_id=case.id)
    assert not may_call(case, firm.li)
    assert may_call(case, firm.sun)


def test_who_did_one_of_the_tasks_does_not_call_back(firm):
    case = Walk(firm).to("executing")
    with acting_as(firm.wang):
        own = create_task(matter_id=case.id, title="把样品寄回", assignee_id=firm.li.id)
    for task in Task.unscoped.filter(matter_id=case.id):
        with acting_as(firm.li if task.pk == own.pk else Actor.system("test")):
            complete_task(task_id=task.pk, result="已寄出，单号 SF123", no_proof="测试")
    with acting_as(firm.wang):
        c.finish_execution(complaint_id=case.id)
    assert not may_call(case, firm.li)


def test_an_answer_in_the_inbox_spoils_no_open_page(firm):
    """The version of the case is as it was: what a colleague typed meanwhile can still be saved."""
    case = Walk(firm).to("investigating")
    before = case.row.version
    with acting_as(firm.li):
        queue_reply(conversation_id=case.row.matter.conversation_id, text="正在处理")
    assert case.row.version == before and firm.li.id in case.row.handler_ids


def test_money_beyond_the_managers_authority_brings_somebody_higher_into_the_case(firm):
    with acting_as(Actor.system("test")):
        edit_rules(kind="proposal", bands=[(None, ["manager"])])
    case = Walk(firm).to("proposing")
    items = [{"kind": "refund", "detail": "退货款", "amount": "20000", "unit_id": firm.units["money"].pk}]
    with acting_as(firm.wang):
        c.draft_proposal(complaint_id=case.id, items=items, reason="批次不合格")
        c.submit_proposal(complaint_id=case.id)
    assert not Collaborator.unscoped.filter(matter=case.id, staff=firm.qian.id).exists()
    case.approve()
    assert case.row.stage == "offered"
    assert Collaborator.unscoped.filter(matter=case.id, staff=firm.qian.id).exists()


def test_a_promise_about_to_break_brings_the_manager_into_the_case_once(firm):
    """Ninety per cent of three working days gone and no reply: not yet broken, and somebody higher takes part."""
    case = Walk(firm)
    promise = Promise.unscoped.get(matter=case.id, obligation="interim_reply")
    sun = {"matter": case.id, "staff": firm.sun.id}
    with clock.frozen(promise.due_at - timedelta(hours=5)), acting_as(Actor.system("clock")):
        announce_due()
        assert not Collaborator.unscoped.filter(**sun).exists()
    for minutes in (60, 30):
        with clock.frozen(promise.due_at - timedelta(minutes=minutes)), acting_as(Actor.system("clock")):
            announce_due()
    promise.refresh_from_db()
    assert promise.state == "open"
    assert Collaborator.unscoped.filter(**sun).count() == 1
    told = PromiseEvent.unscoped.get(promise=promise, kind="warned", told_as="manager")
    assert told.told_id == firm.sun.id and "快要违约" in told.text
