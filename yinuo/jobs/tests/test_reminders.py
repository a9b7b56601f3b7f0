"""What must not be forgotten after a case: the check of a corrective action, and a leader's appointment."""

from datetime import timedelta

import pytest

from tests.worlds import world
from yinuo.complaints import commands as c
from yinuo.complaints.models import CorrectiveAction, LeaderReception
from yinuo.complaints.tests.conftest import NOW, Walk, build, later
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.clock import CST
from yinuo.matters.commands import assign_matter
from yinuo.promises.commands import announce_due, load_pack
from yinuo.promises.models import Promise, PromiseEvent
from yinuo.promises.queries import told_to_customer

SYSTEM = Actor.system("test")
TODAY = NOW.astimezone(CST).date()


@world
def made_firm():
    with clock.frozen(NOW):
        firm = build()
        with acting_as(SYSTEM):
            load_pack(name="common")
        return firm


@pytest.fixture
def firm(made_firm):
    with clock.frozen(NOW):
        yield made_firm


def owed(case, obligation):
    return list(
        Promise.unscoped.filter(matter=case.id, obligation=obligation, outstanding=True).order_by("due_at", "pk")
    )


def plan(firm, case, days, owner=None):
    with acting_as(firm.wang):
        return c.plan_correction(
            complaint_id=case.id, root_cause="密封圈老化", action=f"更换密封圈（{days} 天）",
            due_on=TODAY + timedelta(days=1), check_on=TODAY + timedelta(days=days),
            owner_id=(owner or firm.li).id,
        )  # fmt: skip


def test_each_check_is_owed_by_its_date_and_kept_by_checking(firm):
    case = Walk(firm).to("investigating")
    early, late = plan(firm, case, 10), plan(firm, case, 30)
    one, two = owed(case, "recurrence_check")
    assert one.owner_id == firm.li.id and "更换密封圈（10 天）" in one.title
    assert one.due_at.astimezone(CST).date() == TODAY + timedelta(days=10)
    assert (one.about, two.about) == (f"corrective:{early.pk}", f"corrective:{late.pk}")
    with clock.frozen(NOW + timedelta(days=10)), acting_as(firm.li):
        c.check_recurrence(corrective_id=early.pk, recurrence="effective", note="连查三批没有渗漏")
    assert [p.pk for p in owed(case, "recurrence_check")] == [two.pk]
    one.refresh_from_db()
    assert one.state == "kept"


def test_what_happened_again_is_owed_a_new_measure(firm):
    case = Walk(firm).to("investigating")
    made = plan(firm, case, 10)
    with clock.frozen(NOW + timedelta(days=10)):
        with acting_as(firm.li):
            c.check_recurrence(corrective_id=made.pk, recurrence="recurred", note="又有两桶渗漏")
        (due,) = owed(case, "new_correction")
        assert due.owner_id == firm.li.id and "更换密封圈" in due.title and not owed(case, "recurrence_check")
        with acting_as(firm.sun):
            c.withdraw(complaint_id=case.id, reason="客户撤诉")
        assert owed(case, "new_correction"), "what was learnt outlives the case"
    with clock.frozen(due.due_at - timedelta(hours=1)), acting_as(firm.wang):
        c.plan_correction(
            complaint_id=case.id, root_cause="供货商", action="换供应商", due_on=TODAY + timedelta(days=30),
            check_on=TODAY + timedelta(days=60),
        )  # fmt: skip
    due.refresh_from_db()
    assert (due.state, due.outstanding) == ("kept", False)


def test_a_check_not_made_breaks_and_climbs(firm):
    case = Walk(firm).to("investigating")
    plan(firm, case, 10)
    with clock.frozen(NOW + timedelta(days=40)), acting_as(SYSTEM):
        while announce_due():
            pass
    promise = owed(case, "recurrence_check")[0]
    assert promise.state == "broken"
    told = PromiseEvent.unscoped.filter(promise=promise, kind="escalated").values_list("told__username", flat=True)
    assert {"li", "sun"} <= set(told), "who answers for it, and who answers for them"


