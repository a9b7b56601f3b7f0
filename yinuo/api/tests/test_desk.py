"""The rest of the desk by API: conversations, plain matters, promises, approvals, the customer card, merging."""

from datetime import timedelta

import pytest

from yinuo.api.tests.conftest import Api, key_for
from yinuo.approvals.models import Approval
from yinuo.customers.models import Customer, CustomerMerge
from yinuo.identity.commands import create_staff
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.matters.models import Matter
from yinuo.promises.models import Promise

CALL = {"channel": "phone", "text": "问什么时候送到", "name": "王小明", "phone": "13812345678"}


def later(**span) -> str:
    return (clock.now() + timedelta(**span)).isoformat()


@pytest.fixture
def boss(company):
    """A leader, who decides what the agent's manager passes on."""
    with acting_as(Actor.system("test")):
        staff = create_staff(
            username="boss", name="周总", password="abcd-2234-x", unit_id=company["head"].pk, role_codes=["leader"]
        )
    return Api(key_for(staff))


@pytest.fixture
def call(api):
    return api.post("/conversations", CALL).json()


def test_a_call_is_no_complaint(api, company, call) -> None:
    assert (call["channel"], call["state"], call["owner_id"]) == ("phone", "open", company["agent"].pk)
    path = f"/conversations/{call['id']}"
    assert [i["text"] for i in api.get(f"{path}/interactions").json()["items"]] == ["问什么时候送到"]
    assert api.get(path).json() == call
    for channel in ("visit", "letter", "note"):
        assert api.post("/conversations", CALL | {"channel": channel, "customer_id": call["customer_id"]}).json()["customer_id"] == call["customer_id"]  # fmt: skip
    found = api.get(f"/conversations?owner_id={company['agent'].pk}&channel=phone&state=open").json()["items"]
    assert [c["id"] for c in found] == [call["id"]]
    for wrong in ({"channel": "email"}, {"text": " "}, {"name": ""}, {"happened_at": later(days=1)}, {"direction": "up"},
                  {"kind": "odd"}, {"phone": "12"}):  # fmt: skip
        answer = api.post("/conversations", CALL | wrong)
        assert answer.status_code == 422 and answer.json()["errors"], wrong
    assert Matter.unscoped.count() == 0


def test_a_conversation_is_taken_given_closed_and_opened(api, boss, company, call) -> None:
    path = f"/conversations/{call['id']}"
    taken = boss.post(f"{path}/assign", {"owner_id": company["agent"].pk, "version": call["version"]}).json()
    assert (taken["owner_id"], taken["version"]) == (company["agent"].pk, call["version"] + 1)
    stale = boss.post(f"{path}/assign", {"owner_id": None, "version": call["version"]})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    assert api.post(f"{path}/close").json()["state"] == "closed"
    assert api.post(f"{path}/reopen", {}).json()["state"] == "open"
    assert api.post("/conversations/999/close").status_code == 404


def test_a_plain_matter_from_its_call_to_its_end(api, company, call) -> None:
    made = api.post("/matters", {"conversation_id": call["id"], "kind": "enquiry", "title": "送货时间"})
    assert made.status_code == 201
    matter = made.json()
    path = f"/matters/{matter['id']}"
    assert api.post(f"{path}/notes", {"text": "已问仓库"}).status_code == 201
    assert api.post(f"{path}/collaborators", {"staff_id": company["other"].pk}).status_code == 201
    task = api.post("/tasks", {"matter_id": matter["id"], "title": "查出库单", "unit_id": company["desk"].pk}).json()
    now = api.get(path).json()
    refused = api.post(f"{path}/finish", {"result": "周二到", "version": now["version"]})
    assert refused.status_code == 409 and "result" in refused.json()["errors"]
    api.post(f"/tasks/{task['id']}/complete", {"result": "在路上"})
    done = api.post(f"{path}/finish", {"result": "周二到", "version": now["version"]}).json()
    assert (done["state"], done["open"]) == ("closed", False)
    assert api.post(f"{path}/reopen", {"reason": "没有到"}).json()["open"]
    assert api.post("/matters", {"conversation_id": call["id"], "kind": "complaint", "title": "x"}).status_code == 422


