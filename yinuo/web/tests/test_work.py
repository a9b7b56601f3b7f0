"""Inbox, matters, tasks, my day, notifications, drafts and uploads."""

import json
import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.test import Client
from PIL import Image

from yinuo.conversations.commands import add_interaction
from yinuo.conversations.models import Attachment, Conversation, Interaction
from yinuo.customers.commands import create_customer
from yinuo.customers.models import Customer
from yinuo.identity.commands import create_staff
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.tokens import unsign
from yinuo.matters.models import Draft, Matter, Task
from yinuo.promises.commands import make_personal_promise
from yinuo.web.tests.conftest import PASSWORD, SYSTEM, make_case


@pytest.fixture
def case(company):
    return make_case(company, 1)


def picture() -> BytesIO:
    out = BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    out.seek(0)
    out.name = "照片.png"
    return out


def test_a_reply_is_queued_once_with_its_file(agent, case) -> None:
    up = agent.post("/uploads/", {"upload_key": "key-12345678", "file": picture()})
    assert up.status_code == 201
    form = {"text": "今天下午送到", "kind": "consulting", "subject": "Re", "once": "r1", "upload_key": "key-12345678"}
    for _ in range(2):
        assert agent.post(f"/inbox/{case.conversation.pk}/", form).status_code == 303
    out = Interaction.unscoped.get(direction="out")
    assert (out.text, out.delivery) == ("今天下午送到", "queued")
    assert Attachment.unscoped.get().interaction_id == out.pk
    assert "今天下午送到" in agent.get(f"/matters/{case.matter.pk}/").content.decode()


def test_a_call_is_written_down_and_becomes_a_matter(agent, company) -> None:
    form = {
        "channel": "phone",
        "direction": "in",
        "name": "赵敏",
        "phone": "13600001111",
        "kind": "consulting",
        "text": "问保养周期",
        "then": "matter",
        "once": "c1",
    }
    response = agent.post("/inbox/register/", form)
    assert response.status_code == 303
    assert agent.post("/inbox/register/", form)["Location"] == response["Location"]
    conversation = Conversation.unscoped.get()
    raised = agent.post(f"/inbox/{conversation.pk}/matter/", {"kind": "enquiry", "title": "保养周期"})
    matter = Matter.unscoped.get()
    assert raised["Location"] == f"/matters/{matter.pk}/"
    assert "问保养周期" in agent.get(f"/matters/{matter.pk}/").content.decode()


def test_a_call_without_a_customer_says_what_is_missing(agent) -> None:
    response = agent.post("/inbox/register/", {"channel": "phone", "direction": "in", "kind": "care", "text": "话"})
    assert response.status_code == 422
    assert "填写客户姓名" in response.content.decode()


CALL = {"channel": "phone", "direction": "in", "kind": "consulting", "text": "问保养周期", "then": ""}


def test_one_caller_under_two_names_is_one_customer(agent, company) -> None:
    for n, (name, channel) in enumerate((("许三多", "phone"), ("许先生", "visit"))):
        form = CALL | {"name": name, "channel": channel, "phone": "13977665544", "once": f"c{n}"}
        assert agent.post("/inbox/register/", form).status_code == 303
    (customer,) = Customer.unscoped.filter(identities__value="+8613977665544")
    assert customer.name == "许三多" and Interaction.unscoped.filter(customer=customer).count() == 2


def test_a_letter_proves_no_number(agent) -> None:
    for n, name in enumerate(("许三多", "许先生")):
        form = CALL | {"name": name, "channel": "letter", "phone": "13977665544", "once": f"c{n}"}
        assert agent.post("/inbox/register/", form).status_code == 303
    assert Customer.unscoped.filter(identities__value="+8613977665544").count() == 2


def test_who_calls_is_picked_in_place_and_their_new_number_is_kept(agent, company) -> None:
    with acting_as(company.actor("agent")):
        known = create_customer(kind="person", name="许三多", identities=[("phone", "13977665544")])
        create_customer(kind="person", name="史今", identities=[("phone", "13911112222")], verified_how="agent")

    def numbers() -> dict[str, str]:
        return dict(known.identities(manager="unscoped").values_list("value", "verified_how"))

    seen = agent.get("/inbox/register/who/", {"name": "许三多"}).content.decode()
    assert f'name="customer_id" value="{known.pk}"' in seen and "都不是，建一位新客户" in seen
    form = CALL | {"name": "", "customer_id": known.pk, "phone": "13955556666"}
    wrong = agent.post("/inbox/register/", form | {"text": ""})
    assert wrong.status_code == 422 and f'value="{known.pk}" data-name="许三多" checked' in wrong.content.decode()
    assert agent.post("/inbox/register/", form | {"once": "c1"}).status_code == 303
    assert Conversation.unscoped.get().customer_id == known.pk
    assert numbers() == {"+8613977665544": "", "+8613955556666": "agent"}
    assert agent.post("/inbox/register/", form | {"phone": "13911112222", "once": "c2"}).status_code == 303
    assert numbers()["+8613911112222"] == "", "it is proved to be somebody else's"
    one = f"/inbox/register/?customer={known.pk}"
    assert agent.post(one, CALL | {"customer_id": "999999", "once": "c3"}).status_code == 303
    assert Conversation.unscoped.filter(customer=known).count() == 3


