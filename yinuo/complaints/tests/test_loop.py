"""The whole loop on a real database: each guard and move, seen from the commands."""

import hashlib

import pytest

from yinuo.approvals.commands import withdraw_approval
from yinuo.approvals.models import Approval, ApprovalStep
from yinuo.complaints import commands as c
from yinuo.complaints import queries as q
from yinuo.complaints.models import Agreement, Callback, Complaint, Proposal, ProposalItem, Restatement
from yinuo.complaints.tests.conftest import Walk, later, signature
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.blobs import open_blob
from yinuo.kernel.clock import frozen
from yinuo.kernel.errors import Denied, Invalid, Missing, Refused, Stale
from yinuo.kernel.models import AuditEntry, Notice
from yinuo.matters.commands import cancel_task
from yinuo.matters.models import Collaborator, Matter, Task, TimelineEntry

pytestmark = pytest.mark.django_db


def sentences(error):
    return list(error.value.fields.values())


def told(name: str, topic: str) -> int:
    """In how many transactions open pages were told of it."""
    return sum([name, topic] in notice.events for notice in Notice.objects.all())


@pytest.mark.parametrize("stage", Walk.ORDER)
def test_every_stage_is_reached_and_told(walk, stage):
    case = walk().to(stage)
    row = case.row
    assert row.matter.state == row.stage == stage
    assert row.matter.open == (stage != "closed")
    moved = TimelineEntry.unscoped.filter(matter_id=case.id, kind="stage")
    assert moved.count() == Walk.ORDER.index(stage)
    assert told("complaint.stage_changed", f"matter:{case.id}") == moved.count()


def test_registering_opens_matter_complaint_and_interaction(walk, firm):
    case = walk(
        product="润滑油 5W-30",
        batch="B2611",
        produced_on="2026-10-01",
        used_on="2026/11/02",
        demand_amount="￥1,200.50",
    )
    row = case.row
    assert row.matter.number.startswith("TS261123-")
    assert row.matter.customer_id == firm.customer.pk and row.matter.owner_id == firm.wang.id
    assert (str(row.produced_on), str(row.used_on), str(row.demand_amount)) == ("2026-10-01", "2026-11-02", "1200.50")
    entry = TimelineEntry.unscoped.select_related("interaction").get(matter_id=case.id, kind="received")
    assert entry.interaction.text == row.content and entry.interaction.kind == "complaint"
    assert AuditEntry.unscoped.filter(command="complaint.register", matter_id=case.id).exists()


def test_words_taken_by_phone_are_read_back_before_judging(walk, firm):
    case = walk().to("acknowledged")
    with acting_as(firm.wang), pytest.raises(Refused) as error:
        c.assess(complaint_id=case.id, judgement="justified", kind="product")
    assert sentences(error) == ["登记内容尚未向客户复述"]
    assert case.row.judgement == ""


def test_a_correction_by_the_customer_must_be_followed(walk, firm):
    case = walk().to("acknowledged")
    with acting_as(firm.wang):
        made = c.restate(complaint_id=case.id, via="link")
    with acting_as(case.customer):
        c.correct_restatement(restatement_id=made.pk, correction="是两桶不是一桶")
        with pytest.raises(Refused):
            c.confirm_restatement(restatement_id=made.pk)
    with acting_as(firm.wang):
        with pytest.raises(Refused) as error:
            c.assess(complaint_id=case.id, judgement="justified", kind="product")
        assert sentences(error) == ["客户要求更正登记内容，请修改后重新复述"]
        c.edit_registration(complaint_id=case.id, expected_version=case.row.version, content="两桶机油都有异响")
        again = c.restate(complaint_id=case.id, via="link")
    with acting_as(case.customer):
        c.confirm_restatement(restatement_id=again.pk, user_agent="x")
        c.confirm_restatement(restatement_id=again.pk)  # pressing twice is no harm
    assert Restatement.unscoped.get(pk=again.pk).evidence["ip"] == "203.0.113.9"
    case.assess()
    assert case.row.stage == "assessed"


def test_a_portal_complaint_is_its_own_words(walk, firm):
    stranger = Actor.customer(customer_id=None, name="访客", ip="203.0.113.7")
    with acting_as(stranger):
        row = c.submit_complaint(
            content="漏油", name="刘洋", phone="13900001111", owner_id=firm.li.id, severity="critical"
        )
    row.refresh_from_db()
    assert (row.channel, row.matter.owner_id, row.severity) == ("portal", None, "ordinary")
    assert row.matter.unit_id is not None
    with acting_as(firm.zhao):
        c.acknowledge(complaint_id=row.pk)
        assert Matter.unscoped.get(pk=row.pk).owner_id == firm.zhao.id, "who tells the customer is who handles it"
        c.assess(
            complaint_id=row.pk,
            judgement="partly",
            kind="service",
            subkind="attitude",
            risks=["media"],
            severity="serious",
        )
    matter = Matter.unscoped.get(pk=row.pk)
    assert (matter.severity, matter.priority) == (2, 3)


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


