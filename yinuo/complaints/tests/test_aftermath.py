"""The side exits, other people's looks, and what follows a case."""

from datetime import timedelta

import pytest

from yinuo.approvals.models import Approval
from yinuo.complaints import commands as c
from yinuo.complaints import queries as q
from yinuo.complaints.models import Complaint, LeaderReception, Proposal, Publication, Responsibility
from yinuo.complaints.rules.choices import TELLING
from yinuo.complaints.tests.conftest import NOW, later
from yinuo.customers.commands import create_customer
from yinuo.identity.queries import actor_for
from yinuo.kernel.actor import acting_as
from yinuo.kernel.clock import frozen
from yinuo.kernel.errors import Denied, Invalid, Refused
from yinuo.matters.commands import complete_task, create_task
from yinuo.matters.models import Matter, Task, TimelineEntry

pytestmark = pytest.mark.django_db
BASIS = {"judgement": "unjustified", "basis": "检测报告 J-77：油品合格，设备缺机滤"}


def test_reject_needs_judgement_evidence_and_understanding_or_a_decision(walk, firm):
    case = walk().to("acknowledged")
    case.assess()
    with acting_as(firm.wang):
        with pytest.raises(Refused) as error:
            c.reject(complaint_id=case.id, explanation="经检测油品合格", understood=True, understood_how="客户说明白了")
        assert list(error.value.fields.values()) == ["只有判断为“不成立”的投诉才可以不予受理", "未说明不成立的依据"]
        with pytest.raises(Invalid):
            c.assess(complaint_id=case.id, judgement="unjustified", kind="product")
        c.assess(complaint_id=case.id, kind="product", subkind="misuse", **BASIS)
        row = c.reject(
            complaint_id=case.id, explanation="经检测油品合格，附报告", understood=True, understood_how="客户表示理解"
        )
    assert row.stage == "rejected" and not Matter.unscoped.get(pk=case.id).open
    said = TimelineEntry.unscoped.filter(matter_id=case.id, public=True, interaction__direction="out")
    assert "附报告" in said.select_related("interaction").get().interaction.text


@pytest.mark.parametrize(("decision", "stage"), [("approved", "rejected"), ("rejected", "assessed")])
def test_without_understanding_a_supervisor_decides(walk, firm, decision, stage):
    case = walk().to("acknowledged")
    case.assess(subkind="misuse", **BASIS)
    with acting_as(firm.wang):
        assert c.reject(complaint_id=case.id, explanation="经检测油品合格").stage == "assessed"
    assert Approval.unscoped.get(matter_id=case.id).kind == "rejection"
    case.approve(decision, "依据充分")
    assert case.row.stage == stage
    assert to_tell(case) == (["经检测油品合格"] if stage == "rejected" else []) and told(case) == []


def test_the_supervisor_decides_at_once(walk, firm):
    case = walk().to("acknowledged")
    case.assess(subkind="misuse", **BASIS)
    with acting_as(firm.sun):
        row = c.reject(complaint_id=case.id, explanation="经检测油品合格", decision="证据充分，同意")
    assert row.supervisor_decision == "证据充分，同意" and not Approval.unscoped.exists()


@pytest.mark.parametrize("stage", ["received", "investigating", "approving", "offered"])
def test_withdrawn_and_opened_again(walk, firm, stage):
    case = walk().to(stage)
    with acting_as(case.customer):
        c.withdraw_own(complaint_id=case.id)
    assert case.row.stage == "withdrawn"
    with acting_as(case.customer):
        c.reopen_own(complaint_id=case.id, reason="还是没有解决")
    assert (case.row.stage, case.row.reopened) == ("investigating", 1)
    with acting_as(firm.wang):
        assert q.missing_to_close(case.id)


def test_no_withdrawing_while_departments_work(walk, firm):
    case = walk().to("executing")
    with acting_as(firm.wang), pytest.raises(Refused, match="部门任务"):
        c.withdraw(complaint_id=case.id, reason="客户来电撤诉")


