"""Proposal, approval, agreement and execution: who decides, what is kept as evidence, what goes out to departments."""

import hashlib

import pytest

from yinuo.approvals.commands import withdraw_approval
from yinuo.approvals.models import Approval, ApprovalStep
from yinuo.complaints import commands as c
from yinuo.complaints import queries as q
from yinuo.complaints.models import Agreement, Proposal, ProposalItem
from yinuo.complaints.tests.conftest import later, sentences, signature
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.blobs import open_blob
from yinuo.kernel.clock import frozen
from yinuo.kernel.errors import Invalid, Missing, Refused
from yinuo.matters.commands import cancel_task
from yinuo.matters.models import Collaborator, Task, TimelineEntry

pytestmark = pytest.mark.django_db


def test_the_approval_follows_the_amount_and_a_rejection_goes_back(walk, firm):
    case = walk().to("investigating")
    case.propose(amount="6000")
    case.submit()
    approval = Approval.unscoped.get(matter_id=case.id)
    assert approval.amount == 6000 and ApprovalStep.unscoped.filter(approval=approval).count() >= 2
    case.approve("rejected", "金额过高，请核实")
    assert case.row.stage == "proposing"
    assert Proposal.unscoped.get(complaint=case.id).decision_comment == "金额过高，请核实"
    case.propose(amount="500")
    assert [p.state for p in Proposal.unscoped.filter(complaint=case.id).order_by("version")] == ["rejected", "draft"]
    case.submit()
    case.approve()
    assert case.row.stage == "offered"


def test_a_proposal_is_rewritten_in_place_and_recalled(walk, firm):
    case = walk().to("proposing")
    case.propose(amount="100")
    assert Proposal.unscoped.filter(complaint=case.id).count() == 1
    assert str(Proposal.unscoped.get(complaint=case.id).total) == "100.00"
    case.submit()
    with acting_as(firm.wang):
        c.recall_proposal(complaint_id=case.id, reason="补充依据")
    assert case.row.stage == "proposing"
    assert Approval.unscoped.get(matter_id=case.id).state == "withdrawn"
    assert Proposal.unscoped.get(complaint=case.id).state == "recalled"
    case.to("offered").offer()
    with acting_as(firm.wang):
        c.recall_proposal(complaint_id=case.id, reason="金额写错")
    assert Agreement.unscoped.get(complaint=case.id).state == "superseded"


def test_a_request_taken_back_by_its_asker_leaves_the_case_workable(walk, firm):
    case = walk().to("approving")
    with acting_as(firm.wang):
        withdraw_approval(approval_id=Approval.unscoped.get(matter_id=case.id).pk)
    assert case.row.stage == "proposing"
    assert Proposal.unscoped.get(complaint=case.id).state == "recalled"
    case.to("offered")


def test_a_colleague_recalls_what_somebody_else_submitted(walk, firm):
    case = walk().to("approving")
    with acting_as(firm.sun):
        c.recall_proposal(complaint_id=case.id, reason="王芳休假，改由我办理")
    assert case.row.stage == "proposing"
    assert Approval.unscoped.get(matter_id=case.id).state == "withdrawn"


def test_the_agreement_keeps_evidence_of_the_exact_text(walk, firm):
    case = walk().to("offered")
    made = case.offer()
    assert made.sha256 == hashlib.sha256(made.text.encode()).hexdigest()
    assert "退款 300.00 元（原路退回）" in made.text and case.row.matter.number in made.text
    with acting_as(case.customer):
        signed = c.confirm_agreement(
            agreement_id=made.pk, sha256=made.sha256, name=" 陈建国 ", signature=signature(), user_agent="UA"
        )
    assert signed.signer == "陈建国"
    evidence = {"ip": "203.0.113.9", "user_agent": "UA", "sha256": made.sha256, "actor": "customer"}
    assert evidence.items() <= signed.evidence.items()
    assert open_blob(signed.signature).read()[:4] == b"\x89PNG"
    assert str(case.row.agreed_total) == "300.00"
    tasks = Task.unscoped.filter(matter_id=case.id, state="open")
    assert {t.unit_id for t in tasks} == {firm.units["money"].pk, firm.units["store"].pk}


def test_an_agreement_cannot_promise_more_than_was_approved(walk, firm):
    case = walk().to("offered")
    with acting_as(firm.wang):
        with pytest.raises(Refused, match="没有经过审批"):
            c.offer_agreement(complaint_id=case.id, text="我们将另行赔偿您 80,000 元。")
        assert c.offer_agreement(complaint_id=case.id, text="退款 300 元，三日内到账。").state == "offered"


