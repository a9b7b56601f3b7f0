"""Asking, answering, staying unknown, and what a low score leads to."""

from datetime import timedelta

import pytest

from yinuo.conversations.models import Interaction
from yinuo.customers.models import Customer
from yinuo.jobs.tasks import surveys as jobs
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.errors import Invalid, Missing, Refused
from yinuo.kernel.models import AuditEntry, Once
from yinuo.matters.models import Matter, TimelineEntry
from yinuo.matters.plain import finish_matter
from yinuo.promises.models import Promise
from yinuo.surveys import queries
from yinuo.surveys.commands import (
    answer_by_link,
    ask_by_hand,
    cancel_invitation,
    edit_setting,
    enter_answer,
    export_answers,
    export_results,
    save_plan,
    save_questionnaire,
)
from yinuo.surveys.links import answer_token
from yinuo.surveys.models import Edition, Invitation, LowNotice, Questionnaire, SurveyAnswer
from yinuo.surveys.rules.asking import TRIGGERS
from yinuo.surveys.tests.conftest import NOW, served

pytestmark = pytest.mark.django_db
SOMEBODY = Actor.customer(customer_id=None, name="答卷人")


def ask(shop, kind="csat", n=1, **more):
    matter = served(shop, n, **more)
    with acting_as(shop.agent):
        return ask_by_hand(questionnaire_id=shop.forms[kind], matter_id=matter.pk)


def reply(row, at=NOW, **given):
    more = {k: given.pop(k) for k in ("anonymous", "wants_call") if k in given}
    return answer_by_link(token=answer_token(row.pk, at + timedelta(days=14)), given=given, by=SOMEBODY, at=at, **more)


def test_the_first_answer_by_a_link_stays(shop):
    row = ask(shop, email="a@example.cn")
    assert reply(row, q1="5", q2="很好").again is False
    assert reply(row, q1="1").again is True
    answer = SurveyAnswer.unscoped.get()
    assert (answer.score, answer.comment, answer.customer_id, answer.low) == (5, "很好", row.customer_id, False)
    mail = Interaction.unscoped.get(channel="email", direction="out")
    assert mail.to_address == "a@example.cn" and "很满意：" in mail.text and "?s=5" in mail.text
    said = TimelineEntry.unscoped.filter(matter=row.matter, kind="survey").order_by("pk").last()
    assert "很满意" in said.text and not said.public


def test_wrong_answers_lose_nothing_and_take_nothing(shop):
    row = ask(shop)
    for given in ({}, {"q1": "9"}, {"q1": "５"}, {"q1": ["1"]}, {"q1": "1", "q2": "字" * 5000}):
        with pytest.raises(Invalid) as wrong:
            reply(row, **given)
        assert wrong.value.fields
    assert not SurveyAnswer.unscoped.exists()
    assert Invitation.unscoped.get().open


def test_a_link_ends_with_its_days_and_when_it_is_taken_back(shop):
    row = ask(shop)
    with clock.frozen(NOW + timedelta(days=15)):
        assert jobs.expire() == 1
    with pytest.raises(Refused):
        reply(row, q1="5")
    other = ask(shop, n=2)
    with acting_as(shop.agent):
        cancel_invitation(invitation_id=other.pk)
    with pytest.raises(Refused):
        reply(other, q1="5")


def test_who_stays_unknown_is_joined_to_nothing(shop):
    """No customer, matter, owner, moment or invitation; no once-key, no line in a story, no number in their order; the
    audit says that somebody answered and not who.
    """
    rows = [ask(shop, "nps", n) for n in range(1, 4)]
    before = AuditEntry.unscoped.count()
    for row in rows:
        reply(row, q1="9", anonymous="1")
    kept = list(SurveyAnswer.unscoped.all())
    for answer in kept:
        assert (answer.customer_id, answer.matter_id, answer.owner_id, answer.answered_at, answer.invitation_id) == (
            None,
        ) * 5
        assert answer.on.day == 1
    assert [a.pk for a in sorted(kept, key=lambda a: a.pk)] != list(range(kept[0].pk, kept[0].pk + 3))
    assert set(Invitation.unscoped.values_list("state", "answered_at")) == {("answered", None)}
    told = AuditEntry.unscoped.order_by("pk")[before:]
    named = {str(a.pk) for a in kept} | {str(r.pk) for r in rows}
    assert {e.subject_id for e in told} & named == set()
    assert {(e.subject_type, e.ip, e.actor_name) for e in told} == {("surveys.questionnaire", "", "答卷人")}
    assert not Once.objects.filter(key__contains="survey").exists()
    assert not TimelineEntry.unscoped.filter(kind="survey", text__contains="回答了").exists()
    with pytest.raises(Invalid):
        reply(ask(shop, "nps", 9), q1="9", anonymous="1", wants_call="1")


