"""What every matter shares: numbers, one timeline, tasks with proof, drafts, and who may change what."""

from datetime import UTC, datetime

import pytest

from tests.worlds import world
from yinuo.conversations.commands import upload_attachment
from yinuo.conversations.models import Conversation
from yinuo.customers.commands import create_customer
from yinuo.identity.commands import create_staff, create_unit, seed_roles
from yinuo.identity.queries import actor_for
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.errors import Invalid, Missing, Refused, Stale
from yinuo.kernel.work import working
from yinuo.matters import queries
from yinuo.matters.commands import (
    add_note,
    assign_matter,
    cancel_task,
    complete_task,
    create_task,
    open_matter,
    save_draft,
)
from yinuo.matters.models import Draft, Matter, Task
from yinuo.matters.plain import raise_matter, register_contact

AT = datetime(2026, 11, 22, 17, tzinfo=UTC)  # already the 23rd in China
SYSTEM = Actor.system("test")


@world
def desk():
    with acting_as(SYSTEM):
        seed_roles()
        top = create_unit(name="公司", code="top", kind="company", parent_id=None)
        service = create_unit(name="客服", code="desk", kind="desk", parent_id=top.pk)
        money = create_unit(name="财务", code="money", kind="department", parent_id=top.pk)
        store = create_unit(name="仓储", code="store", kind="department", parent_id=top.pk)
        people = {
            name: create_staff(username=name, name=name, password="quiet-river-9", unit_id=unit.pk, role_codes=[role])
            for name, unit, role in (
                ("agent", service, "agent"), ("other", service, "agent"), ("chief", service, "supervisor"),
                ("keeper", store, "warehouse"), ("clerk", money, "finance"),
            )
        }  # fmt: skip
        customer = create_customer(kind="person", name="王小明")
    actors = {name: actor_for(staff) for name, staff in people.items()}
    actors["store"] = store.pk
    with acting_as(actors["agent"]), permit_writes("test"), working() as work, work.frame("test"):
        actors["matter"] = open_matter(
            kind="complaint", title="机油渗漏", customer=customer, state="received", owner_id=people["agent"].pk,
            by=actors["agent"], at=AT,
        )  # fmt: skip
    return actors


def test_the_number_carries_the_day_in_china(desk) -> None:
    assert desk["matter"].number.startswith("TS261123-")


@pytest.mark.parametrize("query", ["渗漏", "小明", "wxm", "TS261123", ""])
def test_a_matter_is_found_by_title_customer_and_number(desk, query) -> None:
    with acting_as(desk["agent"]):
        assert queries.find(query or desk["matter"].number.rpartition("-")[2]) == [desk["matter"]]


def test_taking_is_free_giving_needs_a_grant(desk) -> None:
    with acting_as(desk["other"]):
        with pytest.raises(Refused):
            assign_matter(matter_id=desk["matter"].pk, owner_id=desk["chief"].id, expected_version=1)
        assign_matter(matter_id=desk["matter"].pk, owner_id=desk["other"].id, expected_version=1)
    with acting_as(desk["chief"]):
        with pytest.raises(Stale) as problem:
            assign_matter(matter_id=desk["matter"].pk, owner_id=desk["agent"].id, expected_version=1)
        assert problem.value.current.owner_id == desk["other"].id
        assign_matter(matter_id=desk["matter"].pk, owner_id=desk["agent"].id, expected_version=2)
        assert [e.kind for e in queries.timeline(desk["matter"].pk)] == ["assigned", "assigned"]


def test_a_task_is_done_by_its_department_with_proof(desk) -> None:
    with acting_as(desk["agent"]):
        task = create_task(matter_id=desk["matter"].pk, title="补寄三桶", unit_id=desk["store"])
    with acting_as(desk["clerk"]), pytest.raises(Missing):
        complete_task(task_id=task.pk, result="代办")
    with acting_as(desk["keeper"]):
        upload_attachment(file=b"%PDF-1.4 receipt", name="签收单.pdf", upload_key="k1")
        with pytest.raises(Invalid) as problem:
            complete_task(task_id=task.pk, result="  ", upload_key="k1")
        assert "result" in problem.value.fields
        done = complete_task(task_id=task.pk, result="已发顺丰", upload_key="k1", expected_version=1)
        assert [f.name for f in done.proof.attachments(manager="unscoped").all()] == ["签收单.pdf"]
        with pytest.raises((Refused, Stale)):
            complete_task(task_id=task.pk, result="再来一次")
    with acting_as(desk["agent"]):
        entry = queries.timeline(desk["matter"].pk)[0]
        assert (entry.kind, [f.name for f in entry.interaction.files]) == ("task_done", ["签收单.pdf"])


