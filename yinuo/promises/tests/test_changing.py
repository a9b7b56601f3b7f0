"""Extension and waiver: transactions that go through approval, and who hears of it."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from yinuo.approvals.models import Approval
from yinuo.conversations.models import Interaction
from yinuo.kernel.actor import acting_as
from yinuo.kernel.clock import CST, frozen
from yinuo.kernel.errors import Denied, Invalid, Refused
from yinuo.matters.models import TimelineEntry
from yinuo.promises.commands import (
    announce_due,
    apply_extension,
    make_personal_promise,
    pause_promise,
    request_extension,
    request_waiver,
    resume_promise,
    save_standard,
    tell_extension,
)  # fmt: skip
from yinuo.promises.models import Promise, PromiseChange, PromiseEvent, Standard
from yinuo.promises.tests.conftest import decide, local, open_complaint, settlement


def extend(desk: SimpleNamespace, at: str, decision: str = "approved", **given: Any) -> PromiseChange:
    with frozen(local(at)):
        with acting_as(desk.handler):
            change = request_extension(promise_id=settlement(desk).pk, reason="案情复杂，需向境外机构核实", **given)
        decide(desk, decision)
    change.refresh_from_db()
    return change


def due(promise: Promise) -> str:
    promise.refresh_from_db()
    return f"{promise.due_at.astimezone(CST):%m-%d %H:%M}"


def test_fifteen_days_thirty_sixty_and_no_further(desk: SimpleNamespace) -> None:
    promise = settlement(desk)
    assert due(promise) == "03-17 18:00"
    change = extend(desk, "2026-03-16 10:00")
    assert (change.state, due(promise), promise.amount) == ("applied", "04-01 18:00", Decimal(30))
    told = Interaction.unscoped.get(pk=change.told_by_id)
    assert (told.direction, told.conversation_id) == ("out", desk.matter.conversation_id)
    assert "4月1日 18:00" in told.text and "案情复杂" in told.text
    assert "经批准延期" in promise.explanation

    extend(desk, "2026-03-31 10:00")
    assert (due(promise), promise.amount) == ("05-01 18:00", Decimal(60))
    with frozen(local("2026-04-20 10:00")), acting_as(desk.handler), pytest.raises(Refused, match="最长为60 天"):
        request_extension(promise_id=promise.pk, reason="再延")
    lines = TimelineEntry.unscoped.filter(matter=desk.matter, kind="promise_extended")
    assert lines.count() == 2


@pytest.mark.parametrize("amount", [Decimal(31), Decimal(15), Decimal("20.5"), Decimal(-1), Decimal(60)])
def test_no_extension_past_the_next_step(desk: SimpleNamespace, amount: Decimal) -> None:
    promise = settlement(desk)
    with acting_as(desk.handler), pytest.raises(Invalid, match="最多可延长到 30 天"):
        request_extension(promise_id=promise.pk, reason="延期", amount=amount)
    assert not PromiseChange.unscoped.exists()


def test_nothing_moves_until_the_customer_has_been_told(desk: SimpleNamespace) -> None:
    desk.matter = open_complaint(desk, channel="phone")
    promise = settlement(desk)
    change = extend(desk, "2026-03-16 10:00", amount=Decimal(20))
    assert (change.state, due(promise)) == ("approved", "03-17 18:00")
    with frozen(local("2026-03-16 15:00")), acting_as(desk.handler):
        with pytest.raises(Invalid):
            tell_extension(change_id=change.pk, how="")
        tell_extension(change_id=change.pk, how="3月16日下午电话告知，客户同意")
    assert due(promise) == "03-22 18:00"
    with frozen(local("2026-03-19 18:30")):
        announce_due()
    promise.refresh_from_db()
    assert promise.state == "open"
    with frozen(local("2026-03-22 18:30")):
        announce_due()
    promise.refresh_from_db()
    assert promise.state == "broken"


def test_a_rejected_request_changes_nothing_and_only_one_is_open_at_a_time(desk: SimpleNamespace) -> None:
    promise = settlement(desk)
    with acting_as(desk.handler):
        request_extension(promise_id=promise.pk, reason="延期")
        with pytest.raises(Refused, match="已有一份申请"):
            request_waiver(promise_id=promise.pk, reason="豁免")
    decide(desk, "rejected")
    assert (PromiseChange.unscoped.get().state, due(promise)) == ("rejected", "03-17 18:00")
    with acting_as(desk.handler):
        request_extension(promise_id=promise.pk, reason="再次申请")
    with acting_as(desk.handler), pytest.raises(Denied):
        decide(desk, by=desk.handler)


def test_an_approval_that_comes_after_the_breach_extends_nothing(desk: SimpleNamespace) -> None:
    promise = settlement(desk)
    with frozen(local("2026-03-16 10:00")), acting_as(desk.handler):
        request_extension(promise_id=promise.pk, reason="延期")
    with frozen(local("2026-03-18 10:00")):
        decide(desk)
    promise.refresh_from_db()
    assert (promise.state, PromiseChange.unscoped.get().state, due(promise)) == ("broken", "lapsed", "03-17 18:00")
    with frozen(local("2026-03-18 11:00")), acting_as(desk.handler), pytest.raises(Refused, match="已违约"):
        request_extension(promise_id=promise.pk, reason="延期")


def test_an_extension_during_a_pause_adds_to_what_is_left(desk: SimpleNamespace) -> None:
    promise = settlement(desk)
    with frozen(local("2026-03-05 10:00")), acting_as(desk.handler):
        request_extension(promise_id=promise.pk, reason="延期")
        pause_promise(promise_id=promise.pk, reason="等客户补充单据")
    with frozen(local("2026-03-06 10:00")):
        decide(desk)
    with frozen(local("2026-03-10 10:00")), acting_as(desk.handler):
        resume_promise(promise_id=promise.pk)
    assert due(promise) == "04-06 18:00", "12 days left, 15 more"


def heard(desk: SimpleNamespace) -> list[tuple[str, str]]:
    """What the handler finds among their notices, of a promise whose case is somebody else's."""
    rows = PromiseEvent.unscoped.filter(told=desk.staff["handler"], kind__in=OUTCOMES).order_by("pk")
    return list(rows.values_list("kind", "text"))


