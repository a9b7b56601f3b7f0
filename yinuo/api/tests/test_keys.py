"""Who may call, and what every refusal looks like."""

import json
from datetime import timedelta

import pytest
from django.urls import get_resolver

from yinuo.api.operations import OPERATIONS
from yinuo.api.tests.conftest import Api, key_for
from yinuo.api.urls import api as ninja_api
from yinuo.identity.commands import revoke_api_key
from yinuo.identity.grants import GRANT_CODES
from yinuo.identity.models import ApiKey
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as


def path_of(op) -> str:
    import re

    return re.sub(r"\{int:\w+\}", "1", op.path)


def test_every_operation_declares_its_grant():
    declared = {(op.method, f"/api/v1{op.path}".replace("int:", "")) for op in OPERATIONS}
    schema = ninja_api.get_openapi_schema()
    served = {(m.upper(), path.replace("//", "/")) for path, methods in schema["paths"].items() for m in methods}
    assert served == declared
    for methods in schema["paths"].values():
        for operation in methods.values():
            assert operation["x-needs"] in GRANT_CODES
            assert operation["security"]
    assert len({o["operationId"] for m in schema["paths"].values() for o in m.values()}) == len(OPERATIONS)


@pytest.mark.django_db
@pytest.mark.parametrize("op", OPERATIONS, ids=lambda op: f"{op.method} {op.path}")
def test_no_operation_works_without_a_key(op, client):
    answer = client.generic(op.method, f"/api/v1{path_of(op)}", b"{}", content_type="application/json")
    assert answer.status_code == 401
    assert answer.json()["code"] == "unauthorised"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("op", OPERATIONS, ids=lambda op: f"{op.method} {op.path}")
def test_no_operation_works_without_its_grant(op, company):
    poor = Api(key_for(company["agent"], GRANT_CODES - {op.needs}))
    answer = poor.send(op.method, path_of(op), {})
    assert answer.status_code in (403, 422)
    if answer.status_code == 422:  # the body is read before the grant is looked at; nothing was done
        assert "errors" in answer.json()


def test_unknown_revoked_expired_and_left(company, api):
    assert api.get("/customers").status_code == 200
    for secret in ("", "x", "yk_0000.aaaa", api.secret + "x", "é", "a" * 5000):
        assert Api(secret).get("/customers").status_code == 401
    key = ApiKey.objects.get()
    with clock.frozen(clock.now() + timedelta(days=1)), acting_as(Actor.system("test")):
        revoke_api_key(key_id=key.pk)
    assert api.get("/customers").status_code == 401


def test_a_key_never_has_more_than_its_person(company):
    weak = Api(key_for(company["other"]))
    assert weak.get("/webhooks").status_code == 403


def test_last_use_is_written_at_most_once_a_minute(api, django_assert_num_queries):
    api.get("/tasks")
    used = ApiKey.objects.get().last_used_at
    api.get("/tasks")
    assert ApiKey.objects.get().last_used_at == used
    with clock.frozen(clock.now() + timedelta(seconds=61)):
        api.get("/tasks")
    assert ApiKey.objects.get().last_used_at > used


def test_guessing_is_slowed_down(company):
    answers = [Api("yk_guess.wrong").get("/customers").status_code for _n in range(31)]
    assert answers[:30] == [401] * 30
    assert answers[30] == 429


def test_wrong_addresses_and_methods_are_problems(api, client):
    for path in (
        "/api/",
        "/api/v2/customers",
        "/api/v1/nothing",
        "/api/v1/customers/1%0A2",
        "/api/v1/customers/x",
        "/api/v1/complaints/1/explode",
    ):
        answer = client.post(path, b"{}", content_type="application/json")
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    answer = client.put("/api/v1/customers")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]


def test_the_documentation_is_served_from_here_alone(client):
    page = client.get("/api/docs")
    assert page.status_code == 200
    assert "://" not in page.content.decode().replace("http://testserver/", "")
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    schema = client.get("/api/v1/openapi.json").json()
    assert schema["openapi"].startswith("3.")
    assert "/api/v1/complaints/{row_id}/acknowledge" in schema["paths"]
    from django.contrib.staticfiles import finders

    assert finders.find("ninja/swagger-ui-bundle.js")


def test_an_unexpected_failure_tells_nothing_but_its_number(api, monkeypatch):
    monkeypatch.setattr("yinuo.api.nouns.tasks.shown", lambda row: 1 / 0)
    monkeypatch.setattr("yinuo.api.nouns.tasks._one", lambda pk: None)
    answer = api.get("/tasks/1")
    assert answer.status_code == 500
    problem = answer.json()
    assert problem["request_id"] == answer.headers["X-Request-ID"]
    assert "division" not in json.dumps(problem)
    assert get_resolver()
