"""A complaint through the API alone: the whole intake, its verbs, its matter, tasks, files and promises."""

import pytest

from yinuo.complaints.models import Complaint
from yinuo.conversations.models import Interaction
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.models import AuditEntry, Notice

INTAKE = {
    "name": "陈晓燕", "phone": "13812345678", "content": "发动机加注后漏油，怀疑产品质量问题", "product": "柴机油 20W-50",
    "batch": "B2026-11", "produced_on": "2026-05-01", "used_on": "2026-06-01", "demand": "退货", "demand_amount": "1280.50",
}  # fmt: skip


@pytest.fixture
def made(api):
    answer = api.post("/complaints", INTAKE)
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_the_whole_intake(api, made, company):
    assert made["stage"] == "received"
    assert made["number"].startswith("TS")
    assert (made["phone"], made["demand_amount"]) == ("138****5678", "1280.50")
    assert made["owner"] == {"id": company["agent"].pk, "name": "李四"}
    with acting_as(Actor.system("test")):
        row = Complaint.objects.select_related("matter__conversation").get(pk=made["id"])
        assert row.channel == row.matter.conversation.channel == "api"
        assert Interaction.objects.get(conversation=row.matter.conversation).text == INTAKE["content"]
        assert AuditEntry.unscoped.filter(matter_id=row.pk, command="complaint.register").exists()
    assert any(topic == f"matter:{made['id']}" for n in Notice.objects.all() for _name, topic in n.events)
    detail = api.get(f"/complaints/{made['id']}").json()
    assert "acknowledge" in {m["name"] for m in detail["moves"]}
    assert [m["number"] for m in api.get("/matters?q=漏油").json()["items"]] == [made["number"]]
    assert [c["id"] for c in api.get("/complaints?q=漏油&open=true").json()["items"]] == [made["id"]]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"content": ""}, "content"), ({"content": " \u200b\u202e"}, "content"), ({"used_on": "2026-02-30"}, "used_on"), ({"produced_on": "2099-01-01"}, "produced_on"),
        ({"used_on": "2026-04-01"}, "used_on"), ({"demand_amount": "-5"}, "demand_amount"), ({"demand_amount": "1e99"}, "demand_amount"), ({"demand_amount": "NaN"}, "demand_amount"),
        ({"phone": "12"}, "phone"), ({"email": "nobody"}, "email"), ({"severity": "huge"}, "severity"), ({"channel": "fax"}, "channel"), ({"kind": "x"}, "kind"),
        ({"received_at": "2099-01-01T00:00:00Z"}, "received_at"), ({"received_at": "2026-01-01"}, "received_at"), ({"stage": "closed"}, "stage"), ({"content": "字" * 30_000}, "content"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_its_field(api, change, field):
    answer = api.post("/complaints", INTAKE | change)
    assert answer.status_code == 422, answer.content
    assert field in answer.json()["errors"]


def test_nothing_goes_to_a_unit_or_a_person_who_is_not_there(api, made):
    for body in ({"unit_id": 987654}, {"owner_id": 987654}):
        answer = api.post("/complaints", INTAKE | body)
        assert answer.status_code == 422 and set(answer.json()["errors"]) == set(body)
    for body in ({"unit_id": 987654}, {"assignee_id": 987654}):
        answer = api.post("/tasks", {"matter_id": made["id"], "title": "查批次", **body})
        assert answer.status_code == 422 and set(answer.json()["errors"]) == set(body)


def test_verbs_move_it_on_and_a_stale_one_is_refused(api, made):
    path = f"/complaints/{made['id']}"
    told = api.post(f"{path}/acknowledge", {"text": "您的投诉已收到，三个工作日内答复", "version": made["version"]})
    assert told.status_code == 200, told.content
    assert told.json()["complaint"]["stage"] == "acknowledged"
    stale = api.post(f"{path}/acknowledge", {"version": made["version"]})
    assert stale.status_code == 409
    early = api.post(f"{path}/close", {"outcome": "完成"})
    assert (early.status_code, early.json()["code"]) == (409, "wrong_stage")
    assessed = api.post(f"{path}/assess", {"judgement": "justified", "kind": "product", "severity": "serious"})
    assert assessed.status_code in (200, 422), assessed.content
    assert api.post(f"{path}/acknowledge", {"nonsense": 1}).json()["errors"] == {"nonsense": "没有这个字段"}
    assert api.post("/complaints/999999/acknowledge", {}).status_code == 404


def test_corrected_registration(api, made):
    path = f"/complaints/{made['id']}"
    changed = api.patch(path, {"version": made["version"], "batch": "B2026-12"})
    assert changed.json()["batch"] == "B2026-12"
    assert api.patch(path, {"version": made["version"], "batch": "B3"}).status_code == 409


def test_another_unit_sees_nothing_of_it(other, made):
    for path in (f"/complaints/{made['id']}", f"/matters/{made['id']}", f"/matters/{made['id']}/timeline"):
        assert other.get(path).status_code == 404
    assert other.get("/complaints").json()["items"] == []
    assert other.post(f"/complaints/{made['id']}/acknowledge", {}).status_code == 404
    assert other.post(f"/matters/{made['id']}/notes", {"text": "x"}).status_code == 404


def test_matter_notes_tasks_and_threads(api, made, company):
    path = f"/matters/{made['id']}"
    note = api.post(f"{path}/notes", {"text": "已联系仓库"}).json()
    assert (note["kind"], note["text"]) == ("note", "已联系仓库")
    task = api.post("/tasks", {"matter_id": made["id"], "title": "核对批次", "unit_id": company["desk"].pk}).json()
    assert [t["id"] for t in api.get("/tasks?mine=true").json()["items"]] == [task["id"]]
    done = api.post(f"/tasks/{task['id']}/complete", {"result": "批次无误", "version": task["version"]}).json()
    assert done["state"] == "done"
    assert api.post(f"/tasks/{task['id']}/complete", {"result": "再来"}).status_code == 409
    kinds = [entry["kind"] for entry in api.get(f"{path}/timeline").json()["items"]]
    assert {"received", "note", "task_created", "task_done"} <= set(kinds)
    matter = api.get(path).json()
    thread = api.get(f"/conversations/{matter['conversation_id']}/interactions").json()["items"]
    assert [i["text"] for i in thread][:2] == [INTAKE["content"], "已联系仓库"]
    spoken = api.get(f"/interactions?customer_id={matter['customer']['id']}").json()["items"]
    assert len(spoken) == len(thread)
    assert api.get("/conversations?state=open").json()["items"][0]["id"] == matter["conversation_id"]
    reply = api.post(f"{path}/replies", {"text": "我们正在核实"})
    assert reply.status_code == 201, reply.content
    given = api.post(f"{path}/assign", {"owner_id": None, "version": api.get(path).json()["version"]})
    assert given.status_code == 200
    assert given.json()["owner"] is None


def test_a_file_uploaded_first_comes_with_the_complaint(api, settings, tmp_path):
    from io import BytesIO

    from django.core.files.uploadedfile import SimpleUploadedFile
    from PIL import Image

    settings.FILES_DIR = tmp_path
    picture = BytesIO()
    Image.new("RGB", (20, 20), "red").save(picture, "PNG")
    send = {"headers": {"Authorization": f"Bearer {api.secret}"}}
    file = SimpleUploadedFile("现场.png", picture.getvalue(), "text/plain")
    up = api.client.post("/api/v1/attachments", {"file": file, "upload_key": "key-12345678"}, **send)
    assert up.status_code == 201, up.content
    assert up.json()["media_type"].startswith("image/")
    made = api.post("/complaints", INTAKE | {"upload_key": "key-12345678"}).json()
    with_file = [e for e in api.get(f"/matters/{made['id']}/timeline").json()["items"] if e["files"]]
    assert next(f["name"] for e in with_file for f in e["files"]).startswith("现场")
    for body in ({"upload_key": "key-12345678"}, {"file": SimpleUploadedFile("a", b"x"), "upload_key": "k"}, {"file": SimpleUploadedFile("a", b""), "upload_key": "key-12345678"}):  # fmt: skip
        assert api.client.post("/api/v1/attachments", body, **send).status_code == 422
    huge = api.client.generic(
        "POST", "/api/v1/attachments", b"", content_type="multipart/form-data; boundary=x",
        headers=send["headers"], CONTENT_LENGTH=str(10**9),
    )  # fmt: skip
    assert huge.status_code == 413


def test_promises_are_listed_soonest_first(api, made):
    page = api.get(f"/promises?matter_id={made['id']}").json()
    dues = [p["due_at"] for p in page["items"]]
    assert dues == sorted(dues)


def test_a_double_intake_is_one_complaint(api):
    first = api.post("/complaints", INTAKE, Idempotency_Key="call-77")
    second = api.post("/complaints", INTAKE, Idempotency_Key="call-77")
    assert second.content == first.content and second.status_code == 201
    assert second.headers["Idempotent-Replayed"] == "true"
    with acting_as(Actor.system("test")):
        assert Complaint.objects.count() == 1


def test_a_whole_intake_takes_three_statements_with_a_key_and_without(api, django_assert_num_queries):
    api.post("/complaints", INTAKE)
    for n in range(2):
        for headers in ({}, {"Idempotency_Key": f"call-{n}"}):
            with django_assert_num_queries(3):  # who calls, one read, one write
                assert api.post("/complaints", INTAKE, **headers).status_code == 201


def test_statements_of_lists_do_not_grow(api, made, django_assert_num_queries):
    with django_assert_num_queries(2):  # key, rows
        api.get("/matters")
    with django_assert_num_queries(3):  # and the count
        api.get("/complaints")
    for _n in range(2):
        api.post("/complaints", INTAKE)
    with django_assert_num_queries(2):
        api.get("/matters")
    with django_assert_num_queries(3):
        api.get("/complaints")


def test_webhooks_by_api(api):
    given = {"name": "ERP", "url": "https://example.com/hook", "events": ["task.done"]}
    made = api.post("/webhooks", given, Idempotency_Key="w1").json()
    assert made["secret"].startswith("whsec_")
    again = api.post("/webhooks", given, Idempotency_Key="w1")
    assert again.json() == {"id": made["id"]}
    assert "secret" not in api.get(f"/webhooks/{made['id']}").json()
    assert [w["id"] for w in api.get("/webhooks").json()["items"]] == [made["id"]]
    changed = api.patch(f"/webhooks/{made['id']}", {"version": 1, "active": False}).json()
    assert changed["active"] is False
    assert api.patch(f"/webhooks/{made['id']}", {"version": 2, "url": "http://10.0.0.1/"}).json()["errors"].keys() == {
        "url"
    }
    assert api.post(f"/webhooks/{made['id']}/rotate-secret").json()["secret"] != made["secret"]
    sent = api.post(f"/webhooks/{made['id']}/test").json()
    log = api.get(f"/webhooks/{made['id']}/deliveries").json()["items"]
    assert [d["id"] for d in log] == [sent["id"]]
    detail = api.get(f"/webhooks/{made['id']}/deliveries/{sent['id']}").json()
    assert detail["tries"] == []
    assert api.post(f"/webhooks/{made['id']}/deliveries/{sent['id']}/redeliver").status_code == 409
    assert api.send("DELETE", f"/webhooks/{made['id']}").status_code == 204
    assert api.get(f"/webhooks/{made['id']}").status_code == 404
