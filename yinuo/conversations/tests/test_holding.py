"""Words that go out later: once, as their author, or back to them. The clock is given, nothing waits."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from yinuo.complaints import commands as c
from yinuo.complaints.tests.conftest import Walk, build
from yinuo.conversations.holding import apply_wording_decision, change_time, place, recall, send_held
from yinuo.conversations.models import HeldMessage, Interaction
from yinuo.identity.models import Staff
from yinuo.jobs.tasks import holds
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.errors import Invalid, Missing, Refused
from yinuo.matters.models import Draft

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
HELD = timedelta(seconds=10)
WORDS = "检测报告已出，正在核对批次"


@pytest.fixture
def case():
    firm = build()
    return Walk(firm)


def held(case, *, kind="undo", after=HELD, text=WORDS, **more) -> HeldMessage:
    now = clock.now()
    with acting_as(case.firm.wang):
        return place(
            command="complaint.reply", values={"complaint_id": case.id, "text": text}, text=text, kind=kind,
            due_at=now + after, matter_id=case.id, draft_key=f"complaint:{case.id}:reply", at=now, **more,
        )  # fmt: skip


def said(text=WORDS) -> int:
    return Interaction.unscoped.filter(text=text, direction="out").count()


def send(row, at):
    with acting_as(SYSTEM):
        return send_held(hold_id=row.pk, at=at)


def test_it_goes_out_once_and_not_before_its_time(case) -> None:
    row = held(case)
    assert said() == 0, "the rehearsal leaves nothing"
    send(row, row.due_at - timedelta(seconds=1))
    assert said() == 0
    assert send(row, row.due_at + timedelta(seconds=4)).state == "sent"
    send(row, row.due_at + timedelta(seconds=9))
    assert said() == 1
    assert Interaction.unscoped.get(text=WORDS).at == row.pressed_at, "it was said when send was pressed"


def test_taken_back_it_is_a_draft_again_and_too_late_is_said(case) -> None:
    row = held(case)
    with acting_as(case.firm.li), pytest.raises(Missing):
        recall(hold_id=row.pk)
    with acting_as(case.firm.wang):
        recall(hold_id=row.pk)
    assert send(row, row.due_at).state == "recalled" and said() == 0
    assert Draft.unscoped.get(staff_id=case.firm.wang.id).data["text"] == WORDS
    late = held(case)
    send(late, late.due_at)
    with acting_as(case.firm.wang), pytest.raises(Refused) as error:
        recall(hold_id=late.pk)
    assert error.value.code == "already_sent" and said() == 1


def test_a_chosen_time_may_change_and_counts_when_it_goes_out(case) -> None:
    row = held(case, kind="later", after=timedelta(days=3))
    with acting_as(case.firm.wang):
        with pytest.raises(Invalid):
            change_time(hold_id=row.pk, send_at=clock.now() - HELD)
        row = change_time(hold_id=row.pk, send_at=row.due_at + timedelta(hours=1))
    send(row, row.due_at - timedelta(minutes=30))
    assert said() == 0
    send(row, row.due_at)
    assert Interaction.unscoped.get(text=WORDS).at == row.due_at


def test_what_cannot_be_sent_any_more_comes_back_with_the_reason(case) -> None:
    row = held(case, kind="later", after=timedelta(days=1))
    with acting_as(case.firm.wang):
        c.withdraw(complaint_id=case.id, reason="客户说不用了")
    assert send(row, row.due_at).state == "returned" and said() == 0
    row.refresh_from_db()
    assert row.note and Draft.unscoped.filter(staff_id=case.firm.wang.id, data__text=WORDS).exists()
    other = Walk(case.firm)
    gone = held(other, kind="later", after=timedelta(days=1))
    with permit_writes("test"):
        Staff.objects.filter(pk=case.firm.wang.id).update(is_active=False)
    assert send(gone, gone.due_at).state == "returned" and said() == 0


def test_a_supervisor_agrees_and_it_goes_out_as_it_was_written(case) -> None:
    bad = "公司的规定就是这样"
    with pytest.raises(Refused):
        held(case, text=bad)
    with pytest.raises(Invalid):
        held(case, text=bad, kind="asked")
    row = held(case, text=bad, kind="asked", reason="客户要看原文")
    send(row, row.due_at + timedelta(days=1))
    assert said(bad) == 0
    with acting_as(SYSTEM):
        apply_wording_decision(hold_id=row.pk, decision="approved", comment="", decided_by=case.firm.sun.id)
    assert send(row, clock.now() + timedelta(seconds=1)).state == "sent" and said(bad) == 1
    assert Interaction.unscoped.get(text=bad).author_id == case.firm.wang.id
    second = held(case, text=bad + "的", kind="asked", reason="再来一次")
    with acting_as(SYSTEM):
        apply_wording_decision(hold_id=second.pk, decision="rejected", comment="换个说法")
    second.refresh_from_db()
    assert second.state == "returned" and "换个说法" in second.note


def test_the_sweep_finds_what_a_lost_job_left(case) -> None:
    row = held(case)
    with clock.frozen(row.due_at + timedelta(minutes=1)), acting_as(SYSTEM):
        assert holds.due_to_send(clock.now()) == [row.pk]


@pytest.mark.django_db(transaction=True)
def test_two_workers_and_a_second_thought_at_once() -> None:
    """Exactly one of them wins, and the other two know."""
    case = Walk(build())
    row = held(case)
    start, outcome = threading.Barrier(3), []

    def run(what) -> None:
        start.wait()
        try:
            outcome.append(what().state)
        except Refused as wrong:
            outcome.append(wrong.code)
        finally:
            connection.close()

    def taken_back():
        with acting_as(case.firm.wang):
            return recall(hold_id=row.pk)

    works = [lambda: send(row, row.due_at), lambda: send(row, row.due_at), taken_back]
    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    row.refresh_from_db()
    assert said() == (row.state == "sent")
    assert sorted(outcome) in (["already_sent", "sent", "sent"], ["recalled", "recalled", "recalled"])
