"""Two files of one customer: nothing is lost, only proof opens anything, and for a month it can be taken back."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yinuo.channels.email.threads import takes_part
from yinuo.conversations.commands import add_interaction, open_conversation
from yinuo.conversations.models import Conversation, Interaction
from yinuo.customers.commands import (
    add_contact,
    add_identity,
    add_note,
    create_customer,
    edit_customer,
    gather_strays,
    link_organisations,
    merge_customers,
    propose_grade,
    resolve_customer,
    split_customers,
    verify_identity,
)
from yinuo.customers.models import ChannelIdentity, Customer, CustomerMerge
from yinuo.customers.queries import find, goes_over, likely_twice, mail_address, pointing, standing, suspects
from yinuo.customers.rules import FILLED_IN
from yinuo.identity.commands import create_staff, create_unit, seed_roles
from yinuo.identity.queries import actor_for
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.errors import Denied, Invalid, Missing, Refused, Stale
from yinuo.kernel.guard import permit_writes
from yinuo.kernel.models import AuditEntry
from yinuo.matters.models import Matter, TimelineEntry
from yinuo.matters.plain import finish_matter, raise_matter, register_contact
from yinuo.matters.queries import find as find_matters
from yinuo.promises.commands import make_personal_promise

SYSTEM = Actor.system("test")
AT = datetime(2026, 11, 22, 4, tzinfo=UTC)


@pytest.fixture
def desk(db):
    with acting_as(SYSTEM):
        seed_roles()
        unit = create_unit(name="客服", code="desk", kind="desk", parent_id=None)
        staff = {
            role: create_staff(username=role, name=role, password="quiet-river-9", unit_id=unit.pk, role_codes=[role])
            for role in ("agent", "supervisor")
        }
    with clock.frozen(AT):
        yield SimpleNamespace(unit=unit, agent=actor_for(staff["agent"]), boss=actor_for(staff["supervisor"]))


def customer(name="王小明", *identities, verified="agent", **values):
    with acting_as(SYSTEM):
        kind = values.pop("kind", "person")
        return create_customer(kind=kind, name=name, identities=identities, verified_how=verified, **values)


def busy(desk, row, word):
    """A conversation with a matter, a promise and a note."""
    with acting_as(desk.agent):
        talk = register_contact(channel="phone", text=f"{word}什么时候送到", customer_id=row.pk)
        matter = raise_matter(conversation_id=talk.pk, kind="enquiry", title=f"{word}送货")
        make_personal_promise(title=f"{word}回电", due_at=AT + timedelta(days=1), matter_id=matter.pk)
        add_note(customer_id=row.pk, with_whom="us", happened_on=AT.date(), text=f"{word}续约")
    return SimpleNamespace(talk=talk, matter=matter)


def holdings(row) -> Counter:
    return Counter({label: n for label, n in goes_over(row).items() if label != "customers.ChannelIdentity.customer"})


def merge(desk, survivor, absorbed, **more):
    with acting_as(desk.boss):
        return merge_customers(survivor_id=survivor.pk, absorbed_id=absorbed.pk, reason="回拨核实", **more)


def split(desk, row, reason="并错了"):
    with acting_as(desk.boss):
        return split_customers(merge_id=row.pk, reason=reason)


def test_everything_goes_over_and_the_old_file_says_where(desk) -> None:
    one = customer("王小明", ("phone", "13812345678"), region="江城")
    two = customer("王先生", ("phone", "13912345678"), industry="运输", status="existing", profile={"job": "司机"})
    busy(desk, one, "甲"), (second := busy(desk, two, "乙"))
    before = holdings(one) + holdings(two)
    merge(desk, one, two)
    one.refresh_from_db(), two.refresh_from_db()
    assert holdings(one) == before and not holdings(two)
    assert (two.merged_into_id, one.merged_into_id) == (one.pk, None)
    assert (one.region, one.industry, one.status, one.profile) == ("江城", "运输", "existing", {"job": "司机"})
    assert two.name == "王先生" and two.industry == "运输"
    entry = AuditEntry.unscoped.get(command="customer.merge")
    assert entry.data["absorbed"] == two.pk and entry.data["reason"] == "回拨核实"
    assert entry.data["moved"]["matters.Matter.customer"] == 1
    with acting_as(desk.agent):
        assert [c.pk for c in find("王先生")] == [one.pk]
        assert {c.pk for c in find("13912345678")} == {one.pk}
        assert second.matter in find_matters("王小明") and second.matter in find_matters("王先生")
    story = TimelineEntry.unscoped.get(matter=second.matter, kind="merged_customer")
    assert not story.public and "王先生" in story.text


def test_every_reference_to_a_customer_is_moved() -> None:
    """A new model with a customer goes over by itself; what stays is named."""
    from django.apps import apps

    refers = {
        f"{m._meta.label}.{f.name}" for m in apps.get_models() for f in m._meta.get_fields()
        if getattr(f, "concrete", False) and f.is_relation and f.related_model is Customer
    }  # fmt: skip
    stays = {"customers.Customer.merged_into", "customers.GradeChange.customer", "customers.CustomerMerge.survivor",
             "customers.CustomerMerge.absorbed"}  # fmt: skip
    assert {label for label, _m, _f in pointing()} == refers - stays


KINDS = st.sampled_from(["phone", "email"])
ADDRESS = st.tuples(KINDS, st.integers(0, 3), st.booleans())


def address(kind: str, n: int) -> tuple[str, str]:
    return (kind, f"+861381234567{n}" if kind == "phone" else f"c{n}@example.cn")


def identities(*rows) -> list[tuple]:
    found = ChannelIdentity.unscoped.filter(customer__in=rows).order_by("pk")
    return list(found.values_list("customer_id", "kind", "value", "active", "verified_at", "verified_how"))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(own=st.lists(ADDRESS, max_size=4), other=st.lists(ADDRESS, max_size=4), talks=st.integers(0, 2))
def test_no_address_is_lost_or_made_better_and_a_split_restores_all(desk, own, other, talks) -> None:
    with transaction.atomic():
        one, two = customer("甲"), customer("乙")
        for row, given_ in ((one, own), (two, other)):
            for kind, n, checked in given_:
                with acting_as(SYSTEM):
                    taken = ChannelIdentity.unscoped.filter(
                        value=address(kind, n)[1], verified_at__isnull=False
                    ).exists()
                    add_identity(
                        customer_id=row.pk, kind=kind, value=address(kind, n)[1],
                        verified_how="agent" if checked and not taken else "",
                    )  # fmt: skip
        for _n in range(talks):
            busy(desk, two, "乙")
        before, held = identities(one, two), holdings(two)
        standing_values = {(k, v) for _c, k, v, _a, _at, _h in before}
        proved = {(k, v) for _c, k, v, _a, verified, _h in before if verified}
        done = merge(desk, one, two)
        now = identities(one)
        assert {(k, v) for _c, k, v, active, _at, _h in now if active} == standing_values
        assert {(k, v) for _c, k, v, active, verified, _h in now if active and verified} == proved
        assert not [i for i in identities(two) if i[3]]
        split(desk, done)
        assert identities(one, two) == before
        assert holdings(two) == held and not holdings(one)
        transaction.set_rollback(True)


def test_what_was_proved_opens_the_survivor_and_nothing_else_does(desk) -> None:
    """A verified address of either takes part in both their threads; an unchecked one only in its own."""
    one = customer("王小明", ("email", "ming@example.cn"))
    two = customer("王先生", ("email", "xian@example.cn"))
    with acting_as(SYSTEM):
        add_identity(customer_id=two.pk, kind="email", value="stranger@example.cn")
        own = open_conversation(channel="email", customer_id=one.pk, subject="甲", unit_id=desk.unit.pk)
        other = open_conversation(channel="email", customer_id=two.pk, subject="乙", unit_id=desk.unit.pk)
    done = merge(desk, one, two)
    own, other = Conversation.unscoped.get(pk=own.pk), Conversation.unscoped.get(pk=other.pk)
    for talk in (own, other):
        assert takes_part(talk, "ming@example.cn") and takes_part(talk, "xian@example.cn")
        assert not takes_part(talk, "stranger@example.cn")
    with acting_as(desk.agent):
        for known in ("xian@example.cn", "ming@example.cn"):
            with acting_as(SYSTEM):
                assert resolve_customer(name="谁", identities=[("email", known)]).pk == one.pk
        with acting_as(SYSTEM):
            assert resolve_customer(name="谁", identities=[("email", "stranger@example.cn")]).pk not in (one.pk, two.pk)
    split(desk, done)
    own, other = Conversation.unscoped.get(pk=own.pk), Conversation.unscoped.get(pk=other.pk)
    assert not takes_part(own, "xian@example.cn") and not takes_part(other, "ming@example.cn")


def test_an_unchecked_address_is_not_written_to_about_the_others_cases(desk) -> None:
    for first, second in (((), (("email", "typed@example.cn"),)), ((("email", "typed2@example.cn"),), ())):
        one, two = customer("甲", *first, verified=""), customer("乙", *second, verified="")
        with acting_as(SYSTEM):
            typed = mail_address(one.pk) or mail_address(two.pk)
        done = merge(desk, one, two)
        with acting_as(SYSTEM):
            assert mail_address(one.pk) is None
        split(desk, done)
        with acting_as(SYSTEM):
            assert (mail_address(one.pk) or mail_address(two.pk)) == typed


def test_the_better_proof_of_the_same_address_survives(desk) -> None:
    one, two = customer("甲", ("phone", "13812345678"), verified=""), customer("乙", ("phone", "13812345678"))
    done = merge(desk, one, two)
    assert [(a, bool(v), h) for _c, _k, _v, a, v, h in identities(one)] == [(True, True, "agent")]
    split(desk, done)
    assert [bool(i[4]) for i in identities(one)] == [False]
    assert [bool(i[4]) for i in identities(two)] == [True]


def test_proved_after_the_merge_stays_proved(desk) -> None:
    one, two = customer("甲"), customer("乙", ("email", "b@example.cn"), verified="")
    done = merge(desk, one, two)
    with acting_as(SYSTEM):
        row = ChannelIdentity.unscoped.get(customer=one)
        assert verify_identity(identity_id=row.pk, how="agent").verified_at
        assert mail_address(one.pk).pk == row.pk
    split(desk, done)
    assert identities(two)[0][4] is not None


@pytest.mark.parametrize("case", ["itself", "merged", "into_merged", "kinds", "reason", "missing", "stale"])
def test_what_cannot_be_merged(desk, case) -> None:
    one, two, three = customer("甲"), customer("乙"), customer("丙")
    firm = customer("润达", kind="organisation")
    merge(desk, one, two)
    wrong, args = {
        "itself": (Refused, {"survivor_id": one.pk, "absorbed_id": one.pk}),
        "merged": (Refused, {"survivor_id": three.pk, "absorbed_id": two.pk}),
        "into_merged": (Refused, {"survivor_id": two.pk, "absorbed_id": three.pk}),
        "kinds": (Refused, {"survivor_id": firm.pk, "absorbed_id": three.pk}),
        "reason": (Invalid, {"survivor_id": one.pk, "absorbed_id": three.pk, "reason": " "}),
        "missing": (Missing, {"survivor_id": one.pk, "absorbed_id": 10**12}),
        "stale": (Stale, {"survivor_id": one.pk, "absorbed_id": three.pk, "expected_version": 1}),
    }[case]
    with acting_as(desk.boss), pytest.raises(wrong):
        merge_customers(**{"reason": "核实"} | args)
    with acting_as(desk.agent), pytest.raises(Denied):
        merge_customers(survivor_id=one.pk, absorbed_id=three.pk, reason="核实")
    assert CustomerMerge.unscoped.count() == 1


def test_a_merged_file_is_written_on_no_more_but_what_comes_for_it_arrives(desk) -> None:
    one, two = customer("甲"), customer("乙")
    merge(desk, one, two)
    with acting_as(desk.agent):
        for write in (
            lambda: edit_customer(customer_id=two.pk, expected_version=2, name="丁"),
            lambda: add_note(customer_id=two.pk, with_whom="us", happened_on=AT.date(), text="x"),
            lambda: propose_grade(customer_id=two.pk, grade="A", reason="x"),
        ):
            with pytest.raises(Refused, match="已并入“甲”"):
                write()
        assert register_contact(channel="phone", text="又来电", customer_id=two.pk).customer_id == one.pk
        promise = make_personal_promise(title="回电", due_at=AT + timedelta(days=1), customer_id=two.pk)
        assert promise.customer_id == one.pk
        assert standing(two.pk).pk == one.pk


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


def test_contacts_and_links_that_say_the_same_do_not_collide(desk) -> None:
    firm, twin = customer("润达", kind="organisation"), customer("润达汽修", kind="organisation")
    qian, mother = customer("钱"), customer("集团", kind="organisation")
    with acting_as(desk.agent):
        for org in (firm, twin):
            add_contact(organisation_id=org.pk, person_id=qian.pk, role="payer")
            link_organisations(parent_id=mother.pk, child_id=org.pk, kind="subsidiary")
        add_contact(organisation_id=twin.pk, person_id=qian.pk, role="user")
        link_organisations(parent_id=firm.pk, child_id=twin.pk, kind="subsidiary")
    done = merge(desk, firm, twin)
    assert sorted(firm.contacts(manager="unscoped").values_list("role", flat=True)) == ["payer", "user"]
    assert firm.links_up(manager="unscoped").count() == 1
    assert not firm.links_up(manager="unscoped").filter(parent=firm).exists()
    split(desk, done)
    assert sorted(twin.contacts(manager="unscoped").values_list("role", flat=True)) == ["payer", "user"]
    assert twin.links_up(manager="unscoped").count() == 2


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


def test_both_rows_are_locked_in_the_order_of_their_ids(desk, django_assert_num_queries) -> None:
    one, two = customer("甲"), customer("乙")
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as seen:
        merge(desk, two, one)
    locks = [q["sql"] for q in seen if "FOR NO KEY UPDATE" in q["sql"]]
    assert 'ORDER BY "customers_customer"."id" ASC FOR NO KEY UPDATE' in locks[0]


def test_who_may_be_twice(desk) -> None:
    one = customer("王小明", ("phone", "13812345678"))
    two = customer("王先生", ("phone", "13812345678"), verified="")
    customer("别人", ("phone", "13712345678"))
    with acting_as(desk.boss):
        assert [d.customer.pk for d in suspects(two)] == [one.pk]
        assert {row.customer_id for row in likely_twice()} == {one.pk, two.pk}
        merge_customers(survivor_id=one.pk, absorbed_id=two.pk, reason="核实")
        assert likely_twice() == [] and suspects(one) == []


def test_closed_matters_are_not_written_on(desk) -> None:
    one, two = customer("甲"), customer("乙")
    held = busy(desk, two, "乙")
    with acting_as(desk.agent):
        finish_matter(matter_id=held.matter.pk, result="已送到", expected_version=held.matter.version)
    merge(desk, one, two)
    assert not TimelineEntry.unscoped.filter(kind="merged_customer").exists()
    assert set(FILLED_IN) >= {"grade", "owner_id"}


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