@pytest.mark.parametrize(
    "extra", ["另行赔偿 50000 元", "另付伍万圆整", "另付人民币50000元", "赔偿金额：50000", "另付 300 元"]
)
def test_what_the_customer_asks_for_is_not_thereby_approved(walk, firm, extra):
    case = walk(title="要求赔偿50000元并道歉").to("offered")
    with acting_as(firm.wang):
        composed = c.offer_agreement(complaint_id=case.id).text
        assert "要求赔偿50000元" in composed
        with pytest.raises(Refused) as error:
            c.offer_agreement(complaint_id=case.id, text=composed + "\n" + extra)
        assert "text" in error.value.fields and error.value.code == "beyond_proposal"
        assert c.offer_agreement(complaint_id=case.id, text=composed + "\n三日内到账。").version == 2


def test_an_old_expired_forged_or_unsigned_agreement_is_refused(walk, firm):
    case = walk().to("offered")
    old, made = case.offer(), case.offer()
    good = {"agreement_id": made.pk, "sha256": made.sha256, "name": "陈建国", "signature": signature()}
    with acting_as(case.customer):
        with pytest.raises(Refused, match="新的版本"):
            c.confirm_agreement(**{**good, "agreement_id": old.pk})
        with pytest.raises(Refused, match="新的版本"):
            c.confirm_agreement(**{**good, "sha256": "0" * 64})
        for drawn in (
            "",
            "data:image/png;base64,AAAA",
            signature(blank=True),
            "data:text/html;base64,PGI+",
            "x" * 900_000,
        ):
            with pytest.raises(Invalid) as error:
                c.confirm_agreement(**{**good, "signature": drawn})
            assert error.value.fields == {"signature": "请在框内签名"}
        with pytest.raises(Invalid) as error:
            c.confirm_agreement(**{**good, "name": "\u200b\x00"})
        assert "name" in error.value.fields
        with frozen(later(days=8)), pytest.raises(Refused, match="有效期"):
            c.confirm_agreement(**good)
        c.confirm_agreement(**good)
        with pytest.raises(Refused, match="已经确认"):
            c.confirm_agreement(**good)
    other = Actor.customer(customer_id=1, name="别人", matter_ids=frozenset({case.id + 1}))
    with acting_as(other), pytest.raises(Missing):
        c.refuse_agreement(agreement_id=made.pk, reason="x")


def test_links_open_only_what_they_name(walk, firm):
    case = walk().to("offered")
    token = q.agreement_token(case.offer())
    linked = q.open_link("complaint.agreement", token, ip="203.0.113.9")
    assert linked.actor.matter_ids == {case.id}
    with pytest.raises(Invalid):
        q.open_link("complaint.restatement", token)
    with frozen(later(days=8)), pytest.raises(Invalid, match="过期"):
        q.open_link("complaint.agreement", token)


def test_refused_twice_somebody_higher_takes_part(walk, firm):
    case = walk()
    for n in (1, 2):
        case.to("offered")
        made = case.offer()
        with acting_as(case.customer):
            c.refuse_agreement(agreement_id=made.pk, reason="太少")
        assert case.row.stage == "proposing" and case.row.refusals == n
    said = TimelineEntry.unscoped.filter(matter_id=case.id, kind="escalated")
    assert [e.text for e in said] == ["请孙主管参与处理：双方相持不下：客户已 2 次不同意"]
    with acting_as(firm.wang):
        c.escalate(complaint_id=case.id, reason="客户要见更高一级")
        with pytest.raises(Refused):
            c.escalate(complaint_id=case.id, reason="再升级")
    assert set(Collaborator.unscoped.filter(matter=case.id).values_list("staff__username", flat=True)) == {
        "sun",
        "qian",
    }


def test_agreed_in_a_recorded_call(walk, firm):
    case = walk().to("offered")
    made = case.offer()
    with acting_as(firm.wang):
        with pytest.raises(Invalid):
            c.record_agreement_answer(agreement_id=made.pk, accepted=True, how="recorded_call")
        c.record_agreement_answer(agreement_id=made.pk, accepted=True, how="recorded_call", note="录音 R-20261123-7")
    made.refresh_from_db()
    assert made.how == "recorded_call" and made.evidence["note"] == "录音 R-20261123-7" and made.signer == "陈建国"


def test_execution_waits_for_every_task_and_a_cancelled_one_is_given_out_again(walk, firm):
    case = walk().to("executing")
    first = Task.unscoped.filter(matter_id=case.id).order_by("pk").first()
    with acting_as(firm.wang):
        with pytest.raises(Refused) as error:
            c.finish_execution(complaint_id=case.id)
        assert sentences(error) == ["任务未完成：退款 300.00 元（原路退回）", "任务未完成：换货（换两桶新油）"]
        cancel_task(task_id=first.pk, reason="部门派错")
        with pytest.raises(Refused) as error:
            c.finish_execution(complaint_id=case.id)
        assert "方案内容尚未下达部门：退款" in sentences(error)
        assert c.dispatch_items(complaint_id=case.id) == 1
        assert c.dispatch_items(complaint_id=case.id) == 0
    assert ProposalItem.unscoped.filter(proposal__complaint=case.id, task=first).count() == 0
    case.execute()
    assert case.row.stage == "callback"
