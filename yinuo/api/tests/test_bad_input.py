"""Everything wrong that can be sent, to every operation that writes, made from the OpenAPI document itself.

A new operation is tried without a line here. Each wrong request gets a problem with a Chinese sentence, is never a
failure of ours, and leaves no audit entry: so no command ended, and nothing was written.
"""

import json
import re
import zlib
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.utils import translation

from yinuo.api.describing import CHOICES, example_of
from yinuo.api.tests.conftest import Api, key_for
from yinuo.api.urls import api as served
from yinuo.complaints.models import Complaint
from yinuo.conversations.models import Conversation
from yinuo.customers.models import Customer
from yinuo.identity.commands import create_staff, create_unit, seed_roles
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.matters.models import Matter, Task
from yinuo.promises.commands import load_pack
from yinuo.promises.models import Promise

pytestmark = pytest.mark.django_db
SCHEMA = served.get_openapi_schema()
CHINESE = re.compile("[\u4e00-\u9fff]")
WRITES = [
    (method.upper(), path.partition("/v1")[2], operation)
    for path, methods in SCHEMA["paths"].items() for method, operation in methods.items() if method != "get"
]  # fmt: skip
READS = [(path.partition("/v1")[2], ms["get"]) for path, ms in SCHEMA["paths"].items() if "get" in ms]
ROWS = {
    "customers": Customer, "complaints": Complaint, "matters": Matter, "tasks": Task, "promises": Promise,
    "conversations": Conversation,
}  # fmt: skip
#: Bodies whose moment must be near: the documents' example is of another day.
SOON = ("PromiseSnoozeIn", "TaskSnoozeIn", "HoldIn", "HoldChangeIn")
HUGE = 10**400
AMOUNTS = ("amount", "demand_amount", "loss", "worth")
LEGAL = ("=1+1|'cmd'!A1 😀🦊<script>alert(1)</script><b>x", "\u202eoleh\u200b\u2066x\u2069' OR 1=1 --{{7*7}}")


def schema_of(operation) -> tuple[str, dict]:
    """The name and the schema of an operation's JSON body; empty where it takes none."""
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        if kind == "application/json":
            refs = [content["schema"], *content["schema"].get("anyOf", ()), *content["schema"].get("allOf", ())]
            name = next(s["$ref"] for s in refs if "$ref" in s).rpartition("/")[2]
            return name, SCHEMA["components"]["schemas"][name]
    return "", {}


@pytest.fixture(scope="module")
def desk(django_db_setup, django_db_blocker):
    """One small company for all the requests here; everything is rolled back at the end."""
    with django_db_blocker.unblock(), transaction.atomic(), translation.override("zh-hans"):
        with acting_as(Actor.system("test")):
            seed_roles()
            unit = create_unit(name="投诉组", code="desk", kind="desk", parent_id=None)
            roles = ["agent", "supervisor", "leader", "administrator"]
            people = [
                create_staff(username=n, name=n, password="abcd-2234-x", unit_id=unit.pk, role_codes=roles)
                for n in "甲乙"
            ]
            load_pack(name="common"), load_pack(name="lubricant")
        api = Api(key_for(people[0]))
        yield _world(api, unit, people)
        transaction.set_rollback(True)


