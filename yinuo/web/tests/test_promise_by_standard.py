"""Promises the product cannot see by itself (a delivery agreed, a payment, a sample) are made by their standard, by hand;
late ones cost what the standard says, by the road of every compensation.
"""

from datetime import timedelta

import pytest

from yinuo.approvals.models import Approval
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.promises.commands import load_pack
from yinuo.promises.models import Compensation, Promise
from yinuo.web.tests.conftest import SYSTEM, make_customer


@pytest.fixture
def customer(company):
    with acting_as(SYSTEM):
        load_pack(name="lubricant")
        load_pack(name="common")
        load_pack(name="property")
    return make_customer()


def test_a_delivery_agreed_and_late_goes_to_approval_for_each_day(sign_in, company, customer) -> None:
    agent = sign_in("agent")
    assert f"/promises/new/?customer={customer.pk}" in agent.get(f"/customers/{customer.pk}/").content.decode()
    assert "按标准记" in agent.get(f"/promises/new/?customer={customer.pk}").content.decode()
    address = f"/promises/by-standard/?customer={customer.pk}"
    page = agent.get(address).content.decode()
    assert "按约定日期供货" in page and "款到发货（2 天）" in page
    assert "投诉阶段答复" not in page, "the product makes these itself"
    day = (clock.now() + timedelta(days=2)).astimezone(clock.CST).date()
    sent = {"standard": "lubricant.delivery", "what": "5W-30 二十桶", "agreed_on": str(day), "once": "d1"}
    for _twice in range(2):
        assert agent.post(address, sent).status_code == 303
    promise = Promise.unscoped.get(obligation="delivery")
    assert (promise.title, promise.customer_id) == ("按约定日期供货：5W-30 二十桶", customer.pk)
    assert f"{promise.due_at.astimezone(clock.CST):%Y-%m-%d %H:%M}" == f"{day} 18:00"
    with clock.frozen(promise.due_at + timedelta(days=1, hours=2)):
        sent = {"text": "已送达", "version": promise.version}
        assert agent.post(f"/promises/{promise.pk}/keep/", sent).status_code == 303
    cost = Compensation.unscoped.get(promise=promise)
    assert (cost.late_days, str(cost.amount), Approval.unscoped.get().kind) == (2, "100.00", "compensation")


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        ({"standard": "lubricant.delivery"}, "agreed_on", "请填写与客户约定的日期"),
        ({"standard": "lubricant.delivery", "agreed_on": "2020-01-01"}, "agreed_on", "已经过去"),
        ({"standard": "lubricant.delivery", "agreed_on": "2026-02-30"}, "agreed_on", "真实存在"),
        ({"standard": "lubricant.delivery", "agreed_on": "9999-12-31"}, "agreed_on", "太远"),
        ({"standard": "common.interim-reply"}, "standard", "这个选项已经不在了"),
        ({"standard": "lubricant.shipment", "amount": "-1"}, "amount", ""),
    ],
)
def test_what_is_wrong_stands_beside_its_field(sign_in, company, customer, given, field, says) -> None:
    answer = sign_in("agent").post(f"/promises/by-standard/?customer={customer.pk}", given)
    page = answer.content.decode()
    assert answer.status_code == 422 and f"id_{field}-wrong" in page and says in page
    assert not Promise.unscoped.exists()


def test_the_same_is_not_owed_twice_and_somebody_must_be_owed_it(sign_in, company, customer) -> None:
    agent = sign_in("agent")
    address, sent = f"/promises/by-standard/?customer={customer.pk}", {"standard": "lubricant.oil-sample"}
    assert agent.post(address, sent).status_code == 303
    again = agent.post(address, sent)
    assert again.status_code == 409 and "已经在履行" in again.content.decode()
    assert "请从客户卡片" in agent.post("/promises/by-standard/", sent).content.decode()
    assert Promise.unscoped.count() == 1


def test_a_follow_up_is_planned_done_and_planned_again_never_too_soon(sign_in, company, customer) -> None:
    agent, address = sign_in("agent"), f"/promises/by-standard/?customer={customer.pk}"
    assert "客户跟进（至少间隔 3 天）" in agent.get(address).content.decode()
    day = clock.now().astimezone(clock.CST).date()
    sent = {"standard": "property.follow-up-gap", "agreed_on": str(day), "once": "f1"}
    assert agent.post(address, sent).status_code == 303
    promise = Promise.unscoped.get(obligation="follow_up")
    page = agent.get(f"/promises/{promise.pk}/").content.decode()
    assert "登记这次，约下一次" in page and "登记履行" not in page
    done = {"text": "电话介绍", "version": promise.version, "next_on": str(day + timedelta(days=2))}
    refused = agent.post(f"/promises/{promise.pk}/follow-up/", done)
    assert refused.status_code == 409 and "起才可以再做" in refused.content.decode()
    done |= {"next_on": str(day + timedelta(days=3))}
    assert agent.post(f"/promises/{promise.pk}/follow-up/", done).status_code == 303
    following = Promise.unscoped.get(obligation="follow_up", outstanding=True)
    assert following.due_at.astimezone(clock.CST).date() == day + timedelta(days=3)
    assert "至少间隔 3 天，" in agent.get(address).content.decode(), "from when on stands in the list"
