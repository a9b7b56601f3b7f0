from datetime import timedelta
from types import SimpleNamespace

import pytest

from yinuo.customers.commands import edit_customer
from yinuo.kernel.actor import acting_as
from yinuo.kernel.clock import CST
from yinuo.kernel.errors import Denied, Invalid, Missing
from yinuo.matters.models import TimelineEntry
from yinuo.promises.commands import load_pack, make_personal_promise, make_promises, save_standard
from yinuo.promises.models import Promise, Standard
from yinuo.promises.tests.conftest import START, inside, open_complaint


def made(desk: SimpleNamespace, trigger: str = "complaint.received", **facts: object) -> dict[str, Promise]:
    matter_id = facts.pop("matter_id", desk.matter.pk)
    rows = inside(desk, make_promises, trigger=trigger, matter_id=matter_id, facts=facts)
    return {p.obligation: p for p in rows}


def test_a_complaint_makes_the_promises_the_loaded_packs_ask_for(desk: SimpleNamespace) -> None:
    assert made(desk) == {}
    load_pack(name="common")
    load_pack(name="bank")
    promises = made(desk)
    assert set(promises) == {"interim_reply", "settlement", "acknowledgement"}
    interim = promises["interim_reply"]
    assert f"{interim.due_at.astimezone(CST):%m-%d %H:%M}" == "03-05 18:00"
    assert interim.explanation == "3 个工作日，自 3月2日 10:00 起 → 3月5日 18:00"
    assert (interim.owner_id, interim.unit_id) == (desk.staff["handler"].pk, desk.unit.pk)
    assert f"{promises['settlement'].due_at.astimezone(CST):%m-%d %H:%M}" == "03-17 18:00"
    line = TimelineEntry.unscoped.get(matter=desk.matter, kind="promise_made")
    assert "投诉阶段答复" in line.text and "投诉办结" in line.text
    assert made(desk) == {}, "an obligation already open is not made twice"


def test_the_most_specific_standard_counts_and_units_narrow_a_pack(desk: SimpleNamespace) -> None:
    load_pack(name="lubricant", unit_codes=["store"])
    assert made(desk) == {}
    load_pack(name="bank", unit_codes=["hq"])
    assert set(made(desk)) == {"settlement", "acknowledgement"}


def test_a_standard_may_hold_for_one_region_only(desk: SimpleNamespace) -> None:
    load_pack(name="common")
    standard = Standard.objects.get(key="common.interim-reply")
    faster = {**standard.data, "key": "nanjing.interim-reply", "amount": "1", "conditions": {"region": ["江苏南京"]}}
    save_standard(data=faster)
    assert made(desk)["interim_reply"].amount == 3
    with acting_as(desk.system):
        edit_customer(customer_id=desk.customer.pk, expected_version=desk.customer.version, region="江苏南京")
    other = open_complaint(desk)
    assert made(desk, matter_id=other.pk)["interim_reply"].amount == 1


def test_an_agreed_date_counts_from_that_date(desk: SimpleNamespace) -> None:
    load_pack(name="lubricant")
    promise = made(desk, "delivery.agreed", agreed_on="2026-03-20", amount="1200")["delivery"]
    assert f"{promise.due_at.astimezone(CST):%m-%d %H:%M}" == "03-20 18:00"
    assert str(promise.at_stake) == "1200"
    assert made(desk, "delivery.agreed") == {}


def test_a_year_without_holidays_is_marked_on_the_promise(desk: SimpleNamespace) -> None:
    load_pack(name="common")
    late_in_2026 = START.replace(month=12, day=30)
    rows = inside(desk, make_promises, trigger="complaint.received", matter_id=desk.matter.pk, at=late_in_2026)
    assert rows[0].provisional
    assert "2027 年节假日尚未公布" in rows[0].explanation


def test_a_personal_promise_is_one_call(desk: SimpleNamespace) -> None:
    load_pack(name="common")
    with acting_as(desk.handler):
        promise = make_personal_promise(
            title="周二下午给您回电", due_at=START + timedelta(days=1), matter_id=desk.matter.pk
        )
    assert promise.owner_id == desk.staff["handler"].pk
    assert promise.customer_id == desk.customer.pk
    assert promise.explanation == "与客户约定 → 3月3日 10:00"
    assert promise.wakes_at is not None and promise.wakes_at < promise.due_at


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": ""}, "title"), ({"title": "\u200b\u202e"}, "title"), ({"due_at": START}, "due_at"),
        ({"due_at": START - timedelta(days=1)}, "due_at"), ({"due_at": START + timedelta(days=4000)}, "due_at"),
        ({"matter_id": None}, "customer_id"), ({"owner_id": 999_999}, "owner_id"),
    ],
)  # fmt: skip
def test_a_bad_personal_promise_says_what_is_wrong(desk: SimpleNamespace, given: dict[str, object], field: str) -> None:
    good = {"title": "回电", "due_at": START + timedelta(hours=4), "matter_id": desk.matter.pk}
    with acting_as(desk.handler), pytest.raises(Invalid) as caught:
        make_personal_promise(**{**good, **given})
    assert field in caught.value.fields
    assert not Promise.unscoped.exists()


def test_nobody_promises_on_a_matter_they_cannot_see(desk: SimpleNamespace) -> None:
    with acting_as(desk.keeper), pytest.raises(Missing):
        make_personal_promise(title="回电", due_at=START + timedelta(hours=4), matter_id=desk.matter.pk)
    with acting_as(desk.handler), pytest.raises(Denied):
        load_pack(name="common")
