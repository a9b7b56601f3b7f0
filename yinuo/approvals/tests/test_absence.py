"""An approver who is away or has left holds nobody up, and nobody comes to decide their own request by it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from yinuo.approvals import queries
from yinuo.approvals.commands import hand_over_step
from yinuo.approvals.models import Approval, ApprovalStep
from yinuo.approvals.tests.conftest import AT, ask, decide
from yinuo.identity.commands import cancel_absence, create_staff, edit_role, edit_staff, set_absence
from yinuo.identity.models import Role, Staff
from yinuo.identity.queries import actor_for
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.clock import frozen
from yinuo.kernel.errors import Denied, Invalid, Missing, Refused, Stale

TODAY = date(2026, 11, 22)
SYSTEM = Actor.system("test")


@pytest.fixture
def firm(people):
    """The desk with a second supervisor, elsewhere a third, and an administrator; a Sunday noon."""
    with acting_as(SYSTEM):
        top = Staff.objects.get(username="boss").unit_id
        desk = Staff.objects.get(username="chief").unit_id
        for name, unit, role in (
            ("deputy", desk, "supervisor"), ("third", top, "supervisor"), ("admin", top, "administrator"),
            ("clerk", desk, "agent"),
        ):  # fmt: skip
            made = create_staff(username=name, name=name, password="quiet-river-9", unit_id=unit, role_codes=[role])
            people[name] = actor_for(made)
    with frozen(AT):
        yield people


def away(people, who, substitute, days=(0, 3), by=None):
    start, end = (TODAY + timedelta(days=n) for n in days)
    return set_absence(
        staff_id=people[who].id, substitute_id=people[substitute].id, starts_on=start, ends_on=end,
        by=by or people[who], at=AT,
    )  # fmt: skip


def deactivate(people, name):
    row = Staff.objects.get(username=name)
    return edit_staff(
        staff_id=row.pk, name=row.name, unit_id=row.unit_id, role_codes=[r.code for r in row.roles.all()], phone="",
        email="", active=False, manager_id=row.manager_id, expected_version=row.version, by=people["admin"], at=AT,
    )  # fmt: skip


def step_of(approval, seq=1):
    return ApprovalStep.unscoped.select_related("staff").get(approval=approval, seq=seq)


def waiting(actor):
    with acting_as(actor):
        return [row.pk for row in queries.waiting_for_me()]


def test_the_substitute_decides_while_the_approver_is_away_and_the_record_says_for_whom(firm):
    approval = ask(firm["agent"])
    with pytest.raises((Denied, Missing)):
        decide(approval, firm["third"])
    assert waiting(firm["third"]) == []
    away(firm, "chief", "third")
    assert waiting(firm["third"]) == [approval.pk]
    assert decide(approval, firm["third"]).state == "approved"
    step = step_of(approval)
    assert (step.staff.username, step.decided_by.username) == ("chief", "third")
    with acting_as(firm["third"]):
        assert [row.pk for row in queries.decided_by_me()] == [approval.pk], "seen afterwards too"


def test_the_substitute_decides_only_on_the_days_of_the_absence(firm):
    approval = ask(firm["agent"])
    made = away(firm, "chief", "third", days=(1, 2))
    assert waiting(firm["third"]) == []
    with pytest.raises((Denied, Missing)):
        decide(approval, firm["third"])
    with frozen(AT + timedelta(days=2)):
        assert waiting(firm["third"]) == [approval.pk]
    with frozen(AT + timedelta(days=3)):
        assert waiting(firm["third"]) == []
    with frozen(AT + timedelta(days=1)):
        cancel_absence(absence_id=made.pk, by=firm["chief"])
        assert waiting(firm["third"]) == []


def test_a_substitute_who_is_away_too_passes_it_on(firm):
    approval = ask(firm["agent"])
    away(firm, "chief", "third", days=(0, 1))
    away(firm, "third", "boss", days=(2, 5))
    away(firm, "third", "deputy", days=(0, 1))
    assert waiting(firm["deputy"]) == [approval.pk]
    assert decide(approval, firm["deputy"]).state == "approved"


def test_nobody_approves_their_own_request_as_a_substitute(firm):
    approval = ask(firm["deputy"])
    assert step_of(approval).staff.username == "chief"
    away(firm, "chief", "deputy")
    assert waiting(firm["deputy"]) == []
    with pytest.raises(Denied, match="自己提出"):
        decide(approval, firm["deputy"])
    with acting_as(firm["boss"]):
        assert [row.pk for row in queries.stuck()] == [approval.pk], "and it is shown as stuck"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"substitute": "chief"}, "substitute_id"), ({"substitute": "agent"}, "substitute_id"),
        ({"days": (3, 1)}, "ends_on"), ({"days": (-5, -1)}, "ends_on"), ({"days": (400, 401)}, "ends_on"),
        ({"days": (0, 500)}, "ends_on"),
    ],
)  # fmt: skip
def test_an_absence_that_makes_no_sense_is_refused_beside_its_field(firm, given, field):
    with pytest.raises(Invalid) as caught:
        away(firm, "chief", given.get("substitute", "third"), given.get("days", (0, 3)))
    assert field in caught.value.fields


def test_absences_do_not_overlap_and_are_ones_own(firm):
    away(firm, "chief", "third")
    with pytest.raises(Refused, match="已经登记过"):
        away(firm, "chief", "deputy", days=(2, 9))
    with pytest.raises(Invalid, match="也不在岗"):
        away(firm, "deputy", "chief")
    with pytest.raises(Denied):
        away(firm, "deputy", "third", by=firm["chief"])
    assert away(firm, "deputy", "third", by=firm["admin"]).set_by_id == firm["admin"].id


def test_who_leaves_hands_the_waiting_step_to_the_manager(firm):
    approval = ask(firm["agent"])
    deactivate(firm, "chief")
    step = step_of(approval)
    assert (step.staff.username, step.handed_from.username, step.handed_by) == ("boss", "chief", None)
    assert "停用" in step.handed_reason
    assert decide(approval, firm["boss"]).state == "approved"


def test_a_role_s_step_goes_to_the_next_holder_and_one_asked_already_is_not_asked_twice(firm):
    approval = ask(firm["agent"], "9000")
    assert [s.rung for s in ApprovalStep.unscoped.filter(approval=approval).order_by("seq")] == [
        "manager", "finance", "leader",
    ]  # fmt: skip
    with acting_as(SYSTEM):
        create_staff(
            username="money2", name="money2", password="quiet-river-9", unit_id=step_of(approval, 2).staff.unit_id,
            role_codes=["finance"],
        )  # fmt: skip
    deactivate(firm, "money")
    assert step_of(approval, 2).staff.username == "money2"
    deactivate(firm, "chief")  # above the chief is the boss, who is asked last anyway
    assert step_of(approval, 1).state == "withdrawn"
    decide(approval, actor_for(Staff.objects.get(username="money2")))
    assert decide(approval, firm["boss"]).state == "approved"


def test_who_may_not_approve_any_more_hands_on_too(firm):
    approval = ask(firm["agent"])
    row = Staff.objects.get(username="chief")
    edit_staff(
        staff_id=row.pk, name=row.name, unit_id=row.unit_id, role_codes=["agent"], phone="", email="", active=True,
        manager_id=None, expected_version=row.version, by=firm["admin"], at=AT,
    )  # fmt: skip
    assert step_of(approval).staff.username == "boss"


def test_a_rung_without_an_approver_climbs_when_asked(firm):
    deactivate(firm, "chief")
    assert step_of(ask(firm["agent"])).staff.username == "boss"


def test_a_step_is_handed_over_with_a_reason(firm):
    approval = ask(firm["agent"])
    given = {"approval_id": approval.pk, "to_id": firm["third"].id, "reason": "出差联系不上", "expected_version": 1}
    with pytest.raises(Denied):
        hand_over_step(**given, by=firm["agent"], at=AT)
    with pytest.raises(Invalid) as caught:
        hand_over_step(**{**given, "reason": "", "to_id": firm["agent"].id}, by=firm["boss"], at=AT)
    assert set(caught.value.fields) == {"reason", "to_id"}
    hand_over_step(**given, by=firm["admin"], at=AT)
    step = step_of(approval)
    assert (step.staff.username, step.handed_from.username, step.handed_by.username, step.handed_reason) == (
        "third", "chief", "admin", "出差联系不上",
    )  # fmt: skip
    with pytest.raises(Stale):
        hand_over_step(**given, by=firm["boss"], at=AT)
    with pytest.raises((Denied, Missing)):
        decide(approval, firm["chief"])
    assert decide(approval, firm["third"]).state == "approved"


def test_nobody_chooses_the_approver_of_their_own_request_nor_gives_it_to_the_requester(firm):
    approval = ask(firm["deputy"])
    given = {"approval_id": approval.pk, "reason": "x", "expected_version": 1, "at": AT}
    with pytest.raises(Denied, match="自己的申请"):
        hand_over_step(**given, to_id=firm["third"].id, by=firm["deputy"])
    with pytest.raises(Invalid, match="没有填完整") as caught:
        hand_over_step(**given, to_id=firm["deputy"].id, by=firm["boss"])
    assert "申请人自己" in caught.value.fields["to_id"]


def test_beyond_the_last_ones_authority_it_climbs_to_somebody_who_may(firm):
    """The chief may agree to 2000; a rule that stops at the manager sends 300000 further up, or says that nobody may."""
    with acting_as(SYSTEM):
        boss = Role.objects.get(code="leader")
        edit_role(
            role_id=boss.pk, grants=boss.grants, matter_scope=boss.matter_scope, customer_scope=boss.customer_scope,
            approval_limit=Decimal(400000), expected_version=boss.version,
        )  # fmt: skip
    approval = ask(firm["agent"], "300000", kind="extension")
    assert ApprovalStep.unscoped.filter(approval=approval).count() == 1
    assert decide(approval, firm["chief"]).state == "pending"
    climbed = step_of(approval, 2)
    assert (climbed.rung, climbed.staff.username) == ("beyond", "boss")
    assert decide(approval, firm["boss"]).state == "approved"
    other = ask(firm["agent"], "500000", subject=2, kind="extension")
    with pytest.raises(Refused, match="没有限额更高的审批人"):
        decide(other, firm["chief"])
    assert Approval.unscoped.get(pk=other.pk).state == "pending"
    assert decide(other, firm["chief"], "rejected", "太多").state == "rejected"


def test_a_substitute_has_the_authority_of_the_one_they_stand_in_for(firm):
    approval = ask(firm["agent"], "4000")
    away(firm, "boss", "third")
    decide(approval, firm["chief"])
    assert decide(approval, firm["third"]).state == "approved", "third alone could agree to 2000"


@pytest.mark.parametrize("rows", [1, 3])
def test_stuck_costs_two_statements(firm, django_assert_num_queries, rows):
    for n in range(rows):
        ask(firm["deputy"], subject=n)
    away(firm, "chief", "deputy")
    with acting_as(firm["boss"]), django_assert_num_queries(2):
        assert len(list(queries.stuck())) == rows