def test_the_handler_does_not_call_back(walk, firm):
    case = walk().to("callback")
    with pytest.raises(Refused, match="未经办"):
        case.call_back(by=firm.wang)
    with acting_as(firm.cang), pytest.raises(Denied):
        c.record_callback(complaint_id=case.id, reached=True, satisfaction=5, outcome=5, process=5, treatment=5)
    with acting_as(firm.li), pytest.raises(Invalid) as error:
        c.record_callback(complaint_id=case.id, reached=True, satisfaction=6, outcome=0)
    assert set(error.value.fields) == {"satisfaction", "outcome", "process", "treatment"}
    assert not Callback.unscoped.exists()


@pytest.mark.parametrize("score", [1, 2])
def test_dissatisfied_reopens_and_needs_a_new_callback(walk, firm, score):
    case = walk().to("callback")
    case.call_back(score, comment="还是异响")
    row = case.row
    assert (row.stage, row.reopened, row.satisfaction) == ("investigating", 1, None)
    case.to("callback")
    with pytest.raises(Refused, match="回访未完成"):
        case.close()
    case.finish()
    assert case.row.stage == "closed"


def test_close_lists_everything_that_is_missing(walk, firm):
    case = walk().to("acknowledged")
    case.assess(severity="serious")
    case.to("callback")
    with acting_as(firm.wang):
        c.request_reception(complaint_id=case.id, topic="想见领导")
        c.request_review(complaint_id=case.id, reason="客户觉得赔少了", asked_by="陈建国")
    with pytest.raises(Refused) as error:
        case.close()
    assert sentences(error) == [
        "回访未完成",
        "复核尚未作出决定",
        "严重投诉尚未登记根因和纠正措施",
        "客户要求的领导接待尚未完成",
    ]
    with acting_as(firm.wang):
        assert q.missing_to_close(case.id) == sentences(error)


def test_three_days_unreached_is_enough(walk, firm):
    case = walk().to("callback")
    for day in (0, 0, 1, 2):
        with acting_as(firm.li):
            c.record_callback(complaint_id=case.id, reached=False, at=later(days=day))
        if day < 2:
            with pytest.raises(Refused, match="回访未完成"):
                case.close()
    assert case.close().stage == "closed"


def test_the_customer_rates_once_and_a_bad_rating_after_the_close_reopens(walk, firm):
    case = walk().to("closed")
    scores = {"outcome": 2, "process": 2, "treatment": 2}
    with acting_as(case.customer):
        c.rate(complaint_id=case.id, satisfaction=4, **scores)
        with pytest.raises(Refused, match="评价过"):
            c.rate(complaint_id=case.id, satisfaction=1, **scores)
    with acting_as(firm.wang):
        c.reopen(complaint_id=case.id, reason="客户来电又坏了")
    case.to("closed")
    with acting_as(case.customer):
        c.rate(complaint_id=case.id, satisfaction=1, **scores)
    assert case.row.stage == "investigating" and case.row.reopened == 2


def test_interim_replies_count_and_never_promise_a_date(walk, firm):
    case = walk()
    with acting_as(firm.wang):
        with pytest.raises(Refused) as error:
            c.reply(complaint_id=case.id, text="三天内给您解决")
        assert error.value.code == "over_promise" and "可以说" in error.value.fields["text"]
        c.reply(complaint_id=case.id, text="还在核对批次，暂无结果，周四前再告诉您进展")
        said = c.reply(complaint_id=case.id, text="检测报告已出", via="email")
    assert said.channel == "email" and said.to_address == "chen@example.cn" and said.delivery == "queued"
    assert told("complaint.replied", f"matter:{case.id}") == 2
    assert case.row.last_reply_at is not None


def test_a_stage_cannot_be_jumped(walk, firm):
    case = walk()
    with acting_as(firm.wang):
        for jump in (
            lambda: c.start_investigation(complaint_id=case.id), lambda: c.submit_proposal(complaint_id=case.id),
            lambda: c.finish_execution(complaint_id=case.id), lambda: c.close(complaint_id=case.id, outcome="x"),
            lambda: c.offer_agreement(complaint_id=case.id), lambda: c.reopen(complaint_id=case.id, reason="x"),
            lambda: c.dispatch_items(complaint_id=case.id), lambda: c.assess(complaint_id=case.id, judgement="justified", kind="process"),
        ):  # fmt: skip
            with pytest.raises(Refused) as error:
                jump()
            assert error.value.code == "wrong_stage" and "“受理”" in error.value.message
    assert case.row.version == 1


def test_a_stale_page_is_refused_with_the_row_as_it_stands(walk, firm):
    case = walk()
    case.acknowledge()
    with acting_as(firm.li), pytest.raises(Stale) as error:
        c.reply(complaint_id=case.id, text="您好", expected_version=1)
    assert isinstance(error.value.current, Complaint) and error.value.current.version == case.row.version