def test_nobody_is_asked_in_vain_about_a_case_that_left(walk, firm):
    gone, out = walk().to("approving"), walk().to("approving")
    with acting_as(firm.wang):
        c.withdraw(complaint_id=gone.id, reason="客户来电撤诉")
    with acting_as(firm.sun):
        c.escalate_out(complaint_id=out.id, body="市消协")
    assert {a.state for a in Approval.unscoped.filter(matter_id__in=[gone.id, out.id])} == {"withdrawn"}
    assert set(Proposal.unscoped.values_list("state", flat=True)) == {"recalled"}


def test_duplicates_are_merged_and_the_customer_is_to_be_told_once(walk, firm):
    keep, one, two = walk(), walk(content="还是那桶油，再催一次"), walk(content="第三次来电")
    with acting_as(firm.wang):
        from yinuo.matters.commands import create_task

        create_task(matter_id=one.id, title="查批次", unit_id=firm.units["store"].pk)
        with pytest.raises(Denied):
            c.merge_complaints(complaint_ids=[one.id], into_id=keep.id, reason="同一件事")
    with acting_as(firm.sun):
        c.merge_complaints(complaint_ids=[one.id, two.id, one.id], into_id=keep.id, reason="同一件事")
        assert [m.pk for m in q.detail(keep.id).merged] == [one.id, two.id]
        with pytest.raises(Refused):
            c.merge_complaints(complaint_ids=[one.id], into_id=keep.id, reason="再来一次")
    assert one.row.stage == two.row.stage == "merged" and one.row.merged_into_id == keep.id
    assert Task.unscoped.get(title="查批次").matter_id == keep.id
    assert set(one.row.handler_ids) <= set(keep.row.handler_ids)
    lines = TimelineEntry.unscoped.select_related("interaction")
    told = lines.filter(interaction__direction="out", matter_id__in=[keep.id, one.id, two.id])
    assert not told, "these came by phone: nobody has spoken yet"
    asked = Task.unscoped.get(kind="tell_customer")
    assert (asked.matter_id, asked.assignee_id) == (keep.id, firm.wang.id)
    assert one.row.matter.number in asked.detail and two.row.matter.number in asked.detail
    assert {e.interaction.text for e in lines.filter(matter_id=keep.id, kind="merged_interaction")} == {
        "还是那桶油，再催一次",
        "第三次来电",
    }
    assert lines.filter(matter_id=one.id, text=f"并入 {keep.row.matter.number}").exists()


def told(case):
    lines = TimelineEntry.unscoped.filter(matter_id=case.id, interaction__direction="out")
    return [(e.interaction.text, e.interaction.channel) for e in lines.select_related("interaction").order_by("pk")]


def to_tell(case):
    return list(
        Task.unscoped.filter(matter_id=case.id, kind__in=TELLING, state="open").values_list("detail", flat=True)
    )


@pytest.mark.parametrize(
    ("channel", "via", "heard", "owed"),
    [
        ("phone", "", None, True),
        ("visit", "", None, True),
        ("letter", "", None, True),
        ("phone", "told", "phone", False),
        ("visit", "told", "visit", False),
        ("phone", "email", "email", False),
        ("email", "", "email", False),
        ("email", "told", "phone", False),
    ],
)
def test_the_customer_is_told_when_it_is_sent_or_somebody_has_said_it(walk, firm, channel, via, heard, owed):
    case = walk(channel=channel, email="chen@example.cn").to("callback")
    case.call_back()
    before = len(told(case))
    case.close(thanks="谢谢您的意见", via=via)
    assert told(case)[before:] == ([("谢谢您的意见", heard)] if heard else [])
    assert to_tell(case) == (["谢谢您的意见"] if owed else [])
    with acting_as(firm.wang):
        c.reward(complaint_id=case.id, reason="有价值", thanks="送您一桶油", via=via)
    assert len(told(case)) == before + 2 * bool(heard) and ("送您一桶油" in to_tell(case)) == owed


def test_what_was_told_by_phone_is_not_sent_again_when_the_task_came_over_to_a_case_by_mail(walk, firm):
    case = walk(channel="email", email="chen@example.cn")
    with acting_as(firm.system):
        task = create_task(
            matter_id=case.id, kind="tell_customer", title="告知客户", detail="并案了", assignee_id=firm.wang.id
        )
    with acting_as(firm.wang):
        complete_task(task_id=task.pk, result="已电话告知")
    with acting_as(firm.system):
        c.told(task_id=task.pk)
    assert told(case)[-1] == ("并案了", "phone")