def test_few_unknown_ones_are_shown_to_nobody(shop):
    for n in range(1, 5):
        reply(ask(shop, "nps", n), q1="9", q2="私密的话", anonymous="1")
    with acting_as(shop.boss):
        asked = queries.editions_of(shop.forms["nps"])[0].questions
        filters = {"questionnaire": str(shop.forms["nps"])}
        few = queries.results("nps", asked, filters)
        assert (few.n, few.hidden, few.figures, few.comments, few.replied) == (0, True, [], [], 4)
        assert queries.answers(filters).count() == 0
        assert queries.one_answer(SurveyAnswer.unscoped.first().pk) is None
        assert "私密" not in export_answers(filters=filters, format="csv").decode()
    reply(ask(shop, "nps", 5), q1="3", anonymous="1")
    with acting_as(shop.boss):
        enough = queries.results("nps", asked, filters)
        assert (enough.n, enough.hidden, round(enough.figures[0].estimate.value)) == (5, False, 60)
        assert queries.answers({**filters, "key": "q1", "value": "3"}).count() == 0, "one of five is still one"
        assert "净推荐值" in export_results(questionnaire_id=shop.forms["nps"], filters={}, format="csv").decode(
            "utf-8-sig"
        )
    with acting_as(shop.far):
        assert queries.results("nps", asked, filters).n == 0, "another unit's answers are not theirs"


def test_a_low_score_opens_a_matter_with_a_promise_and_the_loop_is_closed(shop):
    row = ask(shop)
    taken = reply(row, q1="2", q2="没人回电话", wants_call="1")
    matter = Matter.unscoped.get(pk=taken.followup)
    assert (matter.kind, matter.owner_id, matter.unit_id, matter.customer_id) == (
        "suggestion", shop.staff["chief"].pk, shop.desk.pk, row.customer_id,
    )  # fmt: skip
    promise = Promise.unscoped.get(matter=matter)
    assert "2 个工作日内与您联系" in promise.standard.spec.says
    story = " ".join(TimelineEntry.unscoped.filter(matter=row.matter).values_list("text", flat=True))
    assert matter.number in story
    with acting_as(shop.boss):
        asked = queries.editions_of(shop.forms["csat"])[0].questions
        filters = {"questionnaire": str(shop.forms["csat"])}
        assert (lambda r: (r.low, r.followed, r.closed))(queries.results("csat", asked, filters)) == (1, 1, 0)
        finish_matter(matter_id=matter.pk, result="已致歉", expected_version=matter.version)
        assert (lambda r: (r.low, r.followed, r.closed))(queries.results("csat", asked, filters)) == (1, 1, 1)
    assert Promise.unscoped.get(pk=promise.pk).state == "kept"


def test_a_low_one_without_a_name_is_told_to_the_head_and_opens_nothing(shop):
    before = Matter.unscoped.count()
    reply(ask(shop, "nps"), q1="2", anonymous="1")
    assert Matter.unscoped.count() == before + 1, "only the matter it was about"
    notice = LowNotice.unscoped.get()
    assert (notice.told_id, notice.unit_id) == (shop.staff["chief"].pk, shop.desk.pk)


def test_nobody_is_asked_twice_within_the_days_of_rest(shop):
    row = ask(shop)
    with acting_as(shop.agent), pytest.raises(Refused):
        ask_by_hand(questionnaire_id=shop.forms["nps"], customer_id=row.customer_id)
    with acting_as(shop.chief):
        edit_setting(rest_days=7, valid_days=14)
    with acting_as(shop.agent), clock.frozen(NOW + timedelta(days=8)):
        ask_by_hand(questionnaire_id=shop.forms["nps"], customer_id=row.customer_id)
    assert Invitation.unscoped.count() == 2


def test_plans_ask_after_the_end_and_by_round(shop):
    with acting_as(shop.chief):
        save_plan(name="办结后", questionnaire_id=shop.forms["ces"], trigger="matter.closed", delay_days=1)
        plan = save_plan(name="半年", questionnaire_id=shop.forms["nps"], trigger="periodic", every_months=6)
    matter = served(shop, 1, email="a@example.cn")
    quiet = served(shop, 2, email="b@example.cn")
    with acting_as(shop.agent):
        finish_matter(matter_id=matter.pk, result="已答复", expected_version=matter.version)
    row = Invitation.unscoped.get()
    assert (row.state, row.matter_id, row.due_at) == ("planned", matter.pk, NOW + timedelta(days=1))
    assert jobs.carry() == 0
    assert jobs.rounds() == 1
    assert Invitation.unscoped.get(plan=plan).customer_id == quiet.customer_id, "the other one has been asked"
    with clock.frozen(NOW + timedelta(days=1)):
        assert jobs.rounds() == 0
        assert jobs.carry() == 2
    assert set(Invitation.unscoped.values_list("state", "way")) == {("sent", "email")}
    assert str(type(plan).unscoped.get(pk=plan.pk).next_on) == "2027-05-23"


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_plan_can_be_kept_for_everything_that_may_happen(shop, trigger):
    with acting_as(shop.chief):
        plan = save_plan(name="试", questionnaire_id=shop.forms["nps"], trigger=trigger, every_months=6)
    assert type(plan).unscoped.get(pk=plan.pk).trigger == trigger