def _world(api, unit, people) -> SimpleNamespace:
    """Rows the requests are about, as far as the API itself makes them."""
    later = (clock.now() + timedelta(days=3)).isoformat()
    firm = api.post("/customers", {"kind": "organisation", "name": "润达"}).json()["id"]
    child = api.post("/customers", {"kind": "organisation", "name": "润达东店"}).json()["id"]
    person = api.post("/customers", {"name": "钱文斌"}).json()["id"]
    talk = api.post("/conversations", {"channel": "phone", "text": "送货", "customer_id": person}).json()["id"]
    matter = api.post("/matters", {"conversation_id": talk, "kind": "enquiry", "title": "送货"}).json()["id"]
    task = api.post("/tasks", {"matter_id": matter, "title": "查单", "unit_id": unit.pk}).json()["id"]
    promise = api.post("/promises", {"title": "回电", "due_at": later, "customer_id": person}).json()["id"]
    asked = api.post("/promises", {"title": "送样", "due_at": later, "customer_id": person}).json()["id"]
    change = api.post(f"/promises/{asked}/request-waiver", {"reason": "不需要了"}).json()["id"]
    approval = api.get("/approvals?which=asked").json()["items"][0]["id"]
    case = api.post("/complaints", {"content": "漏油", "name": "陈晓燕", "phone": "13812345678"}).json()["id"]
    twin = api.post("/complaints", {"content": "还是漏油", "name": "陈晓燕", "phone": "13812345678"}).json()["id"]
    made = {
        verb: api.post(f"/complaints/{case}/{verb}", {**example("", body), **more}).json()["made"]["id"]
        for verb, body, more in (
            ("restate", ("via",), {"via": "phone"}), ("request-reception", (), {}), ("plan-repair", ("goal", "steps"), {}),
            ("propose-improvement", ("title", "demand", "suggestion"), {}),
            ("plan-correction", ("root_cause", "action", "due_on", "check_on"), {}),
            ("propose-responsibility", ("fault",), {"staff_id": people[1].pk}),
        )
    }  # fmt: skip
    hook = api.post("/webhooks", {"name": "ERP", "url": "https://example.com/", "events": ["task.done"]}).json()["id"]
    grade = api.post(f"/customers/{firm}/grades", {"grade": "A", "reason": "往来多"}).json()["id"]
    ids = {
        "customer_id": person, "organisation": firm, "person_id": person, "child_id": child, "absorbed_id": child,
        "conversation_id": talk, "matter_id": matter, "unit_id": unit.pk, "addressed_to_id": unit.pk,
        "complaint_ids": [twin], **dict.fromkeys(("staff_id", "owner_id", "assignee_id", "leader_id", "to_id"), people[1].pk),
    }  # fmt: skip
    paths = {
        "customers": firm, "customers/grades": grade, "complaints": case, "matters": matter, "tasks": task,
        "promises": promise, "promises/changes": change, "approvals": approval, "conversations": talk, "webhooks": hook,
        "restatements": made["restate"], "receptions": made["request-reception"], "repairs": made["plan-repair"],
        "improvements": made["propose-improvement"], "corrections": made["plan-correction"],
        "responsibilities": made["propose-responsibility"],
    }  # fmt: skip
    return SimpleNamespace(api=api, ids=ids, paths=paths)


def example(schema: str, fields) -> dict:
    return {name: example_of(schema, name) for name in fields}


def address(path: str, desk, value: object = None) -> str:
    """The path with its row's id, or with `value` for every id."""
    prefix = re.sub(r"^/|/\{.*", "", path)
    row = desk.paths.get(prefix, 1) if value is None else value
    return re.sub(r"\{\w+\}", str(row), path)


def good_body(path: str, name: str, schema: dict, desk) -> dict:
    """The documentation's own example, about rows that are there."""
    body = example(name, schema.get("properties", {}))
    body |= {field: desk.ids[field] for field in body if field in desk.ids}
    prefix = path.split("/")[1]
    if "version" in body:
        row = ROWS.get(prefix) and ROWS[prefix].unscoped.filter(pk=desk.paths[prefix]).first()
        body["version"] = row.version if row else 1
    for field in ("matter_id", "conversation_id"):  # a personal promise is about one thing
        if name == "PromiseMakePersonalIn":
            body.pop(field)
    if name == "KnowledgeUseIn":  # an article or a template
        body.pop("template_id")
    for field in ("send_at", "until"):  # a moment that must lie ahead, and not far
        if name in SOON and field in body:
            body[field] = (clock.now() + timedelta(minutes=5)).isoformat()
    body.pop("upload_key", None)
    return body


def kinds_of(described: dict) -> tuple[set[str], set[str]]:
    """The JSON types and formats a field may have."""
    parts = [described, *described.get("anyOf", ())]
    return {p["type"] for p in parts if "type" in p}, {p["format"] for p in parts if "format" in p}


def some(key: str, values: tuple, count: int = 2) -> list:
    """Two of them for this field, others for the next: there are hundreds of fields and each of these refusals is
    the same everywhere, so all of them are tried many times without trying each everywhere."""
    start = zlib.crc32(key.encode())
    return [values[(start + n) % len(values)] for n in range(min(count, len(values)))]