def test_a_decided_review_of_a_call_is_told_by_who_handles_it(walk, firm):
    case = walk().to("closed")
    with acting_as(firm.wang):
        asked = c.request_review(complaint_id=case.id, reason="客户不服", asked_by="陈建国")
    before = told(case)
    with acting_as(firm.sun):
        c.decide_review(review_id=asked.pk, overturned=False, decision="经复核，维持原处理")
    assert to_tell(case) == ["经复核，维持原处理"] and told(case) == before


def test_only_the_same_customers_complaints_are_merged(walk, firm):
    with acting_as(firm.system):
        other = create_customer(kind="person", name="别人")
    keep, alien = walk(), walk(customer_id=other.pk)
    with acting_as(firm.sun):
        with pytest.raises(Refused, match="另一位客户"):
            c.merge_complaints(complaint_ids=[alien.id], into_id=keep.id, reason="同一件事")
        with pytest.raises(Invalid):
            c.merge_complaints(complaint_ids=[keep.id], into_id=keep.id, reason="自己")
    assert alien.row.stage == "received"


@pytest.mark.parametrize(("overturned", "stage"), [(True, "investigating"), (False, "closed")])
def test_a_review_is_by_another_person(walk, firm, overturned, stage):
    case = walk().to("closed")
    with acting_as(case.customer):
        asked = c.request_own_review(complaint_id=case.id, reason="赔得太少")
        with pytest.raises(Refused):
            c.request_own_review(complaint_id=case.id, reason="赔得太少")
    with acting_as(firm.wang), pytest.raises(Denied):
        c.decide_review(review_id=asked.pk, overturned=True, decision="x")
    with acting_as(firm.sun):
        decided = c.decide_review(review_id=asked.pk, overturned=overturned, decision="经复核……")
        with pytest.raises(Refused, match="已经有决定"):
            c.decide_review(review_id=asked.pk, overturned=True, decision="再来")
    assert decided.reviewer_id == firm.sun.id and case.row.stage == stage


def test_a_supervisor_who_handled_it_does_not_review_it(walk, firm):
    case = walk(by=firm.sun).to("closed")
    with acting_as(firm.sun):
        asked = c.request_review(complaint_id=case.id, reason="客户要求", asked_by="陈建国")
        with pytest.raises(Refused, match="未经办"):
            c.decide_review(review_id=asked.pk, overturned=False, decision="x")


@pytest.mark.parametrize(("closes", "stage"), [(True, "closed"), (False, "investigating")])
def test_an_outside_body_takes_the_case_and_gives_a_result(walk, firm, closes, stage):
    case = walk().to("investigating")
    with acting_as(firm.sun):
        with pytest.raises(Invalid) as error:
            c.escalate_out(complaint_id=case.id, body="  ", answer_by="2026-02-30")
        assert set(error.value.fields) == {"body", "answer_by"}
        with pytest.raises(Invalid):
            c.escalate_out(complaint_id=case.id, body="市消协", answer_by="2026-11-01")
        c.escalate_out(complaint_id=case.id, body="市消协", reference="XX-2026-88", answer_by="2026-12-10")
        assert case.row.stage == "escalated_out" and case.row.matter.open
        c.record_external_result(complaint_id=case.id, result="调解：退货退款", closes=closes)
    assert case.row.stage == stage


def test_the_outside_number_is_added_when_it_comes(walk, firm):
    case = walk().to("investigating")
    with acting_as(firm.sun):
        with pytest.raises(Refused, match="没有转过"):
            c.set_external_reference(complaint_id=case.id, reference="XX-1")
        c.escalate_out(complaint_id=case.id, body="市消协")
        with pytest.raises(Invalid) as error:
            c.set_external_reference(complaint_id=case.id, reference=" ")
        assert set(error.value.fields) == {"reference"}
        c.set_external_reference(complaint_id=case.id, reference="XX-2026-88")
        (one,) = q.detail(case.id).externals
        assert (one.reference, one.result_at, case.row.stage) == ("XX-2026-88", None, "escalated_out")
        c.record_external_result(complaint_id=case.id, result="调解", closes=False)
        assert q.detail(case.id).externals[0].reference == "XX-2026-88"
    with acting_as(firm.wang), pytest.raises(Denied):
        c.set_external_reference(complaint_id=case.id, reference="XX-1")


