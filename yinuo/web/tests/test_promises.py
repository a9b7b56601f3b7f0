"""The promise board, one promise, and promising something oneself, as a person uses them."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest

from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.matters.commands import create_task
from yinuo.promises.commands import announce_due, load_pack, make_personal_promise, make_promises, pause_promise
from yinuo.promises.models import Promise, PromiseChange
from yinuo.promises.tests.conftest import inside
from yinuo.web.tests.conftest import SYSTEM, make_case, make_customer


def call_back(company, hours: float, customer=None, who: str = "agent", **about) -> Promise:
    about = about or {"customer_id": (customer or make_customer(f"客户{hours}", f"139{int(hours * 100):08d}")).pk}
    with acting_as(company.actor(who)):
        return make_personal_promise(title="周二下午回电", due_at=clock.now() + timedelta(hours=hours), **about)


@pytest.mark.parametrize("rows", [1, 3])
def test_statements(sign_in, company, django_assert_num_queries, rows: int) -> None:
    client = sign_in("boss")
    with acting_as(SYSTEM):
        load_pack(name="common")
    made = [call_back(company, hours + 1) for hours in range(rows)]
    pages = {
        "/promises/": 7, "/promises/rate/": 4, "/promises/rates/": 5, "/promises/settled/": 5, f"/promises/{made[0].pk}/": 6,
        f"/promises/{made[0].pk}/keep/": 4, "/settings/standards/": 5, "/settings/standards/common.interim-reply/": 5,
        "/settings/standards/common.interim-reply/edit/": 5, "/settings/packs/": 5, "/settings/calendars/": 7,
        "/settings/calendars/paste/": 5,
    }  # fmt: skip
    for address in pages:
        client.get(address)  # what a process reads once
    for address, number in pages.items():
        with django_assert_num_queries(number, info=address):
            assert client.get(address).status_code == 200, address


def test_the_board_shows_each_group_and_what_is_behind_a_rate(sign_in, company) -> None:
    for hours in (0.1, 3, 50):
        call_back(company, hours)
    with clock.frozen(clock.now() + timedelta(hours=1)), acting_as(SYSTEM):
        announce_due()
    client = sign_in("boss")
    with clock.frozen(clock.now() + timedelta(hours=1)):
        page = client.get("/promises/").content.decode()
        assert re.search(r"已违约</span><span class=\"y-stat-value\">1<", page)
        assert client.get("/promises/?group=broken").content.decode().count("data-href=") == 1
    assert client.get("/promises/?group=later&owner=nonsense&unit=%00").status_code == 200
    with clock.frozen(clock.now() + timedelta(hours=2)):
        rates = client.get("/promises/rates/?by=owner&days=7").content.decode()
        assert "林晓雯" in rates and "0.0%" in rates
        assert 'data-label="违约">1<' in rates, "a phone shows no heads of columns"
        behind = client.get(f"/promises/settled/?owner={company.staff['agent'].pk}&days=7").content.decode()
        assert behind.count("data-href=") == 1
    for bad in ("?by=salary&days=-1", "?by=&days=x", "?days=99999999999999999999"):
        assert client.get("/promises/rates/" + bad).status_code == 200


def test_a_promise_explains_itself_and_offers_what_fits(sign_in, company) -> None:
    case = make_case(company, 1)
    with acting_as(SYSTEM):
        load_pack(name="common")
    with acting_as(company.actor("super")):
        create_task(matter_id=case.matter.pk, title="寄样品", unit_id=company.store.pk)
    task = Promise.unscoped.get(task__title="寄样品")
    page = sign_in("stock").get(f"/promises/{task.pk}/").content.decode()
    assert task.explanation in page and "3 个工作日，自" in page
    assert "登记履行" in page and "申请豁免" in page
    assert "申请延期" not in page and "登记阶段答复" not in page
    other = call_back(company, 5)
    assert sign_in("stock").get(f"/promises/{other.pk}/").status_code == 404


def test_keeping_says_how_and_twice_is_once(sign_in, company) -> None:
    promise = call_back(company, 5)
    client = sign_in("agent")
    address = f"/promises/{promise.pk}/keep/"
    empty = client.post(address, {"text": "", "version": promise.version})
    assert empty.status_code == 422 and "id_text-wrong" in empty.content.decode()
    stale = client.post(address, {"text": "已回电", "version": 99})
    assert stale.status_code == 409
    for _n in range(2):
        done = client.post(address, {"text": "已回电", "version": promise.version, "once": "keep-1"})
        assert done.status_code == 303
    promise.refresh_from_db()
    assert promise.state == "kept"
    late = client.post(address, {"text": "再来", "version": promise.version})
    assert late.status_code == 409 and "已履行" in late.content.decode()
    drawer = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in drawer and 'hx-target="#drawer-body"' in drawer


def test_a_new_promise_needs_a_customer_and_a_time_ahead(sign_in, company) -> None:
    client, customer = sign_in("agent"), make_customer()
    assert "请从客户卡片" in client.get("/promises/new/").content.decode()
    address = f"/promises/new/?customer={customer.pk}"
    past = client.post(address, {"title": "回电", "due_at": "2020-01-01T10:00"})
    assert (
        past.status_code == 422 and "时间已经过去" in past.content.decode() and 'value="回电"' in past.content.decode()
    )
    impossible = client.post(address, {"title": "回电", "due_at": "2026-02-31T10:00"})
    assert impossible.status_code == 422 and "真实存在" in impossible.content.decode()
    soon = (clock.now() + timedelta(days=1)).astimezone(clock.CST)
    assert client.post(address, {"title": "回电", "due_at": f"{soon:%Y-%m-%dT%H:%M}"}).status_code == 303
    assert client.get("/promises/new/?customer=99999999").status_code == 404
    assert client.get("/promises/new/?matter=1%27%20or%201").status_code == 200


def test_what_a_reply_promised_is_one_click(sign_in, company) -> None:
    from yinuo.conversations.commands import queue_reply

    case = make_case(company, 1)
    with acting_as(company.actor("agent")):
        queue_reply(conversation_id=case.conversation.pk, text="您好，已收到。明天下午给您回电。")
    client = sign_in("agent")
    address = f"/promises/spoken/?matter={case.matter.pk}"
    page = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "您刚才答应了“明天下午给您回电”" in page
    fields = dict(re.findall(r'name="(title|due_at|once)" value="([^"]*)"', page))
    for _n in range(2):
        after = client.post(address, fields, headers={"HX-Request": "true"})
        assert after.status_code == 200 and "您刚才答应了" not in after.content.decode()
    promise = Promise.unscoped.get(obligation="personal")
    assert promise.matter_id == case.matter.pk
    assert f"{promise.due_at.astimezone(clock.CST):%H:%M}" == "18:00"
    assert (
        client.post(address, {**fields, "due_at": "x", "once": "y"}, headers={"HX-Request": "true"}).status_code == 422
    )


def agreed_extension(client, company, promise, later) -> PromiseChange:
    from yinuo.approvals.commands import decide_approval
    from yinuo.approvals.models import Approval, ApprovalStep

    sent = client.post(
        f"/promises/{promise.pk}/extend/",
        {"reason": "出差", "due_at": f"{later:%Y-%m-%dT%H:%M}", "version": promise.version},
    )
    assert sent.status_code == 303
    approval = Approval.unscoped.get()
    step = ApprovalStep.unscoped.get(approval=approval)
    name = next(n for n, s in company.staff.items() if s.pk == step.staff_id)
    with acting_as(company.actor(name)):
        decide_approval(approval_id=approval.pk, decision="approved", expected_version=approval.version)
    return PromiseChange.unscoped.get()


def test_an_extension_from_request_to_told(sign_in, company) -> None:
    promise, client = call_back(company, 30), sign_in("agent")
    later = (clock.now() + timedelta(days=3)).astimezone(clock.CST)
    change = agreed_extension(client, company, promise, later)
    assert change.state == "approved"
    page = client.get(f"/promises/{promise.pk}/").content.decode()
    assert "客户还不知道" in page
    told = client.post(f"/promises/changes/{change.pk}/tell/", {"how": "电话告知"}, follow=True)
    assert "新时限已生效" in told.content.decode()
    promise.refresh_from_db()
    assert f"{promise.due_at.astimezone(clock.CST):%m-%d %H:%M}" == f"{later:%m-%d %H:%M}"


def test_an_extension_told_too_late_says_so(sign_in, company) -> None:
    promise, client = call_back(company, 30), sign_in("agent")
    change = agreed_extension(client, company, promise, (clock.now() + timedelta(days=3)).astimezone(clock.CST))
    with clock.frozen(promise.due_at + timedelta(minutes=1)):
        told = client.post(f"/promises/changes/{change.pk}/tell/", {"how": "电话告知"}, follow=True).content.decode()
    assert "延期未生效，原因见这项承诺的记录" in told and "新时限已生效" not in told


def test_a_paused_promise_shows_what_is_left(sign_in, company) -> None:
    case = make_case(company, 1)
    with acting_as(SYSTEM):
        load_pack(name="bank")
    inside(SimpleNamespace(system=SYSTEM), make_promises, trigger="complaint.received", matter_id=case.matter.pk)
    settlement = Promise.unscoped.get(obligation="settlement")
    with acting_as(company.actor("agent")):
        pause_promise(promise_id=settlement.pk, reason="等单据")
    page = sign_in("agent").get(f"/promises/{settlement.pk}/").content.decode()
    assert "15 天" in page and "恢复计时" in page
    assert sign_in("agent").post(f"/promises/{settlement.pk}/resume/").status_code == 303


def test_what_the_product_did_is_not_signed_with_an_inner_name(sign_in, company) -> None:
    case = make_case(company, 1)
    with acting_as(SYSTEM):
        load_pack(name="common")
    inside(SimpleNamespace(system=SYSTEM), make_promises, trigger="complaint.received", matter_id=case.matter.pk)
    promise = Promise.unscoped.get(obligation="interim_reply")
    with clock.frozen(promise.due_at + timedelta(hours=1)), acting_as(Actor.system("clock")):
        announce_due()
    page = sign_in("boss").get(f"/promises/{promise.pk}/").content.decode()
    assert "<b>承诺时钟</b>" in page and "<b>系统</b>" in page and "未按时履行承诺，应向客户致歉" in page
    assert "<b>clock</b>" not in page
