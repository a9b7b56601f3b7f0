"""A merge is taken back within a month: exactly what went over returns, and what came since stays."""

from datetime import timedelta

import pytest

from yinuo.conversations.commands import add_interaction, open_conversation
from yinuo.conversations.models import Conversation, Interaction
from yinuo.customers.commands import (
    edit_customer,
    gather_strays,
)
from yinuo.customers.models import Customer
from yinuo.customers.queries import find
from yinuo.customers.tests.merging import AT, SYSTEM, busy, customer, merge, split
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.kernel.errors import Invalid, Refused
from yinuo.kernel.guard import permit_writes
from yinuo.matters.models import Matter, TimelineEntry
from yinuo.matters.queries import find as find_matters


def test_a_second_merge_leads_on_and_is_taken_back_first(desk) -> None:
    a, b, c = customer("甲"), customer("乙"), customer("丙")
    held = busy(desk, a, "甲")
    first, second = merge(desk, b, a), merge(desk, c, b)
    a.refresh_from_db()
    assert a.merged_into_id == c.pk
    assert Matter.unscoped.get(pk=held.matter.pk).customer_id == c.pk
    with pytest.raises(Refused, match="又并入了"):
        split(desk, first)
    split(desk, second)
    assert Customer.unscoped.get(pk=a.pk).merged_into_id == b.pk
    split(desk, first)
    assert Customer.unscoped.get(pk=a.pk).merged_into_id is None
    assert Matter.unscoped.get(pk=held.matter.pk).customer_id == a.pk


def test_a_split_returns_what_went_over_and_leaves_what_came_since(desk) -> None:
    one = customer("甲", ("phone", "13812345678"))
    two = customer(
        "乙", ("phone", "13912345678"), region="江城", industry="运输", profile={"job": "司机", "since": "2020"}
    )
    held = busy(desk, two, "乙")
    done = merge(desk, one, two)
    since = busy(desk, one, "后来")
    with acting_as(desk.agent):
        version = Customer.unscoped.get(pk=one.pk).version
        edit_customer(customer_id=one.pk, expected_version=version, industry="仓储", profile={"job": "站长"})
    split(desk, done)
    one.refresh_from_db(), two.refresh_from_db()
    assert (one.region, one.industry, one.profile) == ("", "仓储", {"job": "站长"})
    assert (two.region, two.industry, two.merged_into_id) == ("江城", "运输", None)
    assert Matter.unscoped.get(pk=held.matter.pk).customer_id == two.pk
    assert Matter.unscoped.get(pk=since.matter.pk).customer_id == one.pk
    assert Interaction.unscoped.filter(customer=two).count() == 1
    with acting_as(desk.agent):
        assert [c.pk for c in find("乙")] == [two.pk]
    texts = TimelineEntry.unscoped.filter(matter=held.matter, kind="merged_customer").order_by("pk")
    assert [("撤销" in t.text) for t in texts] == [False, True]
    with pytest.raises(Refused, match="已经撤销过"):
        split(desk, done)
    assert merge(desk, one, two)


def test_after_thirty_days_it_stays(desk) -> None:
    done = merge(desk, customer("甲"), customer("乙"))
    with clock.frozen(AT + timedelta(days=30, seconds=1)), pytest.raises(Refused, match="30 天"):
        split(desk, done)
    with pytest.raises(Invalid):
        split(desk, done, reason="")
    assert split(desk, done).split_at


def test_what_was_written_while_it_was_merged_follows(desk) -> None:
    one, two = customer("甲"), customer("乙")
    with acting_as(SYSTEM):
        talk = open_conversation(channel="phone", customer_id=two.pk, unit_id=desk.unit.pk)
    done = merge(desk, one, two)
    with acting_as(SYSTEM):
        with permit_writes("test"):
            Conversation.unscoped.filter(pk=talk.pk).update(customer=two)
        add_interaction(conversation=Conversation.unscoped.get(pk=talk.pk), direction="in", text="同时来电")
        assert gather_strays() == 2
        assert gather_strays() == 0
    assert Interaction.unscoped.get(conversation=talk).customer_id == one.pk
    done.refresh_from_db()
    split(desk, done)
    assert Interaction.unscoped.get(conversation=talk).customer_id == two.pk


def test_after_a_split_a_matter_is_found_by_its_own_words_and_not_by_the_other_name(desk) -> None:
    """What it was found by before stays, also where the other name has the same words."""
    one, two = customer("王小明"), customer("李四海")
    held, twin = busy(desk, two, "机油"), busy(desk, two, "王小")
    found = lambda words: {m.pk for m in find_matters(words)}  # noqa: E731
    words = ("王小明", "wangxiaoming", "wxm", "李四海", "lsh", "机油", "王小")
    with acting_as(desk.boss):
        before = {w: found(w) for w in words}
    done = merge(desk, one, two)
    with acting_as(desk.boss):
        assert {held.matter.pk, twin.matter.pk} <= found("王小明") & found("wxm")
    done.refresh_from_db()
    split(desk, done)
    with acting_as(desk.boss):
        assert {w: found(w) for w in words} == before
        assert before["王小明"] == set() and before["王小"] == {twin.matter.pk}