def test_a_verified_number_picks_its_customer(agent, company) -> None:
    pair = [("phone", "13977665544")]
    with acting_as(company.actor("agent")):
        known = create_customer(kind="person", name="许三多", identities=pair, verified_how="agent")
    seen = agent.get("/inbox/register/who/", {"phone": "139 7766 5544", "name": "许先生"}).content.decode()
    assert f'value="{known.pk}" data-name="许三多" checked' in seen and "建一位新客户" not in seen
    assert "13977665544" not in seen


def test_a_future_or_impossible_time_is_a_sentence(agent) -> None:
    base = {"channel": "phone", "direction": "in", "kind": "care", "text": "话", "name": "赵敏"}
    assert "不能在将来" in agent.post("/inbox/register/", {**base, "happened_at": "2999-01-01T10:00"}).content.decode()
    page = agent.post("/inbox/register/", {**base, "happened_at": "2026-02-30T25:00"}).content.decode()
    assert "真实存在的日期" in page and "2026-02-30T25:00" in page


def test_taking_a_conversation_twice_at_once(sign_in, company, case) -> None:
    address = f"/inbox/{case.conversation.pk}/take/"
    assert sign_in("super").post(address, {"version": "1", "once": "a"}).status_code == 303
    late = sign_in("agent").post(address, {"version": "1", "once": "b"})
    assert late.status_code == 409
    assert "刚被别人改过" in late.content.decode()


def test_finishing_waits_for_tasks(agent, sign_in, case) -> None:
    finish = f"/matters/{case.matter.pk}/finish/"
    held = agent.post(finish, {"result": "已送到", "version": "1"})
    assert held.status_code == 409 and "未完成的任务" in held.content.decode()
    assert sign_in("stock").post(f"/tasks/{case.task.pk}/", {"result": "已查，漏发", "version": "1"}).status_code == 303
    assert agent.post(f"/tasks/{case.mine.pk}/", {"result": "已回电", "version": "1"}).status_code == 303
    assert agent.post(finish, {"result": "已送到", "version": "1"}).status_code == 303
    assert not Matter.unscoped.get(pk=case.matter.pk).open
    assert agent.post(f"/matters/{case.matter.pk}/reopen/", {"reason": "客户又来电"}).status_code == 303


def test_only_the_department_completes_its_task(sign_in, case) -> None:
    assert "只有他们能完成" in sign_in("super").get(f"/tasks/{case.task.pk}/").content.decode()
    refused = sign_in("super").post(f"/tasks/{case.task.pk}/", {"result": "代办", "version": "1"})
    assert refused.status_code == 409
    assert Task.unscoped.get(pk=case.task.pk).state == "open"


def test_a_task_is_done_with_proof(sign_in, case) -> None:
    stock = sign_in("stock")
    assert "查出库单" in stock.get("/tasks/").content.decode()
    stock.post("/uploads/", {"upload_key": "proof-12345", "file": picture()})
    stock.post(f"/tasks/{case.task.pk}/", {"result": "已发出", "version": "1", "upload_key": "proof-12345"})
    page = stock.get(f"/tasks/{case.task.pk}/").content.decode()
    image = re.search(r'<a class="y-thumb" href="(/files/\d+/)" data-preview', page)[1]
    shown = stock.get(image)
    assert shown["Content-Type"] == "image/png" and "sandbox" in shown["Content-Security-Policy"]


def test_my_day_groups_by_when_it_breaks(agent, case) -> None:
    page = agent.get("/").content.decode()
    assert ("4 小时内答复" in page and "还剩 1 小时 59 分" in page) or "还剩 2 小时" in page
    assert "登记后 4 小时" in page  # the reason is there on hover
    assert "回电" in page