def wrong_values(schema: str, field: str, described: dict):
    """Values that no such field may hold."""
    kinds, formats = kinds_of(described)
    key, strings = f"{schema}.{field}", "string" in kinds
    mistyped: list = [{"a": 1}] if "object" not in kinds else [["a"]]
    if "null" not in kinds and field not in AMOUNTS:
        mistyped.append(None)
    if "integer" in kinds and not strings:
        mistyped += [2**63, -(2**63) - 1, HUGE, 1.5, "一", True, [1]]
        yield from (0,) if field.endswith(("_id", "version")) else (2**31 - 1, -(2**31))
    if kinds <= {"boolean", "null"}:
        mistyped += ["yes", 2, "真"]
    if strings and kinds <= {"string", "null"}:
        mistyped += [5, True, ["a"]]
    yield from some(key, tuple(mistyped))
    if strings and not formats:
        yield "字" * 100_001
    if formats & {"date", "date-time"} or field.endswith(("_on", "_at")):
        yield "2026-02-30"
        yield from some(key, ("2026-13-45T25:00:00Z", "昨天", "0000-00-00", "99999-01-01T00:00:00+08:00", 5, 10**30))
    if "date-time" in formats:
        yield "2027-03-05T09:30:00"
    if field in ("due_at", "starts_at"):
        yield from ("2020-01-01T00:00:00+08:00", "9999-12-31T23:59:59+00:00", "2027-03-05T09:30:00+23:59")
    if field in AMOUNTS:
        yield from (-1, "-0.01", "NaN", "Infinity", "1e400", 1e300, "一百", "1E+30", [1])
    if key in CHOICES:
        yield ["不存在的选项"] if "array" in kinds else "不存在的选项"
    if "array" in kinds:
        yield from ([None], [{"x": 1}] if field != "items" else [1])


MEGABYTES = b'{"a": "' + b"x" * 10_000_000 + b'"}'
PARSED = ("{", "[]", '"x"', "5", '{"a": NaN}', '{"a": 1e999}', '{"a": "\\ud800"}', '{"a": "\\u0000"}', f'{{"a": {HUGE}}}',
          "[" * 100_000, '{"a":' * 60 + "1" + "}" * 60, "null")  # fmt: skip
KINDS = ("text/plain", "application/x-www-form-urlencoded", "text/xml", "")


def wrong_bodies(key: str, good: dict, required: bool):
    """Whole bodies that cannot be read, or not be meant: label, bytes, content type."""
    text = json.dumps(good, ensure_ascii=False)
    first = next(iter(good), "x")
    json_type = "application/json"
    if required:
        yield "empty", b"", json_type
    yield "unknown field", json.dumps({**good, "没有这个字段": 1}).encode(), json_type
    yield "twice", f'{{"{first}": 1, "{first}": 2}}'.encode(), json_type
    yield "gbk", '{"a": "退货"}'.encode("gbk"), json_type
    yield "utf-16", text.encode("utf-16"), json_type
    yield "10 MB", MEGABYTES, json_type
    for raw in some(key, PARSED if required else PARSED[:-1], 3):
        yield raw[:20], raw.encode(), json_type
    for kind in some(key, KINDS, 1):
        yield f"as {kind}", text.encode(), kind


class Sender:
    """Sends what is wrong and checks the refusal; remembers how many."""

    def __init__(self, desk, method: str, path: str) -> None:
        self.desk, self.method, self.path = desk, method, address(path, desk)
        self.before = self.entries()

    @staticmethod
    def entries() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM kernel_auditentry")
            return cursor.fetchone()[0]

    def refused(self, label: object, *, path: str = "", code: str = "", **given):
        answer = self.desk.api.send(self.method, path or self.path, **given)
        said = f"{self.method} {path or self.path} {str(label)[:80]}: {answer.status_code} {answer.text[:300]}"
        assert 400 <= answer.status_code < 500, said
        problem = answer.json()
        assert CHINESE.search(problem["detail"]) and CHINESE.search(problem["title"]), said
        assert all(CHINESE.search(sentence) for sentence in problem["errors"].values()), said
        assert not code or problem["code"] == code, said
        assert self.entries() == self.before, said
        return problem


IDS = [f"{method} {path}" for method, path, _operation in WRITES]


@pytest.mark.parametrize(("method", "path", "operation"), WRITES, ids=IDS)
def test_whatever_is_wrong_is_refused_in_words(method, path, operation, desk) -> None:
    name, schema = schema_of(operation)
    good = good_body(path, name, schema, desk)
    send = Sender(desk, method, path)
    if "{" in path:
        for row in some(path, (2**63, 2**63 - 1, 0, 10**40, -1, "x", "1.5", "%00", "１"), 4):
            send.refused(row, path=address(path, desk, row), body=good or None)
    if not name:
        return
    properties = schema["properties"]
    for label, raw, kind in wrong_bodies(path, good, bool(schema.get("required"))):
        send.refused(label, raw=raw, content_type=kind)
    for missing in schema.get("required", ()):
        send.refused(missing, body={k: v for k, v in good.items() if k != missing})
    for field, described in properties.items():
        for value in wrong_values(name, field, described):
            send.refused(f"{field}={str(value)[:60]}", body={**good, field: value})
    texts = [f for f, d in properties.items() if kinds_of(d)[0] <= {"string", "null"} and not kinds_of(d)[1]]
    for field, bad in zip(some(path, tuple(texts)), ("\x00", "a\ud800b"), strict=False):
        send.refused(field, raw=json.dumps({**good, field: bad}).encode(), code="bad_character")