OUTCOMES = ("refused", "to_tell", "extended", "lapsed", "waived")


def test_who_asked_hears_how_it_went(desk: SimpleNamespace) -> None:
    promise = settlement(desk)
    extend(desk, "2026-03-10 10:00", "rejected")
    extend(desk, "2026-03-11 10:00")
    with acting_as(desk.handler):
        request_waiver(promise_id=promise.pk, reason="客户书面同意不再需要答复")
    decide(desk)
    assert [kind for kind, _text in heard(desk)] == ["refused", "extended", "waived"]
    assert "情况属实" in heard(desk)[0][1] and "已告知客户" in heard(desk)[1][1]


def test_who_asked_is_told_to_tell_the_customer_and_when_it_came_too_late(desk: SimpleNamespace) -> None:
    desk.matter = open_complaint(desk, channel="phone")
    settlement(desk)
    extend(desk, "2026-03-16 10:00", amount=Decimal(20))
    assert heard(desk) == [("to_tell", "延期已获同意，请先告知客户，新时限方可生效")]
    with frozen(local("2026-03-18 10:00")), acting_as(desk.handler):
        tell_extension(change_id=PromiseChange.unscoped.get().pk, how="电话告知")
    assert [kind for kind, _text in heard(desk)] == ["to_tell", "lapsed"]


def approved(desk: SimpleNamespace, **given: Any) -> PromiseChange:
    """Approved, and the customer of a case by telephone not told yet."""
    desk.matter = open_complaint(desk, channel="phone")
    settlement(desk)
    return extend(desk, "2026-03-05 10:00", **given)


def new_version(desk: SimpleNamespace, **given: Any) -> None:
    standard = Standard.objects.get(key="bank.complaint-settlement", in_force=True)
    with frozen(local("2026-03-06 10:00")), acting_as(desk.leader):
        save_standard(data={**standard.data, **given}, expected_version=standard.version)


def tell(desk: SimpleNamespace, change: PromiseChange) -> None:
    with frozen(local("2026-03-06 15:00")), acting_as(desk.handler):
        tell_extension(change_id=change.pk, how="电话告知，客户同意")
    change.refresh_from_db()