def test_a_department_sees_the_matter_only_while_it_has_a_task_in_it(desk) -> None:
    with acting_as(desk["keeper"]):
        assert not Matter.objects.exists()
        with pytest.raises(Missing):
            add_note_as(desk["keeper"], desk["matter"].pk)
    with acting_as(desk["agent"]):
        create_task(matter_id=desk["matter"].pk, title="补寄三桶", unit_id=desk["store"])
    with acting_as(desk["keeper"]):
        assert Matter.objects.count() == 1


def add_note_as(actor, matter_id):
    from dataclasses import replace

    return add_note(matter_id=matter_id, text="x", by=replace(actor, grants=actor.grants | {"matter.handle"}))


def test_money_is_paid_with_proof_or_with_the_reason_why_there_is_none(desk) -> None:
    with acting_as(desk["agent"]):
        first, second, third = (
            create_task(matter_id=desk["matter"].pk, title="付款", kind=kind, unit_id=desk["store"])
            for kind in ("refund", "money", "payment")
        )
    with acting_as(desk["keeper"]):
        for key in ("", "nothing-under-it"):
            with pytest.raises(Invalid) as problem:
                complete_task(task_id=first.pk, result="已转账", upload_key=key)
            assert set(problem.value.fields) == {"no_proof"}
        done = complete_task(task_id=first.pk, result="已转账", no_proof="现金当面付清")
        assert done.result == "已转账\n无凭证，原因：现金当面付清" == done.proof.text
        upload_attachment(file=b"%PDF-1.4 receipt", name="回单.pdf", upload_key="k2")
        assert complete_task(task_id=second.pk, result="已转账", upload_key="k2").result == "已转账"
        with pytest.raises(Invalid):
            complete_task(task_id=third.pk, result="已转账", upload_key="k2")  # that file proves another payment


@pytest.mark.parametrize("wrong", [{"title": "", "unit_id": 1}, {"title": "x"}, {"title": "\u200b", "unit_id": 1}])
def test_an_incomplete_task_says_what_is_missing(desk, wrong) -> None:
    with acting_as(desk["agent"]), pytest.raises(Invalid) as problem:
        create_task(matter_id=desk["matter"].pk, **wrong)
    assert problem.value.fields


def test_a_cancelled_task_says_why_and_stays(desk) -> None:
    with acting_as(desk["agent"]):
        task = create_task(matter_id=desk["matter"].pk, title="补寄三桶", unit_id=desk["store"])
        with pytest.raises(Invalid):
            cancel_task(task_id=task.pk, reason="")
        cancel_task(task_id=task.pk, reason="客户改为退款")
    assert Task.unscoped.get().state == "canceled"


@pytest.mark.parametrize("rows", [1, 3])
def test_a_timeline_costs_one_statement(desk, rows, django_assert_num_queries) -> None:
    with acting_as(desk["agent"]):
        for n in range(rows):
            add_note(matter_id=desk["matter"].pk, text=f"第 {n} 条")
        with django_assert_num_queries(1):
            assert len(queries.timeline(desk["matter"].pk)) == rows


def test_a_draft_is_seen_by_nobody_else(desk) -> None:
    with acting_as(desk["agent"]):
        save_draft(key="complaint-new", data={"content": "写了一半"})
        assert queries.draft("complaint-new") == {"content": "写了一半"}
        with pytest.raises(Invalid):
            save_draft(key="complaint-new", data={"content": "长" * 300_000})
        assert queries.draft("complaint-new") == {"content": "写了一半"}
    with acting_as(desk["chief"]):
        assert queries.draft("complaint-new") == {}
        assert not Draft.objects.exists()


def test_a_file_is_reached_only_through_its_matter(desk) -> None:
    with acting_as(desk["agent"]):
        upload_attachment(file=b"%PDF-1.4 x", name="a.pdf", upload_key="k2")
        entry = add_note(matter_id=desk["matter"].pk, text="见附件", upload_key="k2")
        file = entry.interaction.attachments(manager="unscoped").get()
        assert queries.attachment_on(desk["matter"].pk, file.pk) == file
        assert queries.attachment_on(desk["matter"].pk + 1, file.pk) is None
    with acting_as(desk["clerk"]):
        assert queries.attachment_on(desk["matter"].pk, file.pk) is None


def test_the_thread_goes_along_to_the_new_owner(desk):
    with acting_as(desk["agent"]):
        talk = register_contact(channel="phone", text="问保修期", name="孙丽", phone="13900001111")
        matter = raise_matter(conversation_id=talk.pk, kind="enquiry", title="保修期")
    with acting_as(desk["clerk"]):
        assert not Conversation.objects.filter(pk=talk.pk).exists()
    with acting_as(desk["chief"]):
        assign_matter(matter_id=matter.pk, owner_id=desk["clerk"].id, expected_version=1)
    with acting_as(desk["clerk"]):
        assert Conversation.objects.get(pk=talk.pk).owner_id == desk["clerk"].id
