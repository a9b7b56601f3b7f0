"""A standard may hold for one kind of complaint only; while nobody has judged it, for those that say so."""

from datetime import timedelta

import pytest

from tests.worlds import world
from yinuo.complaints import commands as c
from yinuo.complaints.rules import choices
from yinuo.complaints.tests.conftest import NOW, Walk, build, later
from yinuo.conversations.models import Channel
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.errors import Invalid
from yinuo.matters.commands import create_task
from yinuo.matters.models import Matter
from yinuo.promises.commands import load_pack, save_standard
from yinuo.promises.models import Promise, PromiseEvent, Standard
from yinuo.promises.rules.conditions import LABELS, SEVERITIES, VALUES
from yinuo.promises.rules.standard import CONDITION_KEYS


@world
def made_oil_firm():
    with clock.frozen(NOW):
        firm = build()
        with acting_as(Actor.system("test")):
            for pack in ("common", "bank", "lubricant"):
                load_pack(name=pack)
        return firm


@pytest.fixture
def firm(made_oil_firm):
    with clock.frozen(NOW):
        yield made_oil_firm


def owed(case):
    rows = Promise.unscoped.filter(matter=case.id, outstanding=True, standard__trigger="complaint.received")
    return {p.obligation: p.standard.key.partition(".")[0] for p in rows}


OIL = {"interim_reply": "common", "acknowledgement": "bank", "first_answer": "lubricant", "settlement": "lubricant"}
PLAIN = {"interim_reply": "common", "acknowledgement": "bank", "settlement": "bank"}


@pytest.mark.parametrize(("kind", "expected"), [("", OIL), ("product", OIL), ("service", PLAIN), ("process", PLAIN)])
def test_the_oil_makers_day_holds_for_its_kind_of_complaint_only(firm, kind, expected):
    assert owed(Walk(firm, kind=kind)) == expected


def test_judged_to_be_about_service_the_other_standard_counts_from_the_registration(firm):
    case = Walk(firm)
    thirty = Promise.unscoped.get(matter=case.id, obligation="settlement")
    with clock.frozen(later(hours=3)):
        case.acknowledge()
        case.assess(kind="service", subkind="attitude")
    assert owed(case) == {k: v for k, v in PLAIN.items() if k != "acknowledgement"}
    thirty.refresh_from_db()
    assert (thirty.state, thirty.outstanding) == ("waived", False)
    assert "重新判断后不再适用" in PromiseEvent.unscoped.get(promise=thirty, kind="waived").text
    fifteen = Promise.unscoped.get(matter=case.id, obligation="settlement", outstanding=True)
    assert fifteen.starts_at == NOW and fifteen.due_at.astimezone(clock.CST).date() == (NOW + timedelta(days=15)).date()
    with clock.frozen(later(days=1)):
        case.assess(kind="service", subkind="method")
    assert Promise.unscoped.filter(matter=case.id, obligation="settlement").count() == 2, "judged alike, nothing moves"


def test_judged_to_be_about_the_product_after_it_was_answered_no_first_answer_is_owed(firm):
    case = Walk(firm, kind="service")
    with clock.frozen(later(hours=3)):
        case.acknowledge()
    with clock.frozen(later(hours=4)), acting_as(firm.wang):
        c.reply(complaint_id=case.id, text="正在核实，尚无结果")
    with clock.frozen(later(hours=5)):
        case.assess(kind="product", subkind="defect")
    assert owed(case) == {"interim_reply": "common", "settlement": "lubricant"}


def test_what_broke_before_the_judgement_stays_broken(firm):
    case = Walk(firm)
    with clock.frozen(later(days=2)):
        case.acknowledge()
        case.assess(kind="service", subkind="attitude")
    late = Promise.unscoped.get(matter=case.id, obligation="first_answer")
    assert (late.state, late.outstanding) == ("broken", False)


def test_severity_and_complexity_are_looked_at_again_as_well(firm):
    with acting_as(Actor.system("test")):
        common = Standard.objects.get(key="common.interim-reply").data
        grave = {**common, "key": "grave.reply", "amount": "1", "conditions": {"severity": ["critical"]}}
        save_standard(data=grave)
        task = Standard.objects.get(key="common.department-task").data
        save_standard(data={**task, "key": "grave.task", "amount": "1", "conditions": {"severity": ["critical"]}})
    case = Walk(firm)
    assert owed(case)["interim_reply"] == "common"
    case.acknowledge()
    with clock.frozen(later(days=1)):
        with acting_as(firm.wang):
            c.reply(complaint_id=case.id, text="尚无结果")
        case.assess(severity="critical")
    assert owed(case)["interim_reply"] == "grave"
    daily = Promise.unscoped.get(matter=case.id, obligation="interim_reply", outstanding=True)
    assert daily.starts_at == later(days=1), "the round counts from the last answer"
    with acting_as(firm.wang):
        task = create_task(matter_id=case.id, title="停售", unit_id=firm.units["store"].pk)
    assert Promise.unscoped.get(task=task).standard.key == "grave.task"


def test_the_words_of_conditions_are_those_of_the_cases():
    assert tuple(LABELS) == CONDITION_KEYS
    for key, values in (
        ("complaint_kind", choices.Kind), ("complaint_subkind", choices.Subkind), ("severity", choices.Severity),
        ("complexity", choices.Complexity), ("kind", Matter.Kind), ("channel", Channel),
    ):  # fmt: skip
        words = {k: str(v) for k, v in VALUES[key].items() if k != "unjudged"}
        assert words == {k: str(v) for k, v in values.choices}, key
    assert tuple(choices.SEVERITY_RANK) == SEVERITIES


def test_a_kind_nobody_knows_is_refused(firm):
    data = Standard.objects.get(key="lubricant.complaint-answer").data
    with acting_as(Actor.system("test")), pytest.raises(Invalid) as caught:
        save_standard(data={**data, "conditions": {"complaint_kind": ["oil"]}}, expected_version=1)
    assert "“投诉类别”没有“oil”这个取值" in caught.value.fields["conditions"]
