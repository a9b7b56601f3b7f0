"""Bad input gets a clear sentence and loses nothing."""

from datetime import timedelta

import pytest

from yinuo.complaints import commands as c
from yinuo.complaints import queries as q
from yinuo.complaints.models import Complaint, Proposal
from yinuo.complaints.tests.conftest import NOW
from yinuo.complaints.tests.hostile import HOSTILE
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.errors import AlreadyDone, Denied, Invalid, Missing, NoActor
from yinuo.matters.models import Matter, TimelineEntry

pytestmark = pytest.mark.django_db
GOOD = {"channel": "phone", "content": "漏油", "name": "陈建国", "phone": "13812345678"}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"content": ""}, "content"),
        ({"content": "\u200b\u202e \x00\n"}, "content"),
        ({"content": "长" * 20_001}, "content"),
        ({"content": "x" * 10_000_000}, "content"),
        ({"phone": "12"}, "phone"),
        ({"phone": "=cmd|' /C calc'!A0"}, "phone"),
        ({"email": "not an address"}, "email"),
        ({"produced_on": "2026-02-30"}, "produced_on"),
        ({"produced_on": "0001-01-01"}, "produced_on"),
        ({"used_on": "2099-01-01"}, "used_on"),
        ({"occurred_on": "昨天"}, "occurred_on"),
        ({"produced_on": "2026-10-02", "used_on": "2026-10-01"}, "used_on"),
        ({"demand_amount": "-1"}, "demand_amount"),
        ({"demand_amount": "1e30"}, "demand_amount"),
        ({"channel": "pigeon"}, "channel"),
        ({"severity": "apocalyptic"}, "severity"),
        ({"kind": "product", "subkind": "attitude"}, "subkind"),
        ({"temperament": "sleepy"}, "temperament"),
        ({"product": "p" * 121}, "product"),
        ({"received_at": NOW + timedelta(minutes=1)}, "received_at"),
    ],
)
def test_each_wrong_field_is_named(firm, given, field):
    with acting_as(firm.wang), pytest.raises(Invalid) as error:
        c.register(**{**GOOD, **given})
    assert set(error.value.fields) == {field}
    assert not Complaint.unscoped.exists() and not Matter.unscoped.exists()


def test_every_wrong_field_is_said_at_once(firm):
    with acting_as(firm.wang), pytest.raises(Invalid) as error:
        c.register(**{**GOOD, "phone": "1", "email": "x", "produced_on": "x", "demand_amount": "x", "content": " "})
    assert set(error.value.fields) == {"phone", "email", "produced_on", "demand_amount", "content"}


@pytest.mark.parametrize(("typed", "kept"), [h[:2] for h in HOSTILE.values()], ids=HOSTILE)
def test_hostile_text_is_kept_as_text(firm, typed, kept):
    """To the letter: nothing that shows is lost, nothing that hides or turns text round is kept."""
    with acting_as(firm.wang):
        made = c.register(**{**GOOD, "content": typed, "product": typed, "demand": typed})
        row = q.detail(made.pk).complaint
        assert (row.content, row.demand) == (kept, kept)
        assert row.product == " ".join(kept.split()), "a line has no breaks"
        assert q.complaints_page({"q": "' OR 1=1"}).count == (1 if "OR 1=1" in kept else 0)


def test_unknown_fields_are_not_swallowed(firm):
    with acting_as(firm.wang), pytest.raises(Invalid, match="stage"):
        c.register(**GOOD, stage="closed")


def test_a_double_submit_registers_once(firm):
    with acting_as(firm.wang):
        row = c.register(**GOOD, once="form-1")
        with pytest.raises(AlreadyDone) as again:
            c.register(**GOOD, once="form-1")
        c.reply(complaint_id=row.pk, text="已收到", once="r1")
        with pytest.raises(AlreadyDone):
            c.reply(complaint_id=row.pk, text="已收到", once="r1")
    assert again.value.result == row.pk
    assert Complaint.unscoped.count() == 1
    assert TimelineEntry.unscoped.filter(matter_id=row.pk, kind="replied").count() == 1


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ({"kind": "refund"}, "items.0.amount"),
        ({"kind": "money", "amount": "-5"}, "items.0.amount"),
        ({"kind": "money", "amount": "999999999999"}, "items.0.amount"),
        ({"kind": "money", "amount": "20000000"}, "items.0.amount"),
        ({"kind": "money", "amount": "0.001"}, "items.0.amount"),
        ({"kind": "bribe", "amount": "5"}, "items.0.kind"),
        ({"kind": "gift", "unit_id": "abc"}, "items.0.unit_id"),
        ({"kind": "gift", "detail": "长" * 501}, "items.0.detail"),
    ],
)
def test_a_wrong_item_is_named(walk, firm, item, field):
    case = walk().to("investigating")
    with acting_as(firm.wang), pytest.raises(Invalid) as error:
        c.draft_proposal(complaint_id=case.id, items=[item], reason="理由")
    assert set(error.value.fields) == {field}
    assert case.row.stage == "investigating" and not Proposal.unscoped.exists()


def test_an_empty_proposal_or_one_for_a_unit_that_is_none_is_refused(walk, firm):
    case = walk().to("investigating")
    with acting_as(firm.wang):
        with pytest.raises(Invalid):
            c.draft_proposal(complaint_id=case.id, items=[{"kind": "gift", "unit_id": 999999}], reason="理由")
        with pytest.raises(Invalid):
            c.draft_proposal(complaint_id=case.id, items=[{"kind": "gift"}] * 21, reason="理由")
        c.draft_proposal(complaint_id=case.id, items=[], reason="理由")
        with pytest.raises(Exception, match="没有任何内容"):
            c.submit_proposal(complaint_id=case.id)
    assert case.row.stage == "proposing"


def test_nobody_reaches_beyond_their_scope_or_grants(walk, firm):
    case = walk()
    stranger = Actor.customer(customer_id=case.row.matter.customer_id, name="客户", matter_ids=frozenset())
    for actor in (stranger, firm.cang, firm.cai):
        with acting_as(actor):
            with pytest.raises((Missing, Denied)):
                c.reply(complaint_id=case.id, text="x")
            with pytest.raises(Missing):
                q.detail(case.id)
            assert q.complaints_page().rows == []
            assert q.similar_cases("漏油", ended_only=False) == []
    with acting_as(stranger), pytest.raises(Missing):
        c.withdraw_own(complaint_id=case.id)
    with pytest.raises(NoActor):
        q.complaints_page()


@pytest.mark.parametrize(
    "filters",
    [
        {"q": "\x00' ; DROP TABLE"}, {"stage": "x,y,\x00"}, {"owner": "9" * 40}, {"unit": "-1"}, {"customer": "1 OR 1"},
        {"received_from": "2026-13-99"}, {"satisfaction": "x"}, {"risk": "\x00"}, {"grade": "Z"}, {"product": "\x00"},
        {"kind": "'"}, {"overdue": "yes"},
    ],
)  # fmt: skip
def test_no_filter_breaks_the_list(walk, firm, filters):
    walk()
    with acting_as(firm.wang):
        q.complaints_page(filters, cursor="x" * 30)
        q.board(filters)
        q.monthly_report("2026-11", filters)


@pytest.mark.parametrize("month", ["", "2026", "2026-13", "x-y", "99999-1", "-1-1"])
def test_no_month_breaks_the_report(firm, month):
    with acting_as(firm.zhao), pytest.raises(Invalid):
        q.monthly_report(month)