def test_my_day_draws_more_at_a_wish_and_forgets_nothing(agent, case, company) -> None:
    with acting_as(company.actor("agent")):
        for n in range(30):
            make_personal_promise(
                title=f"第{n:02d}件", due_at=clock.now() + timedelta(days=n + 1), matter_id=case.matter.pk
            )
    page = agent.get("/").content.decode()
    assert (
        page.count('data-pick value="p') == 25
        and 'data-pick value="t' in page
        and "第00件" in page
        and "第29件" not in page
    )
    assert 'href="/?rows=75"' in page
    page = agent.get("/?rows=75").content.decode()
    assert "第29件" in page and "再显示一些" not in page
    for odd in ("0", "-1", "99999", "x", "%00", "٣"):
        assert agent.get(f"/?rows={odd}").status_code == 200


def test_a_fragment_of_my_day_is_only_the_list(agent, case) -> None:
    page = agent.get("/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page and "4 小时内答复" in page and "等回复" not in page
    assert page.count('hx-swap-oob="innerHTML"') == 1 and "您手上有 2 件" in page, "and how many there are"


def test_what_stands_beside_is_a_fragment_of_its_own(agent, case) -> None:
    page = agent.get("/", headers={"HX-Request": "true", "X-Part": "beside"}).content.decode()
    assert "<html" not in page and "等回复" in page and "4 小时内答复" not in page and "您手上有" not in page
    assert "<html" in agent.get("/", headers={"X-Part": "beside"}).content.decode(), "a page asked for as such is whole"


def test_notifications_tell_of_messages_and_tasks(agent, case) -> None:
    page = agent.get("/notifications/").content.decode()
    assert "发来消息" in page and "回电" in page


def test_drafts_are_kept_and_forgotten(agent, sign_in, company) -> None:
    def save(data):
        return agent.post("/drafts/", json.dumps({"key": "note:1", "data": data}), content_type="application/json")

    assert save({"text": "写到一半"}).status_code == 200
    assert agent.get("/drafts/?key=note:1").json() == {"data": {"text": "写到一半"}}
    assert sign_in("super").get("/drafts/?key=note:1").json() == {"data": None}
    case = make_case(company, 1)
    note = {"text": "写完了", "draft_key": "note:1"}
    assert agent.post(f"/matters/{case.matter.pk}/note/", {**note, "text": ""}).status_code == 422
    assert Draft.unscoped.count() == 1  # a refused form keeps its draft
    assert agent.post(f"/matters/{case.matter.pk}/note/", note).status_code == 303
    assert Draft.unscoped.count() == 0
    assert save({"text": "又一段"}).status_code == 200
    assert save(None).status_code == 200
    assert Draft.unscoped.count() == 0
    for body in ("", "[]", '{"key": 1}x', '{"data": 5, "key": "a"}'):
        assert agent.post("/drafts/", body, content_type="application/json").status_code == 400


def test_uploads_are_sniffed_listed_and_taken_back(agent, sign_in) -> None:
    lie = BytesIO(b"<script>alert(1)</script>")
    lie.name = "photo.png"
    made = agent.post("/uploads/", {"upload_key": "key-99999999", "file": lie}).json()
    kept = Attachment.unscoped.get(pk=made["id"])
    assert kept.media_type == "application/octet-stream" and not kept.is_image
    down = agent.get(f"/files/{kept.pk}/")
    assert down["Content-Disposition"].startswith("attachment") and down["Content-Type"] == "application/octet-stream"
    assert sign_in("super").get(f"/files/{kept.pk}/").status_code == 404
    assert [f["id"] for f in agent.get("/uploads/?upload_key=key-99999999").json()["files"]] == [kept.pk]
    assert sign_in("super").post("/uploads/", {"upload_key": "key-99999999", "discard": kept.pk}).status_code == 404
    agent.post("/uploads/", {"upload_key": "key-99999999", "discard": kept.pk})
    assert Attachment.unscoped.count() == 0
    assert agent.post("/uploads/", {"upload_key": "key-99999999"}).status_code == 422


def test_the_live_ticket_names_only_topics_one_may_hear(agent, sign_in, company, case) -> None:
    asked = f"matter:{case.matter.pk} matter:999999 staff:1 unit:777 inbox conversation:{case.conversation.pk} tasks promises x:y"
    topics = unsign("live", agent.get("/live-ticket/", {"topics": asked}).json()["ticket"])["topics"]
    me = company.staff["agent"].pk
    assert set(topics) == {
        f"matter:{case.matter.pk}",
        f"staff:{me}",
        f"unit:{company.desk.pk}",
        "inbox",
        f"conversation:{case.conversation.pk}",
        "tasks",
        "promises",
    }
    stock = unsign("live", sign_in("stock").get("/live-ticket/", {"topics": "inbox"}).json()["ticket"])["topics"]
    assert "inbox" not in stock
    asked = {"topics": "promises matters:complaint"}
    with acting_as(SYSTEM):
        admin = create_staff(
            username="keys", name="管钥匙", password=PASSWORD, unit_id=company.root.pk, role_codes=["administrator"]
        )
    client = Client()
    client.force_login(admin)
    assert set(unsign("live", client.get("/live-ticket/", asked).json()["ticket"])["topics"]) == {
        f"staff:{admin.pk}", "mail", *(f"unit:{unit.pk}" for unit in (company.root, company.desk, company.store)),
    }  # fmt: skip


def test_an_open_matter_shows_what_colleagues_do(company, case, sign_in) -> None:
    """Head, answer, story, tasks and promises: one request brings them, each finds its place by its id."""
    page = sign_in("agent").get(f"/matters/{case.matter.pk}/").content.decode()
    assert f'data-live="matter:{case.matter.pk}" hx-get="/matters/{case.matter.pk}/live/"' in page
    places = re.findall(r'<div id="([\w-]+)" data-live-by="matter-live"', page)
    assert places == ["matter-head", "matter-held", "matter-say", "matter-story", "matter-side"]
    owner = sign_in("super")
    assert owner.post(f"/matters/{case.matter.pk}/take/", {"version": case.matter.version}).status_code == 303
    sent = {"title": "请仓库核对", "unit_id": company.store.pk}
    assert owner.post(f"/matters/{case.matter.pk}/task/", sent).status_code == 303
    with acting_as(company.actor("super")):
        make_personal_promise(matter_id=case.matter.pk, title="晚上回电", due_at=clock.now() + timedelta(hours=3))
    parts = sign_in("agent").get(f"/matters/{case.matter.pk}/live/").content.decode()
    assert re.findall(r'<div id="([\w-]+)" hx-swap-oob="innerHTML"', parts) == places
    head, _held, _say, told, side = re.split(r'<div id="matter-(?:head|held|say|story|side)"', parts)[1:]
    assert "晚上回电" in head and "我来办" in head, "somebody else has it"
    assert "请仓库核对" in told and "请仓库核对" in side and "晚上回电" in side


def test_a_call_about_a_matter_joins_its_story_and_one_from_the_card_its_customer(agent, case) -> None:
    pk, who = case.matter.pk, case.matter.customer_id
    assert f'/inbox/register/?matter={pk}"' in agent.get(f"/matters/{pk}/").content.decode()
    assert f'/inbox/register/?customer={who}"' in agent.get(f"/customers/{who}/").content.decode()
    page = agent.get(f"/inbox/register/?matter={pk}").content.decode()
    assert case.matter.number in page and 'name="phone"' not in page and "内部记录" not in page
    form = {"channel": "visit", "direction": "in", "kind": "consulting", "text": "上门来问进展", "once": "v1"}
    for _ in range(2):
        answer = agent.post(f"/inbox/register/?matter={pk}", form)
        assert answer.status_code == 303 and answer["Location"].endswith(f"/matters/{pk}/")
    assert agent.get(f"/matters/{pk}/").content.decode().count("上门来问进展") == 1
    assert Interaction.unscoped.get(text="上门来问进展").customer_id == who
    note = form | {"channel": "note", "text": "同事转述", "once": "v2"}
    assert agent.post(f"/inbox/register/?matter={pk}", note).status_code == 422
    assert agent.post(f"/inbox/register/?customer={who}", note).status_code == 303
    assert Interaction.unscoped.get(text="同事转述").direction == "internal"
    assert agent.get("/inbox/register/?matter=999999").status_code == 404


def test_a_receipt_sent_by_itself_answers_nobody(agent, case) -> None:
    def shown() -> tuple[bool, bool, bool]:
        inbox, day = agent.get("/inbox/").content.decode(), agent.get("/").content.decode()
        return "is-new" in inbox, "请告诉我什么时候送到" in inbox, "没有客户在等回复" not in day

    with acting_as(Actor.system("email")):
        add_interaction(conversation=case.conversation, direction="out", text="您的来信已收到")
    assert shown() == (True, True, True)
    form = {"text": "今天下午送到", "kind": "consulting", "subject": "Re", "once": "r1"}
    assert agent.post(f"/inbox/{case.conversation.pk}/", form).status_code == 303
    assert shown() == (False, False, False)