def test_a_promise_of_ones_own_is_kept(api, call) -> None:
    given = {"title": "周二下午回电", "due_at": later(days=2), "customer_id": call["customer_id"]}
    made = api.post("/promises", given, Idempotency_Key="p1")
    again = api.post("/promises", given, Idempotency_Key="p1")
    assert made.status_code == 201 and again.content == made.content
    promise = made.json()
    assert promise["explanation"] and promise["version"] == 1
    for wrong in ({"due_at": later(days=-1)}, {"due_at": later(days=4000)}, {"due_at": "2026-12-01T09:00:00"},
                  {"due_at": "2026-02-30T09:00:00+08:00"}, {"customer_id": None}, {"title": ""}):  # fmt: skip
        answer = api.post("/promises", given | wrong)
        assert answer.status_code == 422 and answer.json()["errors"], wrong
    path = f"/promises/{promise['id']}"
    assert api.post(f"{path}/keep", {"text": ""}).status_code == 422
    assert api.post(f"{path}/keep", {"text": "已回电", "version": 9}).status_code == 409
    kept = api.post(f"{path}/keep", {"text": "已回电", "version": 1}).json()
    assert (kept["state"], kept["outstanding"]) == ("kept", False)
    story = api.get(path).json()
    assert {"made", "kept"} <= {e["kind"] for e in story["events"]} or story["events"]
    assert api.post(f"{path}/keep", {"text": "再说一次"}).status_code == 409
    assert api.post("/promises/99999/keep", {"text": "x"}).status_code == 404


def test_more_time_is_asked_for_agreed_to_and_told(api, boss, call) -> None:
    promise = api.post(
        "/promises", {"title": "回电", "due_at": later(days=2), "customer_id": call["customer_id"]}
    ).json()
    path = f"/promises/{promise['id']}"
    asked = api.post(f"{path}/request-extension", {"reason": "客户出差", "due_at": later(days=4)})
    assert asked.status_code == 201, asked.content
    change = asked.json()
    assert (change["kind"], change["state"]) == ("extension", "pending")
    assert api.post(f"{path}/request-waiver", {"reason": "x"}).status_code == 409
    mine = api.get("/approvals?which=asked").json()["items"]
    assert [(a["kind"], a["state"]) for a in mine] == [("extension", "pending")]
    waiting = boss.get("/approvals").json()["items"]
    assert [a["id"] for a in waiting] == [mine[0]["id"]]
    decide = f"/approvals/{mine[0]['id']}/decide"
    assert api.post(decide, {"decision": "approved", "version": 1}).status_code == 403
    assert boss.post(decide, {"decision": "maybe", "version": 1}).status_code == 422
    assert boss.post(decide, {"decision": "rejected", "version": 1}).status_code == 422
    agreed = boss.post(decide, {"decision": "approved", "comment": "可以", "version": 1}).json()
    assert (agreed["state"], agreed["steps"][0]["decided_by"]["name"]) == ("approved", "周总")
    assert boss.post(decide, {"decision": "approved", "version": 1}).status_code == 409
    told = f"/promises/changes/{change['id']}/told"
    assert api.post(told, {"how": " "}).status_code == 422
    assert api.post(told, {"how": "已致电告知"}).json()["state"] == "applied"
    assert api.get(path).json()["due_at"][:19] == change["new_due_at"][:19]
    assert boss.get("/approvals?which=decided").json()["items"][0]["id"] == mine[0]["id"]


def test_ones_own_request_is_taken_back(api, boss, call) -> None:
    promise = api.post(
        "/promises", {"title": "回电", "due_at": later(days=2), "customer_id": call["customer_id"]}
    ).json()
    assert api.post(f"/promises/{promise['id']}/request-waiver", {"reason": "客户不需要了"}).json()["kind"] == "waiver"
    approval = Approval.unscoped.get()
    assert boss.post(f"/approvals/{approval.pk}/withdraw").status_code == 403
    assert api.post(f"/approvals/{approval.pk}/withdraw").json()["state"] == "withdrawn"
    assert api.post(f"/approvals/{approval.pk}/withdraw").status_code == 409
    assert api.get(f"/approvals/{approval.pk}").json()["state"] == "withdrawn"
    assert api.get("/approvals/999").status_code == 404


