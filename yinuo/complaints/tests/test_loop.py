"""The whole loop on a real database: each guard and move, seen from the commands."""

import pytest

from yinuo.complaints import commands as c
from yinuo.complaints import queries as q
from yinuo.complaints.models import Callback, Complaint, Restatement
from yinuo.complaints.states import MAIN_LINE
from yinuo.complaints.tests.conftest import later, sentences
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.errors import Denied, Invalid, Refused, Stale
from yinuo.kernel.models import AuditEntry, Notice
from yinuo.matters.models import Matter, TimelineEntry

pytestmark = pytest.mark.django_db


def told(name: str, topic: str) -> int:
    """In how many transactions open pages were told of it."""
    return sum([name, topic] in notice.events for notice in Notice.objects.all())


@pytest.mark.parametrize("stage", MAIN_LINE)
def test_every_stage_is_reached_and_told(walk, stage):
    case = walk().to(stage)
    row = case.row
    assert row.matter.state == row.stage == stage
    assert row.matter.open == (stage != "closed")
    moved = TimelineEntry.unscoped.filter(matter_id=case.id, kind="stage")
    assert moved.count() == MAIN_LINE.index(stage)
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
        assert error.value.code == "wording_blocked" and "可以说" in error.value.fields["text"]
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