@pytest.mark.parametrize("given", [{"extend_to": []}, {"extend_to": [20]}, {"amount": 10, "extend_to": [12]}])
def test_what_was_approved_holds_although_the_standard_would_not_grant_it_any_more(
    desk: SimpleNamespace, given: dict[str, Any]
) -> None:
    change = approved(desk)
    new_version(desk, **given)
    tell(desk, change)
    promise = settlement(desk)
    assert (change.state, due(promise), promise.amount) == ("applied", "04-01 18:00", Decimal(30))


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"clock": "working_days", "extend_to": []}, "换了计时方式，同意的共 30 天不再适用"),
        ({"amount": 40, "extend_to": [60]}, "时限已共有 40 天，不少于同意的共 30 天"),
    ],
)
def test_what_was_approved_and_means_nothing_any_more_ends_before_the_customer_is_told(
    desk: SimpleNamespace, given: dict[str, Any], why: str
) -> None:
    change = approved(desk)
    new_version(desk, **given)
    change.refresh_from_db()
    assert change.state == "lapsed"
    assert [kind for kind, _text in heard(desk)] == ["to_tell", "lapsed"] and why in heard(desk)[1][1]
    with frozen(local("2026-03-06 16:00")), acting_as(desk.handler):
        request_waiver(promise_id=settlement(desk).pk, reason="客户书面同意不再需要答复")


def test_an_approval_that_comes_after_the_change_of_the_standard_is_decided_all_the_same(desk: SimpleNamespace) -> None:
    promise = settlement(desk)
    with acting_as(desk.handler):
        request_extension(promise_id=promise.pk, reason="案情复杂")
    new_version(desk, clock="working_days", extend_to=[])
    with frozen(local("2026-03-06 15:00")):
        decide(desk)
    assert PromiseChange.unscoped.get().state == "lapsed"
    assert "换了计时方式" in heard(desk)[0][1]


def test_the_customer_is_told_the_time_that_holds(desk: SimpleNamespace) -> None:
    """The case waited for the customer while the request was on its way."""
    promise = settlement(desk)
    with frozen(local("2026-03-05 10:00")), acting_as(desk.handler):
        request_extension(promise_id=promise.pk, reason="案情复杂")
        pause_promise(promise_id=promise.pk, reason="等客户补充单据")
    with frozen(local("2026-03-08 10:00")), acting_as(desk.handler):
        resume_promise(promise_id=promise.pk)
    with frozen(local("2026-03-09 10:00")):
        decide(desk)
    assert due(promise) == "04-04 18:00"
    assert "4月4日 18:00" in Interaction.unscoped.get(pk=PromiseChange.unscoped.get().told_by_id).text
    assert promise.explanation.startswith("经批准延期，等待客户的时间不计，")


def test_nobody_applies_an_extension_by_hand(desk: SimpleNamespace) -> None:
    with acting_as(desk.leader), pytest.raises(Denied):
        apply_extension(change_id=1)


def test_a_waiver_needs_a_reason_and_an_approver(desk: SimpleNamespace) -> None:
    promise = settlement(desk)
    with acting_as(desk.handler):
        with pytest.raises(Invalid):
            request_waiver(promise_id=promise.pk, reason="")
        request_waiver(promise_id=promise.pk, reason="客户书面同意不再需要答复")
    assert Approval.unscoped.get().steps.get().staff_id == desk.staff["manager"].pk
    decide(desk)
    promise.refresh_from_db()
    assert (promise.state, promise.outstanding, promise.wakes_at) == ("waived", False, None)
    assert "客户书面同意" in TimelineEntry.unscoped.get(kind="promise_waived").text


def test_a_personal_promise_gets_a_new_time_by_the_same_road(desk: SimpleNamespace) -> None:
    with acting_as(desk.handler):
        promise = make_personal_promise(title="回电", due_at=local("2026-03-03 15:00"), matter_id=desk.matter.pk)
        with pytest.raises(Invalid):
            request_extension(promise_id=promise.pk, reason="出差", due_at=local("2026-03-03 14:00"))
        request_extension(promise_id=promise.pk, reason="出差", due_at=local("2026-03-05 15:00"))
    decide(desk)
    assert due(promise) == "03-05 15:00"
