"""`Prefer: respond-async`: 202 with a number and a receipt, once per Idempotency-Key, seen by the key that sent it."""

import pytest

from yinuo.api.tests.conftest import Api, key_for
from yinuo.api.tests.test_complaints import INTAKE
from yinuo.api.urls import api as document
from yinuo.complaints.intake.draining import drain
from yinuo.complaints.models import AcceptedIntake, Complaint
from yinuo.identity.commands import revoke_api_key
from yinuo.identity.models import ApiKey
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.command import permit_writes

LATER = {"Prefer": "respond-async"}
pytestmark = pytest.mark.django_db


def receipt_of(api, answer):
    return api.get(answer.headers["Location"].removeprefix("/api/v1")).json()


def test_accepted_with_its_number_then_registered_under_it(api, company):
    answer = api.post("/complaints", INTAKE, **LATER)
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (202, "respond-async")
    told = answer.json()
    assert told["number"].startswith("TS") and (told["state"], told["complaint_id"]) == ("waiting", None)
    assert receipt_of(api, answer) == told and not Complaint.unscoped.exists()
    drain()
    after = receipt_of(api, answer)
    assert after["state"] == "registered" and after["handled_at"]
    case = api.get(f"/complaints/{after['complaint_id']}").json()
    assert (case["number"], case["received_at"]) == (told["number"], told["received_at"])
    assert case["owner"]["id"] == company["agent"].pk


@pytest.mark.parametrize("prefer", ["respond-async", "Respond-Async; wait=10", "return=minimal, respond-async"])
def test_the_preference_as_rfc_7240_writes_it(api, prefer):
    assert api.post("/complaints", INTAKE, Prefer=prefer).status_code == 202


@pytest.mark.parametrize("prefer", ["", "wait=10", "respond-asynchronously", "return=representation"])
def test_without_it_everything_is_done_at_once(api, prefer):
    assert api.post("/complaints", INTAKE, Prefer=prefer).status_code == 201
    assert not AcceptedIntake.unscoped.exists()


def test_three_statements_of_which_two_are_the_keys(api, django_assert_num_queries):
    """Who calls, once a minute that the key is used, and the row."""
    with django_assert_num_queries(3):
        api.post("/complaints", INTAKE, **LATER)
    for headers in (LATER, {**LATER, "Idempotency-Key": "form-0001"}):
        with django_assert_num_queries(2):
            assert api.post("/complaints", INTAKE, **headers).status_code == 202


def test_what_is_wrong_is_said_before_anything_is_kept(api):
    for wrong, field in (
        ({"content": ""}, "content"), ({"phone": "12"}, "phone"), ({"channel": "fax"}, "channel"),
        ({"nonsense": 1}, "nonsense"), ({"produced_on": "2099-01-01"}, "produced_on"),
    ):  # fmt: skip
        answer = api.post("/complaints", INTAKE | wrong, **LATER)
        assert answer.status_code == 422 and field in answer.json()["errors"]
    assert not AcceptedIntake.unscoped.exists()


def test_the_same_key_again_is_the_same_receipt_and_another_body_is_refused(api):
    headers = {**LATER, "Idempotency-Key": "form-0017"}
    first = api.post("/complaints", INTAKE, **headers)
    again = api.post("/complaints", INTAKE, **headers)
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["Idempotent-Replayed"] == "true" and again.headers["Location"] == first.headers["Location"]
    other = api.post("/complaints", INTAKE | {"name": "别人"}, **headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    bad = api.post("/complaints", INTAKE, **{**LATER, "Idempotency-Key": "空 格"})
    assert bad.status_code == 422
    assert AcceptedIntake.unscoped.count() == 1
    # whichever way the repeat prefers, it is the same request
    waited = api.post("/complaints", INTAKE, Idempotency_Key="form-0017")
    assert (waited.status_code, waited.json()) == (202, first.json())
    done = api.post("/complaints", INTAKE, Idempotency_Key="form-0018")
    repeat = api.post("/complaints", INTAKE, **{**LATER, "Idempotency-Key": "form-0018"})
    assert (repeat.status_code, repeat.json()["id"]) == (201, done.json()["id"])


def test_a_key_without_the_grant_and_somebody_elses_receipt(api, other, company):
    answer = api.post("/complaints", INTAKE, **LATER)
    path = answer.headers["Location"].removeprefix("/api/v1")
    reader = Api(key_for(company["agent"], ["matter.read"]))
    assert reader.post("/complaints", INTAKE, **LATER).status_code == 403
    assert reader.get(path).status_code == 403
    assert other.get(path).status_code == 404
    assert api.get("/complaints/accepted/999999").status_code == 404
    # another key of the same person sees it only where that person sees everything
    with permit_writes("test"):
        company["agent"].roles.update(matter_scope="own")
    assert Api(key_for(company["agent"])).get(path).status_code == 404
    assert api.get(path).status_code == 200


def test_a_revoked_key_takes_nothing_back(api, company):
    api.post("/complaints", INTAKE | {"customer_kind": "organisation", "wants_leader": True}, **LATER)
    with acting_as(Actor.system("test")):
        revoke_api_key(key_id=ApiKey.objects.get().pk)
    drain()
    assert Complaint.unscoped.get().matter.owner_id == company["agent"].pk


@pytest.mark.parametrize("way", [{}, LATER])
@pytest.mark.parametrize("when", ["0001-01-01T00:00:00+14:00", "1066-10-14T09:00:00Z", "1950-01-01T00:00:00Z"])
def test_a_case_from_before_our_time_is_refused_and_every_list_can_be_read(api, way, when):
    """The year 1 in another time zone is a year before all years: once stored, no program could read the row again."""
    answer = api.post("/complaints", INTAKE | {"received_at": when}, **way)
    assert answer.status_code == 422 and "received_at" in answer.json()["errors"]


def test_a_refusal_is_on_the_receipt(api):
    answer = api.post("/complaints", INTAKE | {"customer_id": 987654}, **LATER)
    drain()
    after = receipt_of(api, answer)
    assert (after["state"], after["problem"]["code"], after["complaint_id"]) == ("refused", "missing", None)


def test_the_document_says_so():
    operation = document.get_openapi_schema()["paths"]["/api/v1/complaints"]["post"]
    assert {"Prefer", "Idempotency-Key"} <= {p["name"] for p in operation["parameters"]}
    told = operation["responses"][202]
    assert set(told["headers"]) == {"Location", "Preference-Applied"}
    assert told["content"]["application/json"]["schema"]["$ref"].endswith("/Receipt")
