"""Who may agree to what: rungs by amount, in order, nobody for themselves, two at once decide once."""

import threading
from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from yinuo.approvals import queries
from yinuo.approvals.commands import withdraw_approval
from yinuo.approvals.models import Approval
from yinuo.approvals.rules import DEFAULT_RULES, rungs_for
from yinuo.approvals.tests.conftest import AT, ask, decide
from yinuo.identity.commands import create_staff
from yinuo.identity.models import Staff
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.errors import Denied, Invalid, Refused, Stale

BANDS = [(None if u is None else Decimal(u), s) for k, u, s in DEFAULT_RULES if k == "proposal"]


@given(st.decimals(0, 9_999_999, places=2), st.decimals(0, 9_999_999, places=2))
def test_more_money_never_needs_fewer_people(one, two) -> None:
    less, more = sorted((one, two))
    assert len(rungs_for(BANDS, less)) <= len(rungs_for(BANDS, more))


@pytest.mark.parametrize(("amount", "rungs"), [("0", 1), ("500", 1), ("500.01", 2), ("5000", 2), ("5000.01", 3)])
def test_bands_end_where_they_say(amount, rungs) -> None:
    assert len(rungs_for(BANDS, Decimal(amount))) == rungs


def test_a_small_amount_needs_the_manager_only(people) -> None:
    approval = ask(people["agent"])
    assert decide(approval, people["chief"]).state == "approved"


def test_a_larger_amount_climbs_in_order(people) -> None:
    approval = ask(people["agent"], "1200")
    with pytest.raises(Denied, match="chief"):
        decide(approval, people["boss"])
    assert decide(approval, people["chief"]).state == "pending"
    assert decide(approval, people["boss"]).state == "approved"


def leave(staff_id: int) -> None:
    with permit_writes("test"):
        Staff.objects.filter(pk=staff_id).update(is_active=False)


def chain(approval) -> list[tuple[str, str]]:
    return [(s.rung, s.staff.name) for s in approval.steps(manager="unscoped").order_by("seq")]


def test_a_role_nobody_holds_is_left_out_in_words(people) -> None:
    leave(people["money"].id)
    approval = ask(people["agent"], "6000")
    assert chain(approval) == [("manager", "chief"), ("leader", "boss")]
    assert Approval.unscoped.get(pk=approval.pk).vacancies == ["财务：无人，已略过"]
    assert ask(people["agent"], "1200", subject=2).vacancies == []


def test_the_next_person_up_stands_in_for_a_role_nobody_holds(people) -> None:
    leave(people["money"].id)
    with acting_as(Actor.system("test")):
        unit = Staff.objects.get(pk=people["boss"].id).unit_id
        create_staff(username="vice", name="vice", password="quiet-river-9", unit_id=unit, role_codes=["leader"])
    approval = ask(people["agent"], "6000")
    assert chain(approval) == [("manager", "chief"), ("finance", "vice"), ("leader", "boss")]
    assert approval.vacancies == ["财务：无人，由vice代批"]


def test_the_only_holder_of_a_role_does_not_agree_with_themselves(people) -> None:
    approval = ask(people["money"], "6000")
    assert "money" not in {name for _rung, name in chain(approval)}
    assert any("财务：无人" in sentence for sentence in approval.vacancies)


def test_nobody_decides_their_own(people) -> None:
    approval = ask(people["chief"])
    with pytest.raises(Denied):
        decide(approval, people["chief"])


def test_money_beyond_authority_is_refused(people) -> None:
    approval = ask(people["agent"], "90000")
    decide(approval, people["chief"])
    decide(approval, people["money"])
    with pytest.raises(Refused, match="超出您的审批权限"):
        decide(approval, people["boss"])
    assert decide(approval, people["boss"], "rejected", "数额过大").state == "rejected"


def test_a_rejection_needs_a_reason_and_ends_it(people) -> None:
    approval = ask(people["agent"], "1200")
    with pytest.raises(Invalid):
        decide(approval, people["chief"], "rejected", "")
    assert decide(approval, people["chief"], "rejected", "依据不足").state == "rejected"
    with pytest.raises(Stale):
        decide(approval, people["boss"])


@pytest.mark.parametrize("amount", ["-1", "NaN", "10000000", "Infinity"])
def test_absurd_amounts_are_refused(people, amount) -> None:
    with pytest.raises((Invalid, ArithmeticError)):
        ask(people["agent"], amount)


def test_one_open_request_per_subject(people) -> None:
    first = ask(people["agent"])
    with pytest.raises(Refused), transaction.atomic():
        ask(people["agent"])
    withdraw_approval(approval_id=first.pk, by=people["agent"], at=AT)
    assert ask(people["agent"]).state == "pending"


@pytest.mark.parametrize("rows", [1, 3])
def test_my_list_costs_two_statements(people, django_assert_num_queries, rows) -> None:
    for n in range(rows):
        ask(people["agent"], subject=n)
    with acting_as(people["chief"]), django_assert_num_queries(2):
        assert len(list(queries.waiting_for_me())) == rows
    with acting_as(people["boss"]):
        assert list(queries.waiting_for_me()) == []


@pytest.mark.django_db(transaction=True)
def test_two_deciders_race_and_one_wins(people) -> None:
    approval = ask(people["agent"])
    barrier, results = threading.Barrier(2), []

    def click(decision: str) -> None:
        barrier.wait()
        try:
            results.append(decide(approval, people["chief"], decision, "x", version=1).state)
        except Stale:
            results.append("stale")
        finally:
            connection.close()

    threads = [threading.Thread(target=click, args=(d,)) for d in ("approved", "rejected")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results)[-1] == "stale" and Approval.unscoped.get(pk=approval.pk).state in results