def test_a_leader_receives_at_a_time_nobody_else_has(walk, firm):
    one, two = walk(wants_leader=True), walk(wants_leader=True)
    first, second = LeaderReception.unscoped.order_by("pk")
    with acting_as(firm.wang):
        book = {"leader_id": firm.qian.id, "starts_at": later(days=1), "minutes": 60}
        c.book_reception(reception_id=first.pk, place="二楼接待室", **book)
        with pytest.raises(Refused, match="已有接待安排"):
            c.book_reception(reception_id=second.pk, **{**book, "starts_at": later(days=1, minutes=59)})
        c.book_reception(reception_id=second.pk, **{**book, "starts_at": later(days=1, minutes=60)})
        for wrong in (
            {"leader_id": firm.li.id},
            {"starts_at": later(days=-1)},
            {"minutes": 0},
            {"starts_at": later(days=400)},
        ):
            with pytest.raises(Invalid):
                c.book_reception(reception_id=second.pk, **{**book, **wrong})
        assert len(q.leader_calendar(firm.qian.id, NOW, later(days=2))) == 2
        with pytest.raises(Refused, match="还没有到"):
            c.record_reception(reception_id=first.pk, state="held", result="已道歉")
        with frozen(later(days=1, hours=1)):
            c.record_reception(reception_id=first.pk, state="held", result="已道歉并说明")
            with pytest.raises(Refused):
                c.record_reception(reception_id=first.pk, state="missed", result="x")
    assert one.id != two.id


def test_correction_is_checked_on_its_day_and_once(walk, firm):
    case = walk()
    with acting_as(firm.wang):
        plan = {"complaint_id": case.id, "root_cause": "调和温度偏低", "action": "加装温控"}
        for due, check in (("2026-12-10", "2026-12-01"), ("2025-01-01", "2026-12-01"), ("2026-02-30", ""), ("", "")):
            with pytest.raises(Invalid):
                c.plan_correction(due_on=due, check_on=check, **plan)
        made = c.plan_correction(due_on="2026-12-01", check_on="2026-12-20", **plan)
        c.finish_correction(corrective_id=made.pk, note="已加装")
        with pytest.raises(Refused, match="还没有到复查日期"):
            c.check_recurrence(corrective_id=made.pk, recurrence="effective", note="x")
        assert q.to_check(
            until=made.check_on if not isinstance(made.check_on, str) else NOW.date() + timedelta(days=27)
        )
        with frozen(later(days=27)):
            c.check_recurrence(corrective_id=made.pk, recurrence="recurred", note="又有两起")
            with pytest.raises(Refused):
                c.check_recurrence(corrective_id=made.pk, recurrence="effective", note="x")


def test_the_ladder_counts_decided_cases_only_and_a_person_decides(walk, firm):
    steps = []
    for n, decision in enumerate(["warning", "", "penalty", "dismissal"]):
        case = walk(content=f"态度恶劣 {n}")
        with acting_as(firm.wang), pytest.raises(Denied):
            c.propose_responsibility(complaint_id=case.id, staff_id=firm.li.id, fault="与客户争吵")
        with acting_as(firm.sun):
            made = c.propose_responsibility(complaint_id=case.id, staff_id=firm.li.id, fault="与客户争吵")
            with pytest.raises(Refused):
                c.propose_responsibility(complaint_id=case.id, staff_id=firm.li.id, fault="又一次")
            with pytest.raises(Denied):
                c.decide_responsibility(responsibility_id=made.pk, step="warning", decision="x")
        steps.append(made.proposed_step)
        with acting_as(firm.qian):
            with pytest.raises(Invalid):
                c.decide_responsibility(responsibility_id=made.pk, step="shooting", decision="x")
            decided = c.decide_responsibility(responsibility_id=made.pk, step=decision, decision="情况属实")
            with pytest.raises(Refused):
                c.decide_responsibility(responsibility_id=made.pk, step="warning", decision="x")
        assert decided.state == ("decided" if decision else "cleared")
    assert steps == ["warning", "penalty", "penalty", "dismissal"]
    with acting_as(firm.wang):
        assert list(Responsibility.objects.all()) == []
    with acting_as(firm.li):
        assert Responsibility.objects.count() == 4
    with acting_as(case.customer):
        assert list(Responsibility.objects.all()) == []