def test_a_promise_by_standard_waits_for_the_customer(api) -> None:
    from yinuo.promises.commands import load_pack

    with acting_as(Actor.system("test")):
        load_pack(name="common")
        load_pack(name="lubricant")
    made = api.post("/complaints", {"content": "机油有异味，要求退货", "name": "李", "phone": "13912345678"}).json()
    rows = {p.obligation: p for p in Promise.unscoped.filter(matter_id=made["id"])}
    pausable = next(p for p in rows.values() if p.spec.pauses)
    path = f"/promises/{pausable.pk}"
    assert api.post(f"{path}/pause", {"reason": ""}).status_code == 422
    assert api.post(f"{path}/pause", {"reason": "等客户补照片"}).json()["state"] == "paused"
    assert api.post(f"{path}/resume").json()["state"] == "open"
    renews = next(p for p in rows.values() if p.spec.renews)
    renewed = api.post(f"/promises/{renews.pk}/renew", {"text": "暂无结果，继续调查"}).json()
    assert renewed["state"] == "renewed"
    assert Promise.unscoped.filter(previous=renews, outstanding=True).exists()
    assert api.post(f"/promises/{renews.pk}/make-good", {"text": "道歉"}).status_code == 404


def test_the_card_grows_by_api(api, boss) -> None:
    firm = api.post("/customers", {"kind": "organisation", "name": "润达汽修"}).json()
    child = api.post("/customers", {"kind": "organisation", "name": "润达东店"}).json()
    person = api.post("/customers", {"name": "钱文斌"}).json()
    path = f"/customers/{firm['id']}"
    card = api.post(f"{path}/identities", {"kind": "phone", "value": "0531-88881234", "verified_how": "agent"})
    assert card.status_code == 201 and card.json()["identities"][0]["verified"]
    note = {"with_whom": "us", "happened_on": "2026-01-05", "text": "签年度合同"}
    assert api.post(f"{path}/notes", note).json()["type"] == "customernote"
    for wrong in ({"happened_on": "2026-02-30"}, {"happened_on": "2999-01-01"}, {"with_whom": "ours"}, {"text": ""}):
        assert api.post(f"{path}/notes", note | wrong).status_code == 422, wrong
    assert api.post(f"{path}/contacts", {"person_id": person["id"], "role": "payer"}).status_code == 201
    assert (
        api.post(f"{path}/contact-persons", {"person": "孙", "phone": "13700001111", "role": "user"}).status_code == 201
    )
    assert api.post(f"{path}/links", {"child_id": child["id"], "kind": "subsidiary"}).status_code == 201
    assert api.post(f"{path}/links", {"child_id": child["id"], "kind": "friend"}).status_code == 422
    grade = api.post(f"{path}/grades", {"grade": "A", "reason": "两年往来"}).json()
    assert boss.post(f"/customers/grades/{grade['id']}/decide", {"agree": True}).json()["type"] == "gradechange"
    assert api.get(path).json()["grade"] == "A"


def test_two_records_are_merged_and_parted(api, boss) -> None:
    one = api.post("/customers", {"name": "王小明", "identities": [{"kind": "phone", "value": "13812345678"}]}).json()
    two = api.post("/customers", {"name": "王先生", "identities": [{"kind": "phone", "value": "13812345678"}]}).json()
    path = f"/customers/{one['id']}"
    assert [d["customer"]["id"] for d in api.get(f"{path}/duplicates").json()["items"]] == [two["id"]]
    seen = boss.get(f"{path}/merge?absorbed_id={two['id']}").json()
    assert seen["moves"] == {"customers.ChannelIdentity.customer": 1}
    given = {"absorbed_id": two["id"], "reason": "回拨核实", "version": 1, "absorbed_version": 1}
    assert boss.post(f"{path}/merge", given | {"version": 7}).status_code == 409
    made = boss.post(f"{path}/merge", given, Idempotency_Key="m1")
    assert made.status_code == 201 and boss.post(f"{path}/merge", given, Idempotency_Key="m1").json() == made.json()
    assert api.get(f"/customers/{two['id']}").json()["merged_into"] == one["id"]
    assert api.patch(f"/customers/{two['id']}", {"version": 2, "region": "x"}).json()["code"] == "merged"
    assert boss.post(f"{path}/merge", given | {"version": 2, "absorbed_version": 2}).status_code == 409
    assert boss.post(f"{path}/merge", {"absorbed_id": one["id"], "reason": "x"}).status_code == 409
    split = boss.post(f"/customers/merges/{made.json()['id']}/split", {"reason": "并错了"})
    assert split.json()["split_at"] and CustomerMerge.unscoped.count() == 1
    assert not Customer.unscoped.exclude(merged_into=None).exists()