def test_the_case_changing_hands_or_ending_leaves_the_check(firm):
    case = Walk(firm).to("investigating")
    plan(firm, case, 10)
    with acting_as(firm.sun):
        assign_matter(matter_id=case.id, owner_id=firm.sun.id, expected_version=case.row.matter.version)
    assert owed(case, "recurrence_check")[0].owner_id == firm.li.id
    assert owed(case, "interim_reply")[0].owner_id == firm.sun.id
    with acting_as(firm.sun):
        c.withdraw(complaint_id=case.id, reason="客户不追究了")
    assert owed(case, "interim_reply") == []
    assert len(owed(case, "recurrence_check")) == 1


def test_the_customer_reads_nothing_of_it(firm):
    case = Walk(firm).to("investigating")
    plan(firm, case, 10)
    with acting_as(SYSTEM):
        assert all("复查" not in row.title for row in told_to_customer(case.id))
        assert told_to_customer(case.id), "but what is owed to them"


@pytest.fixture
def booked(firm):
    case = Walk(firm, wants_leader=True)
    reception = LeaderReception.unscoped.get()
    with acting_as(firm.wang):
        c.book_reception(reception_id=reception.pk, leader_id=firm.qian.id, starts_at=later(days=5), place="二楼")
    return case, reception


def test_the_leader_is_reminded_in_the_morning_of_the_day_and_once(firm, booked):
    case, _reception = booked
    promise = owed(case, "reception_day")[0]
    assert promise.owner_id == firm.qian.id
    day = later(days=5).astimezone(CST)
    with clock.frozen(day.replace(hour=6, minute=0)), acting_as(SYSTEM):
        announce_due()
        assert not PromiseEvent.unscoped.filter(promise=promise, kind="warned").exists()
    for hour in (9, 9):
        with clock.frozen(day.replace(hour=hour, minute=0)), acting_as(SYSTEM):
            announce_due()
    told = PromiseEvent.unscoped.get(promise=promise, kind="warned")
    assert told.told_id == firm.qian.id


def test_booking_again_moves_the_reminder(firm, booked):
    case, reception = booked
    with acting_as(firm.wang):
        c.book_reception(reception_id=reception.pk, leader_id=firm.zhao.id, starts_at=later(days=8))
    left = owed(case, "reception_day")
    assert len(left) == 1 and left[0].owner_id == firm.zhao.id
    assert left[0].due_at > later(days=8)


def test_held_keeps_it_and_a_customer_who_did_not_come_releases_it(firm, booked):
    case, reception = booked
    with clock.frozen(later(days=5, hours=2)), acting_as(firm.wang):
        c.record_reception(reception_id=reception.pk, state="held", result="已当面说明")
    assert Promise.unscoped.get(matter=case.id, obligation="reception_day").state == "kept"
    other = Walk(firm, wants_leader=True)
    second = LeaderReception.unscoped.get(complaint=other.id)
    with acting_as(firm.wang):
        c.book_reception(reception_id=second.pk, leader_id=firm.qian.id, starts_at=later(days=6))
        c.record_reception(reception_id=second.pk, state="canceled", result="客户改为电话沟通")
    assert owed(other, "reception_day") == []


def test_booked_for_today_nothing_is_said_to_be_late(firm):
    case = Walk(firm, wants_leader=True)
    with acting_as(firm.wang):
        c.book_reception(
            reception_id=LeaderReception.unscoped.get().pk, leader_id=firm.qian.id, starts_at=later(hours=3)
        )
    with clock.frozen(later(hours=1)), acting_as(SYSTEM):
        announce_due()
    assert not PromiseEvent.unscoped.filter(promise=owed(case, "reception_day")[0], late=True).exists()
    assert CorrectiveAction.unscoped.count() == 0
