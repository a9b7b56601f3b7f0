"""Who somebody is: recognised only by what they proved, found by any fragment, never shown in plain without a reason."""

import contextlib
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinuo.customers import queries
from yinuo.customers.commands import (
    add_contact,
    add_identity,
    add_note,
    add_purchase,
    confirm_grade,
    create_customer,
    edit_customer,
    link_organisations,
    propose_grade,
    resolve_customer,
    reveal_field,
    verify_identity,
)
from yinuo.customers.models import ChannelIdentity, Customer, GradeChange
from yinuo.customers.rules import normal_email, normal_phone, reachable_phone
from yinuo.identity.commands import create_staff, create_unit, seed_roles
from yinuo.identity.queries import actor_for
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.errors import Denied, Invalid, Refused, Stale
from yinuo.kernel.models import AuditEntry

SYSTEM = Actor.system("test")
AT = datetime(2026, 11, 22, 4, tzinfo=UTC)


@pytest.fixture
def agent(db):
    with acting_as(SYSTEM):
        seed_roles()
        unit = create_unit(name="客服", code="desk", kind="desk", parent_id=None)
        staff = create_staff(username="a", name="小林", password="quiet-river-9", unit_id=unit.pk, role_codes=["agent"])
    actor = actor_for(staff)
    with acting_as(actor):
        yield actor


@pytest.mark.parametrize(
    ("raw", "normal"),
    [("138 1234 5678", "+8613812345678"), ("+86-138-1234-5678", "+8613812345678"), ("0531-88881234", "+8653188881234"),
     ("95588", "95588"), ("12315", "12315"), ("110", "110"), ("19900000001", "+8619900000001"),
     ("14112345678", "+8614112345678"), ("8613812345678", "+8613812345678"), ("0771-5708899", "+867715708899"),
     ("5708899", "+865708899"), ("87654321", "+8687654321"), ("400-123-4567", "+864001234567"),
     ("8008201234", "+868008201234"), ("+1 415 555 0123", "+14155550123"), ("+852 9123 4567", "+85291234567"),
     ("0771-12345", "+8677112345"), ("077112315", "+8677112315"), ("0771-96335", "+8677196335"),
     ("010-12345", "+861012345"), ("950131234567", "+86950131234567"), ("+86 12345", "+8612345")],
)  # fmt: skip
def test_phones_in_one_form(raw, normal) -> None:
    assert normal_phone(raw) == normal


@pytest.mark.parametrize(
    "raw",
    ["", "abc", "1", "+", "138123456781381234567813812345678", "１３八", "=1+1", "1397766554", "139776655444", "138123456",
     "+86 1381234567", "00000000000", "0000000", "1234567", "12345678", "077157088", "0771-12345678"],
)  # fmt: skip
def test_what_is_no_phone_is_refused(raw) -> None:
    with pytest.raises(Invalid):
        normal_phone(raw)


@pytest.mark.parametrize("raw", ["13812345678", "0771-5708899", "400-123-4567", "+1 415 555 0123"])
def test_from_anywhere_one_reaches_who_left_this(raw) -> None:
    assert reachable_phone(normal_phone(raw))


@pytest.mark.parametrize("raw", ["95588", "12315", "5708899", "87654321"])
def test_only_from_near_by_or_a_service(raw) -> None:
    assert not reachable_phone(normal_phone(raw))


@given(st.text(max_size=60))
def test_email_never_crashes(raw) -> None:
    with contextlib.suppress(Invalid):
        assert "@" in normal_email(raw)


def test_a_verified_phone_recognises_an_unverified_one_does_not(agent) -> None:
    known = create_customer(kind="person", name="王小明", identities=[("phone", "13812345678")], verified_how="agent")
    other = create_customer(kind="person", name="赵六", identities=[("phone", "13900000000")])
    with acting_as(SYSTEM):
        assert resolve_customer(name="自称老王", identities=[("phone", "+86 13812345678")]).pk == known.pk
        stranger = resolve_customer(name="冒充者", identities=[("phone", "13900000000")])
        assert stranger.pk != other.pk
        assert resolve_customer(name="赵六", identities=[("phone", "13900000000")]).pk == other.pk


def test_one_verified_owner_per_address(agent) -> None:
    create_customer(kind="person", name="甲", identities=[("email", "a@example.cn")], verified_how="agent")
    second = create_customer(kind="person", name="乙", identities=[("email", "A@example.cn")], verified_how="agent")
    identity = ChannelIdentity.objects.get(customer=second)
    assert identity.verified_at is None
    with acting_as(SYSTEM):
        assert verify_identity(identity_id=identity.pk, how="code").verified_at is None
    with pytest.raises(Refused):
        add_identity(customer_id=second.pk, kind="email", value="a@example.cn", verified_how="agent")


@pytest.mark.parametrize(
    "query", ["小明", "王小", "wxm", "wang", "5678", "13812345678", "138 1234 5678", "１３８１２３４５６７８", "历下"]
)
def test_any_fragment_finds(agent, query) -> None:
    made = create_customer(
        kind="person", name="王小明", identities=[("phone", "13812345678")], region="济南市历下区", verified_how="agent"
    )
    assert made in queries.find(query)