def test_a_plan_for_a_segment_asks_nobody_else(shop):
    with acting_as(shop.chief):
        for name, more in (
            ("办结后", {"trigger": "matter.closed"}),
            ("半年", {"trigger": "periodic", "every_months": 6}),
        ):
            save_plan(
                name=name,
                questionnaire_id=shop.forms["nps"],
                segment="industry=物流&sort=name",
                segment_name="物流",
                **more,
            )
        for odd in ("owner=me", "grade=Z", "sort=name", "spent=很多", "q=" + "物" * 1000):
            with pytest.raises(Invalid) as wrong:
                save_plan(name="错", questionnaire_id=shop.forms["nps"], trigger="matter.closed", segment=odd)
            assert set(wrong.value.fields) == {"segment"}
    inside, outside, later = served(shop, 1), served(shop, 2), served(shop, 3)
    with permit_writes("test"):
        Customer.unscoped.filter(pk__in=[inside.customer_id, later.customer_id]).update(industry="冷链物流")
    with acting_as(shop.agent):
        for matter in (inside, outside):
            finish_matter(matter_id=matter.pk, result="已答复", expected_version=matter.version)
    assert [row.matter_id for row in Invitation.unscoped.all()] == [inside.pk]
    assert jobs.rounds() == 1
    assert set(Invitation.unscoped.values_list("customer_id", flat=True)) == {inside.customer_id, later.customer_id}


def test_what_was_sent_is_never_changed(shop):
    head = {"kind": "own", "name": "自拟", "title": "请教两题"}
    scale = {"type": "scale", "title": "好吗", "low": 1, "high": 5}
    with acting_as(shop.chief):
        made = save_questionnaire(**head, questions=[scale])
        save_questionnaire(questionnaire_id=made.pk, **head, questions=[{**scale, "title": "好不好"}])
    assert Edition.unscoped.get(questionnaire=made).title == "请教两题"
    shop.forms["own"] = made.pk
    row = ask(shop, "own")
    with acting_as(shop.chief):
        save_questionnaire(questionnaire_id=made.pk, **head, questions=[{**scale, "title": "怎么样"}])
        save_questionnaire(questionnaire_id=made.pk, **head, questions=[{**scale, "title": "怎么样"}])
        with pytest.raises(Refused):
            save_questionnaire(questionnaire_id=made.pk, **{**head, "kind": "csat"}, questions=[scale])
    titles = [e.content[0]["title"] for e in Edition.unscoped.filter(questionnaire=made).order_by("number")]
    assert titles == ["好不好", "怎么样"]
    assert Invitation.unscoped.get(pk=row.pk).edition.content[0]["title"] == "好不好"


def test_answers_heard_on_the_phone_and_who_may_write_them_down(shop):
    row = ask(shop)
    assert row.state == "planned" and Invitation.unscoped.get(pk=row.pk).state == "to_call", (
        "no address: somebody calls"
    )
    with acting_as(shop.far), pytest.raises(Missing):
        enter_answer(invitation_id=row.pk, given={"q1": "4"})
    with acting_as(shop.agent):
        kept = enter_answer(invitation_id=row.pk, given={"q1": "4"})
        assert (kept.way, kept.entered_by_id) == ("phone", shop.staff["agent"].pk)
        with pytest.raises(Refused):
            enter_answer(invitation_id=row.pk, given={"q1": "1"})
        unnamed = ask_by_hand(questionnaire_id=shop.forms["servqual"], matter_id=served(shop, 2).pk)
        with pytest.raises(Refused):
            enter_answer(invitation_id=unnamed.pk, given={})


def test_results_take_a_fixed_number_of_statements(shop, django_assert_num_queries):
    asked = Questionnaire.unscoped.get(pk=shop.forms["csat"])
    with acting_as(shop.boss):
        questions = queries.editions_of(asked.pk)[0].questions
    for start, rows in ((1, 1), (2, 3)):
        for n in range(start, start + rows):
            reply(ask(shop, n=n), q1=str(1 + n % 5), q2="x")
        with acting_as(shop.boss), django_assert_num_queries(6):
            queries.results("csat", questions, {"questionnaire": str(asked.pk)})
