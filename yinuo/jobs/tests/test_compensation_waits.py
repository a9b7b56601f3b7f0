"""Compensation proposed while nobody could approve it is not forgotten: its owner hears of it, and it is asked again."""

from datetime import timedelta
from types import SimpleNamespace

from yinuo.approvals.models import Approval
from yinuo.identity.commands import create_staff
from yinuo.identity.models import Staff
from yinuo.jobs.tasks.waiting import ask_again
from yinuo.kernel.actor import acting_as
from yinuo.kernel.clock import frozen
from yinuo.kernel.command import permit_writes
from yinuo.kernel.models import AuditEntry
from yinuo.promises.commands import announce_due, load_pack, make_promises
from yinuo.promises.models import Compensation, PromiseEvent
from yinuo.promises.tests.conftest import desk as desk
from yinuo.promises.tests.conftest import inside, local
from yinuo.promises.tests.conftest import made_desk as made_desk
from yinuo.web.reads.notifications import news

MORNING = local("2026-06-01 10:00")


def told():
    return list(PromiseEvent.unscoped.filter(kind="nobody_approves").order_by("at"))


def late_without_approver(desk: SimpleNamespace) -> Compensation:
    load_pack(name="lubricant")
    inside(desk, make_promises, trigger="delivery.agreed", matter_id=desk.matter.pk, facts={"agreed_on": "2026-03-03"})
    with permit_writes("test"):
        Staff.objects.filter(username__in=("leader", "manager", "chief")).update(is_active=False)
    with frozen(MORNING):
        announce_due()
    return Compensation.unscoped.get()


def test_the_owner_hears_of_it_at_once_and_then_once_a_day(desk):
    cost = late_without_approver(desk)
    assert cost.state == "proposed" and not Approval.unscoped.exists()
    assert [(e.told_id, e.at) for e in told()] == [(desk.staff["handler"].pk, MORNING)]
    before = AuditEntry.unscoped.count()
    for hours in (1, 13.9):  # until five to midnight
        with frozen(MORNING + timedelta(hours=hours)):
            assert ask_again() == 0
    assert len(told()) == 1 and AuditEntry.unscoped.count() == before
    for hours in (14, 20):  # the next day by the clock of the wall
        with frozen(MORNING + timedelta(hours=hours)):
            assert ask_again() == 0
    assert len(told()) == 2
    with frozen(MORNING + timedelta(hours=20)), acting_as(desk.handler):
        lines = [n.text for n in news(desk.handler, MORNING + timedelta(hours=20))]
    assert any(cost.text in line and "没有可以审批的人" in line for line in lines)


def test_as_soon_as_somebody_may_approve_it_is_asked_once(desk):
    cost = late_without_approver(desk)
    with frozen(MORNING + timedelta(days=1)):
        new = create_staff(
            username="boss", name="新领导", password="promise-7788", unit_id=desk.hq.pk, role_codes=["leader"]
        )
        assert ask_again() == 1
        assert ask_again() == 0, "once"
    asked = Approval.unscoped.get()
    assert (asked.subject_id, asked.amount, asked.matter_id) == (cost.pk, cost.amount, desk.matter.pk)
    assert asked.steps(manager="unscoped").get().staff_id == new.pk
    assert len(told()) == 1


def test_what_was_decided_is_not_asked_again(desk):
    cost = late_without_approver(desk)
    with permit_writes("test"):
        Compensation.unscoped.filter(pk=cost.pk).update(state="rejected")
    create_staff(username="boss", name="新领导", password="promise-7788", unit_id=desk.hq.pk, role_codes=["leader"])
    with frozen(MORNING + timedelta(days=1)):
        assert ask_again() == 0
    assert not Approval.unscoped.exists()