@pytest.mark.parametrize("query", ["", " ", "' OR 1=1 --", "a & !b | (c", "\\", "''", ":*", "\x00", "<->", "🦊" * 50])
def test_hostile_queries_find_nothing_and_break_nothing(agent, query) -> None:
    create_customer(kind="person", name="王小明")
    assert queries.find(query) == []


def test_duplicates_are_shown_on_entry(agent, django_assert_num_queries) -> None:
    made = create_customer(kind="person", name="王小明", identities=[("phone", "13812345678")])
    with django_assert_num_queries(2):
        found = queries.duplicates(name="别名", identities=[("phone", "13812345678"), ("email", "坏的")])
    assert [(d.customer.pk, d.by) for d in found] == [(made.pk, "phone")]


def test_a_stale_edit_loses_nothing(agent) -> None:
    made = create_customer(kind="person", name="王小明")
    edit_customer(customer_id=made.pk, expected_version=1, name="王大明")
    with pytest.raises(Stale) as problem:
        edit_customer(customer_id=made.pk, expected_version=1, name="王中明")
    assert problem.value.current.name == "王大明"


@pytest.mark.parametrize("field", [{"name": ""}, {"name": "\u200b"}, {"uscc": "123"}, {"source": "x"}, {"status": "x"}])
def test_bad_fields_say_which(agent, field) -> None:
    made = create_customer(kind="person", name="王小明")
    with pytest.raises(Invalid) as problem:
        edit_customer(customer_id=made.pk, expected_version=1, **field)
    assert set(problem.value.fields) == set(field)


def test_revealing_needs_a_reason_and_is_kept(agent) -> None:
    made = create_customer(kind="person", name="王小明", identities=[("phone", "13812345678")])
    with pytest.raises(Invalid):
        reveal_field(customer_id=made.pk, field="phone", reason=" ")
    assert reveal_field(customer_id=made.pk, field="phone", reason="回电确认地址") == ["+8613812345678"]
    entry = AuditEntry.unscoped.filter(command="customer.reveal").latest("id")
    assert entry.data == {"field": "phone", "reason": "回电确认地址"} and entry.actor_id == agent.id


def test_a_grade_is_proposed_by_one_and_confirmed_by_another(agent) -> None:
    made = create_customer(kind="person", name="王小明")
    change = propose_grade(customer_id=made.pk, grade="A", reason="年采购百万")
    with pytest.raises(Denied):
        confirm_grade(change_id=change.pk, agree=True)
    with acting_as(SYSTEM):
        confirm_grade(change_id=change.pk, agree=True)
        with pytest.raises(Refused):
            confirm_grade(change_id=change.pk, agree=True)
    assert Customer.objects.get(pk=made.pk).grade == "A"


def test_each_part_of_the_card_costs_one_statement(agent, django_assert_num_queries) -> None:
    for name in ("甲方", "乙方", "丙方"):
        made = create_customer(kind="person", name=name, identities=[("phone", "13812345678")])
        propose_grade(customer_id=made.pk, grade="A", reason="年采购百万")
    with django_assert_num_queries(1):
        found = queries.card(made.pk)
    (identity,), (step,) = found.identities, found.grade_changes
    assert (found.customer.name, identity.value, identity.verified) == ("丙方", "+8613812345678", False)
    assert (step.new_grade, step.proposed_by, step.confirmed_at) == ("A", agent.name, None)
    assert step.proposed_at == GradeChange.unscoped.get(pk=step.pk).proposed_at
    for part in (queries.ties_of, queries.dealings_of, queries.merges_of):
        with django_assert_num_queries(1):
            part(made.pk)


def test_ties_and_dealings_stand_in_their_order(agent) -> None:
    firm, works, above, below = (
        create_customer(kind="person" if name == "老周" else "organisation", name=name)
        for name in ("润达", "老周", "总部", "经销")
    )
    add_contact(organisation_id=firm.pk, person_id=works.pk, role="decision_maker", title="经理")
    link_organisations(parent_id=above.pk, child_id=firm.pk, kind="subsidiary")
    link_organisations(parent_id=firm.pk, child_id=below.pk, kind="distributor")
    found = queries.ties_of(firm.pk)
    told = [(what, tie.name, tie.label) for what, ties in found.items() for tie in ties]
    assert told == [("contact", "老周", "决策人"), ("above", "总部", "下属单位"), ("below", "经销", "经销商")]
    assert [tie.name for tie in queries.ties_of(works.pk)["position"]] == ["润达"]
    for day in (3, 5, 4):
        add_note(customer_id=firm.pk, with_whom="us", text=f"第 {day} 天", happened_on=date(2026, 11, day))
        add_purchase(customer_id=firm.pk, bought_on=date(2026, 10, day), what="机油", amount=Decimal(day))
    dealings = queries.dealings_of(firm.pk)
    assert [n.text for n in dealings["note"]] == ["第 5 天", "第 4 天", "第 3 天"]
    assert [(p.text, p.amount, p.author) for p in dealings["purchase"]] == [
        ("机油", Decimal(n), agent.name) for n in (5, 4, 3)
    ]
