"""Customers through the API: made, found, changed, paged; masked until revealed."""

import pytest

from yinuo.customers.models import Customer
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.models import AuditEntry, Once

WANG = {
    "name": "王小明",
    "identities": [{"kind": "phone", "value": "138 1234 5678"}],
    "verified": True,
    "region": "杭州",
}


@pytest.fixture
def wang(api):
    return api.post("/customers", WANG).json()


def test_made_masked_found_and_revealed(api, wang):
    assert wang["identities"] == [{"kind": "phone", "value": "138****5678", "verified": True}]
    for q in ("小明", "wxm", "5678", "13812345678", "杭州"):
        assert [hit["id"] for hit in api.get(f"/customers/search?q={q}").json()["items"]] == [wang["id"]], q
    assert api.get("/customers/search?q=").json()["items"] == []
    assert api.post(f"/customers/{wang['id']}/reveal", {"field": "phone", "reason": ""}).status_code == 422
    plain = api.post(f"/customers/{wang['id']}/reveal", {"field": "phone", "reason": "回电核实"}).json()
    assert plain == {"values": ["+8613812345678"]}
    logged = AuditEntry.unscoped.get(command="customer.reveal")
    assert (logged.actor_kind, logged.data["reason"]) == ("api", "回电核实")
    assert logged.request_id


def test_a_revealed_value_is_not_kept_for_a_replay(api, wang):
    path, asked = f"/customers/{wang['id']}/reveal", {"field": "phone", "reason": "回电核实"}
    assert api.post(path, asked, Idempotency_Key="look-1").json() == {"values": ["+8613812345678"]}
    assert "13812345678" not in str(list(Once.objects.values_list("result", flat=True)))
    again = api.post(path, asked, Idempotency_Key="look-1")
    assert (again.status_code, again.json()["code"]) == (409, "not_replayable")
    assert AuditEntry.unscoped.filter(command="customer.reveal").count() == 1
    assert api.post(path, asked, Idempotency_Key="look-2").status_code == 200
    assert AuditEntry.unscoped.filter(command="customer.reveal").count() == 2


def test_changed_with_its_version(api, wang):
    path = f"/customers/{wang['id']}"
    changed = api.patch(path, {"version": wang["version"], "region": "宁波"}).json()
    assert (changed["region"], changed["version"]) == ("宁波", 2)
    stale = api.patch(path, {"version": 1, "region": "绍兴"})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    assert api.patch(path, {"version": 2, "name": "  "}).json()["errors"].keys() == {"name"}
    assert api.patch(path, {"version": 2, "uscc": "123"}).json()["errors"].keys() == {"uscc"}
    assert api.patch(path, {"region": "x"}).json()["errors"] == {"version": "必填"}


def test_pages_neither_skip_nor_repeat(api):
    for n in range(7):
        api.post("/customers", {"name": f"客户{n}"})
    with acting_as(Actor.system("test")):
        expected = list(Customer.objects.order_by("-updated_at", "-pk").values_list("pk", flat=True))
    seen, cursor = [], ""
    while True:
        page = api.get(f"/customers?limit=3&cursor={cursor}").json()
        seen += [row["id"] for row in page["items"]]
        cursor = page["next"]
        if not cursor:
            break
    assert seen == expected


@pytest.mark.parametrize(
    "cursor", ["x", "!!!", "W10", "WyJhIl0", "bnVsbA", "WyIyMDI2LTAxLTAxVDAwOjAwOjAwIiwxXQ", "eyI", "%00", "WzEsIDJd"]
)
def test_a_bad_cursor_is_said_to_be_bad(api, cursor):
    for noun in (
        "customers",
        "matters",
        "tasks",
        "promises",
        "conversations",
        "complaints",
        "interactions?customer_id=1",
    ):
        joint = "&" if "?" in noun else "?"
        answer = api.get(f"/{noun}{joint}cursor={cursor}")
        assert answer.status_code == 422
        assert answer.json()["code"] in ("bad_cursor", "bad_character")


@pytest.mark.parametrize(
    ("raw", "status", "kind"),
    [
        (b"", 422, "application/json"), (b"{", 400, "application/json"), (b"[1]", 422, "application/json"), (b"null", 422, "application/json"),
        (b"\xff\xfe", 400, "application/json"), (b'{"name": NaN}', 400, "application/json"), (b"[" * 100_000, 400, "application/json"),
        (b'{"name": ' + b"9" * 5000 + b"}", 400, "application/json"), (b'{"name": "a"}', 415, "text/plain"), (b'{"name": "a\\u0000b"}', 422, "application/json"),
        (b'{"name": "\\ud800"}', 422, "application/json"), (b'{"name": 5}', 422, "application/json"), (b'{"name": "a", "nonsense": 1}', 422, "application/json"),
        (b'{"name": "a", "profile": ' + b'{"a":' * 40 + b"1" + b"}" * 40 + b"}", 422, "application/json"),
        (b'{"name": "a", "kind": "alien"}', 422, "application/json"), (b'{"name": "' + b"a" * 5_000_000 + b'"}', 413, "application/json"),
        (b'{"name": "' + b"a" * 500 + b'"}', 422, "application/json"), (b'{"name": "a", "status": "lost\'; DROP TABLE"}', 422, "application/json"),
        (b'{"name": "a", "identities": [{"kind": "phone", "value": "12"}]}', 422, "application/json"),
    ],
)  # fmt: skip
def test_bad_bodies_get_a_clear_problem(api, raw, status, kind):
    answer = api.send("POST", "/customers", raw=raw, content_type=kind)
    assert answer.status_code == status, answer.content
    assert answer.json()["detail"]


@pytest.mark.parametrize("path", ["/customers/99999999999999999999", "/matters/0", "/customers?limit=0", "/customers?limit=1000", "/customers?owner_id=-1", "/promises?due_before=yesterday", "/promises?due_before=2026-13-40T00:00:00Z", "/tasks?state=odd", "/matters?open=perhaps", "/customers?owner_id=99999999999999999999"])  # fmt: skip
def test_bad_questions_get_a_clear_problem(api, path):
    assert api.get(path).status_code in (404, 422)


def test_the_same_key_writes_once_and_answers_alike(api):
    first = api.post("/customers", WANG, Idempotency_Key="abc-1")
    again = api.post("/customers", WANG, Idempotency_Key="abc-1")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    with acting_as(Actor.system("test")):
        assert Customer.objects.count() == 1
    other = api.post("/customers", {"name": "李"}, Idempotency_Key="abc-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    elsewhere = api.post("/tasks", WANG | {}, Idempotency_Key="abc-1")
    assert elsewhere.status_code == 422
    assert api.post("/customers", WANG, Idempotency_Key="中").status_code == 422


def test_a_failed_request_leaves_the_key_free(api):
    assert api.post("/customers", {"name": ""}, Idempotency_Key="k").status_code == 422
    assert api.post("/customers", {"name": "王"}, Idempotency_Key="k").status_code == 201


def test_keys_of_different_people_do_not_meet(api, other):
    assert api.post("/customers", {"name": "王"}, Idempotency_Key="k").status_code == 201
    assert other.post("/customers", {"name": "李"}, Idempotency_Key="k").status_code == 201


def test_statements_are_fixed(api, wang, django_assert_num_queries):
    api.get("/customers")
    with django_assert_num_queries(2):  # key, rows
        api.get("/customers")
    for n in range(3):
        api.post("/customers", {"name": f"客户{n}"})
    with django_assert_num_queries(2):
        api.get("/customers")
    with django_assert_num_queries(7):  # and the identities; who read it is written down (two, in a savepoint here)
        api.get(f"/customers/{wang['id']}")