def test_the_advice_follows_what_was_decided_meanwhile(walk, firm):
    one, two = walk(), walk()
    with acting_as(firm.sun):
        first, second = (
            c.propose_responsibility(complaint_id=case.id, staff_id=firm.li.id, fault="争吵") for case in (one, two)
        )
    with acting_as(firm.qian):
        c.decide_responsibility(responsibility_id=first.pk, step="warning", decision="属实")
        (shown,) = q.aftermath(two.id).responsibilities
        assert (shown.decided_before, shown.proposed_step) == (1, "penalty")
        kept = c.decide_responsibility(responsibility_id=second.pk, step="penalty", decision="属实")
        assert (kept.decided_before, kept.proposed_step) == (1, "penalty")
        (shown,) = q.aftermath(one.id).responsibilities
        assert (shown.decided_before, shown.proposed_step) == (0, "warning"), "a decided one keeps what it was told"


def test_nobody_decides_about_themselves(walk, firm):
    case = walk()
    with acting_as(firm.sun):
        made = c.propose_responsibility(complaint_id=case.id, staff_id=firm.qian.id, fault="越权承诺")
    with acting_as(firm.qian), pytest.raises(Denied):
        c.decide_responsibility(responsibility_id=made.pk, step="", decision="没事")


def test_publication_names_no_customer(walk, firm):
    case = walk()
    with acting_as(firm.sun):
        for text in ("客户陈建国反映", "请回 13812345678", "机主 +8613812345678"):
            with pytest.raises(Refused, match="不能出现"):
                c.publish(complaint_id=case.id, title="通报", text=text)
        c.publish(
            complaint_id=case.id, title="批次黏度不合格的教训", text="某客户反映……", unit_id=firm.units["desk"].pk
        )
        c.publish(complaint_id=case.id, title="全公司", text="请各部门自查")
    with acting_as(firm.cang):
        assert [p.title for p in q.publications()] == ["全公司"]
    with acting_as(firm.li):
        assert len(q.publications()) == 2
    with acting_as(case.customer):
        assert list(Publication.objects.all()) == []


def test_repair_improvement_and_thanks(walk, firm):
    case = walk().to("closed")
    with acting_as(firm.wang):
        plan = c.plan_repair(complaint_id=case.id, goal="挽回信任", steps="月度回访", due_on="2026-12-31")
        c.finish_repair(repair_id=plan.pk, result="客户再次下单")
        idea = c.propose_improvement(
            complaint_id=case.id, title="批次检测", demand="希望每批附报告", suggestion="随货附检测报告"
        )
        with pytest.raises(Invalid):
            c.reward(complaint_id=case.id, reason="建议有价值", thanks="谢谢您", worth="-5")
        c.reward(complaint_id=case.id, reason="建议有价值", thanks="谢谢您的建议", gift="机油一桶", worth="80")
    with acting_as(firm.sun):
        assert c.answer_improvement(improvement_id=idea.pk, accepted=True, answer="下月起执行").state == "accepted"
        after = q.aftermath(case.id)
    assert len(after.repair_plans) == len(after.improvements) == len(after.rewards) == 1
    assert Complaint.unscoped.get(pk=case.id).stage == "closed"


def test_who_approves_sees_what_is_asked(walk, firm):
    case = walk().to("approving")
    approval = Approval.unscoped.get(matter_id=case.id)
    with acting_as(actor_for(firm.staff["cai"])):
        shown = q.for_approval(approval.pk)
        assert [str(i) for i in shown.items_shown] == ["退款 原路退回", "换货 换两桶新油"]
        assert q.for_approval(approval.pk + 1) is None
