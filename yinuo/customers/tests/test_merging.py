"""Two files of one customer become one: nothing is lost, and the old file says where."""

from datetime import timedelta

import pytest
from django.db import connection

from yinuo.customers.commands import (
    add_contact,
    add_note,
    edit_customer,
    link_organisations,
    merge_customers,
    propose_grade,
)
from yinuo.customers.models import Customer, CustomerMerge
from yinuo.customers.queries import find, likely_twice, pointing, standing, suspects
from yinuo.customers.rules import FILLED_IN
from yinuo.customers.tests.merging import AT, busy, customer, holdings, merge, split
from yinuo.kernel.actor import acting_as
from yinuo.kernel.errors import Denied, Invalid, Missing, Refused, Stale
from yinuo.kernel.models import AuditEntry
from yinuo.matters.models import TimelineEntry
from yinuo.matters.plain import finish_matter, register_contact
from yinuo.matters.queries import find as find_matters
from yinuo.promises.commands import make_personal_promise


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


def test_both_rows_are_locked_in_the_order_of_their_ids(desk, django_assert_num_queries) -> None:
    one, two = customer("甲"), customer("乙")
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as seen:
        merge(desk, two, one)
    locks = [q["sql"] for q in seen if "FOR NO KEY UPDATE" in str(q["sql"])]
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
