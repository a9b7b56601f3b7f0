"""A complaint that came before it was registered: what is owed counts from when it came, and what is late says so."""

from datetime import timedelta

import pytest

from tests.worlds import world
from yinuo.calendars.wording import moment_text
from yinuo.complaints import commands as c
from yinuo.complaints.tests.conftest import NOW, Walk, build, later
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.promises.commands import announce_due, load_pack
from yinuo.promises.models import Promise, PromiseEvent

WEDNESDAY = NOW - timedelta(days=5)  # 18 November, registered on Monday the 23rd


@world
def made_firm():
    with clock.frozen(NOW):
        firm = build()
        with acting_as(Actor.system("test")):
            for pack in ("common", "bank", "lubricant"):
                load_pack(name=pack)
        return firm


@pytest.fixture
def firm(made_firm):
    with clock.frozen(NOW):
        yield made_firm


def owed(case, obligation):
    return Promise.unscoped.filter(matter=case.id, obligation=obligation).order_by("pk").last()


def test_what_is_owed_counts_from_when_the_complaint_came(firm):
    case = Walk(firm, received_at=WEDNESDAY)
    rows = Promise.unscoped.filter(matter=case.id)
    assert {p.starts_at for p in rows} == {WEDNESDAY} and rows.count() == 4
    assert {p.made_at for p in rows} == {NOW}
    assert "自 11月18日 10:00 起" in owed(case, "settlement").explanation


def test_what_is_late_already_is_announced_once_and_says_why(firm):
    case = Walk(firm, received_at=WEDNESDAY)
    first = owed(case, "first_answer")
    assert first.due_at == WEDNESDAY + timedelta(hours=24)
    for _twice in range(2):
        with acting_as(Actor.system("clock")):
            announce_due()
    first.refresh_from_db()
    assert (first.state, first.outstanding) == ("broken", True)
    told = PromiseEvent.unscoped.filter(promise=first, kind="broken")
    assert [event.late for event in told] == [True]
    assert f"（本应于 {moment_text(first.due_at)} 提醒，登记这项承诺时已过）" in told.get().text
    assert not PromiseEvent.unscoped.filter(promise=first, kind="warned").exists(), "nobody is warned of what is past"


def test_judged_to_be_of_another_kind_it_counts_from_when_it_came_as_well(firm):
    case = Walk(firm, received_at=WEDNESDAY)
    with clock.frozen(later(hours=3)):
        case.acknowledge()
        case.assess(kind="service", subkind="attitude")
    fifteen = owed(case, "settlement")
    assert (fifteen.standard.key, fifteen.starts_at) == ("bank.complaint-settlement", WEDNESDAY)


def test_opened_again_it_counts_from_then(firm):
    case = Walk(firm, received_at=WEDNESDAY)
    with acting_as(firm.sun):
        c.withdraw(complaint_id=case.id, reason="客户来电撤诉")
    with clock.frozen(later(days=1)), acting_as(firm.wang):
        c.reopen(complaint_id=case.id, reason="又渗漏了")
    assert owed(case, "settlement").starts_at == later(days=1)