@pytest.mark.parametrize(("method", "path", "operation"), WRITES, ids=IDS)
def test_what_is_odd_but_legal_never_fails_us(method, path, operation, desk) -> None:
    """Emoji, markup, formulas, right-to-left and zero-width characters are taken as text, or refused in words."""
    name, schema = schema_of(operation)
    good = good_body(path, name, schema, desk)
    for odd in LEGAL if name else ():
        body = {f: odd if isinstance(v, str) and f"{name}.{f}" not in CHOICES else v for f, v in good.items()}
        with transaction.atomic():
            answer = desk.api.send(method, address(path, desk), body)
            assert answer.status_code < 500, (odd, answer.content[:300])
            assert answer.status_code < 300 or CHINESE.search(answer.json()["detail"])
            transaction.set_rollback(True)


def is_prose(name: str, field: str, described: dict) -> bool:
    """A field any text may stand in."""
    kinds, formats = kinds_of(described)
    named = field in ("kind", "phone", "email", "value", "uscc", "url") or field.endswith(("_on", "_by"))
    return kinds <= {"string", "null"} and not formats and f"{name}.{field}" not in CHOICES and not named


@pytest.mark.parametrize(("method", "path", "operation"), WRITES, ids=IDS)
def test_the_example_is_understood_once_and_no_older_state(method, path, operation, desk) -> None:
    """What the documentation shows is a body the operation reads; the same key with another body, or an old version,
    is refused."""
    name, schema = schema_of(operation)
    good = good_body(path, name, schema, desk)
    where = address(path, desk)
    if not name:
        return
    with transaction.atomic():
        first = desk.api.send(method, where, good, Idempotency_Key="once")
        assert first.status_code < 500
        if first.status_code == 422:  # about the state of the row, never about the shape of the example
            wrong = set(first.json()["errors"])
            assert first.json()["code"] != "invalid" or not wrong & set(schema["properties"]), first.content
        if first.status_code < 300:
            send = Sender(desk, method, path)
            send.refused("same key", body={**good, "没有": 1}, Idempotency_Key="once")
            field = next((f for f, d in schema["properties"].items() if is_prose(name, f, d) and good.get(f)), None)
            other = {**good, field: good[field] + "。"} if field else {}
            if other:
                send.refused("same key", body=other, Idempotency_Key="once", code="idempotency_key_reused")
        transaction.set_rollback(True)
    if "version" in good:
        stale = desk.api.send(method, where, {**good, "version": good["version"] + 7})
        assert stale.status_code in (403, 404, 409), (stale.status_code, stale.content[:300])


def is_accepted(method, path, operation, desk) -> bool:
    name, schema = schema_of(operation)
    if not name:
        return False
    with transaction.atomic():
        answer = desk.api.send(method, address(path, desk), good_body(path, name, schema, desk))
        transaction.set_rollback(True)
    return answer.status_code < 300


def test_most_examples_are_accepted_as_they_stand(desk) -> None:
    """Else the tests above would refuse for reasons that have nothing to do with what is wrong."""
    accepted = [f"{method} {path}" for method, path, operation in WRITES if is_accepted(method, path, operation, desk)]
    assert len(accepted) > 30, accepted


@pytest.mark.parametrize(("path", "operation"), READS, ids=[path for path, _o in READS])
def test_odd_questions_get_an_answer_in_words(path, operation, desk) -> None:
    names = [p["name"] for p in operation.get("parameters", ()) if p["in"] == "query"]
    values = (
        "",
        "%00",
        "x" * 5000,
        "9" * 30,
        "-1",
        "NaN",
        "%F0%9F%98%80",
        "%ff",
        "2026-02-30",
        "'",
        "[1]",
        "%E2%80%AE",
    )
    for name in names:
        for value in some(path + name, values, 5):
            answer = desk.api.get(f"{address(path, desk)}?{name}={value}")
            assert answer.status_code < 500, (name, value, answer.content[:300])
            assert answer.status_code < 300 or CHINESE.search(answer.json()["detail"])
    for row in (2**63, 10**40, 0) if "{" in path else ():
        assert desk.api.get(address(path, desk, row)).status_code in (404, 422)