def test_responsibility_publication_and_thanks(api, boss, company) -> None:
    made = api.post("/complaints", {"content": "机油有异味", "name": "李大有", "phone": "13912345678"}).json()
    path = f"/complaints/{made['id']}"
    proposed = boss.post(f"{path}/propose-responsibility", {"staff_id": company["other"].pk, "fault": "发错货"}).json()
    assert proposed["made"]["type"] == "responsibility"
    answer = {"step": "warning", "decision": "首次，提醒"}
    decide = f"/responsibilities/{proposed['made']['id']}/decide"
    assert boss.post(decide, answer | {"step": "exile"}).status_code == 422
    assert boss.post(decide, answer).json()["made"]["id"] == proposed["made"]["id"]
    assert boss.post(decide, answer).status_code == 409
    assert (
        boss.post(f"{path}/publish", {"title": "发错货", "text": "客户李大有来电"}).json()["code"] == "names_customer"
    )
    assert boss.post(f"{path}/publish", {"title": "发错货", "text": "核对批号"}).json()["made"]["type"] == "publication"
    thanks = {"reason": "指出批号问题", "thanks": "谢谢您", "gift": "茶叶", "worth": "58.00"}
    assert api.post(f"{path}/reward", thanks | {"worth": "-1"}).status_code == 422
    assert api.post(f"{path}/reward", thanks).json()["made"]["type"] == "reward"
    repair = api.post(f"{path}/plan-repair", {"goal": "恢复信任", "steps": "上门"}).json()["made"]
    assert api.post(f"/repairs/{repair['id']}/finish", {"result": "已上门"}).json()["made"]["id"] == repair["id"]
    asked = api.post(f"{path}/propose-improvement", {"title": "批号", "demand": "看得清", "suggestion": "加大"}).json()[
        "made"
    ]
    answered = boss.post(f"/improvements/{asked['id']}/answer", {"accepted": True, "answer": "采纳"})
    assert answered.json()["made"]["id"] == asked["id"]
    assert api.post(f"{path}/reveal", {"reason": "上门核对"}).json() == {"phone": "13912345678", "email": ""}


def test_statements_of_the_new_lists_do_not_grow(api, boss, call, django_assert_num_queries) -> None:
    def ask():
        promise = api.post(
            "/promises", {"title": "回电", "due_at": later(days=2), "customer_id": call["customer_id"]}
        ).json()
        api.post(f"/promises/{promise['id']}/request-waiver", {"reason": "不需要了"})

    ask()
    for path, statements in (("/approvals", 3), ("/approvals?which=all", 3), ("/conversations", 2), ("/promises", 2)):
        boss.get(path)
        with django_assert_num_queries(statements):  # key, rows (and the steps of approvals)
            assert boss.get(path).json()["items"]
    ask(), ask(), api.post("/conversations", CALL)
    for path, statements in (("/approvals", 3), ("/approvals?which=all", 3), ("/conversations", 2), ("/promises", 2)):
        with django_assert_num_queries(statements):
            assert len(boss.get(path).json()["items"]) > 1


def test_what_another_unit_does_is_out_of_sight(api, other, call) -> None:
    promise = api.post(
        "/promises", {"title": "回电", "due_at": later(days=2), "customer_id": call["customer_id"]}
    ).json()
    assert other.get(f"/conversations/{call['id']}").status_code == 404
    assert other.post(f"/conversations/{call['id']}/close").status_code == 404
    assert other.post(f"/promises/{promise['id']}/keep", {"text": "x"}).status_code == 404
    assert other.get(f"/promises/{promise['id']}").status_code == 404
    assert other.post("/matters", {"conversation_id": call["id"], "kind": "enquiry", "title": "x"}).status_code == 404


def test_a_task_whose_completion_speaks_to_the_customer_is_not_made_by_hand(api, call) -> None:
    made = api.post("/complaints", {"content": "漏油", "name": "王"}).json()
    for kind in ("tell_customer", "thank_customer"):
        answer = api.post("/tasks", {"matter_id": made["id"], "title": "告知", "detail": "您好", "kind": kind})
        assert answer.status_code == 422 and "kind" in answer.json()["errors"]
