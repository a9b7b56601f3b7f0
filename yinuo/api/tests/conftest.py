"""A small company with keys, and a client that holds every answer against the declared schema."""

import json
import re

import pytest
from django.test import Client

import yinuo.api.urls  # noqa: F401 declares the operations
from tests.worlds import world
from yinuo.api.accepted import Receipt
from yinuo.api.operations import OPERATIONS
from yinuo.api.problems import Problem
from yinuo.identity.commands import create_api_key, create_staff, create_unit, seed_roles
from yinuo.identity.grants import GRANT_CODES
from yinuo.kernel.actor import Actor, acting_as


def _pattern(path: str) -> re.Pattern:
    return re.compile(re.sub(r"\{int:\w+\}", r"\\d+", path))


ROUTES = [(op.method, _pattern(op.path), op) for op in OPERATIONS]


class Api:
    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.client = Client(raise_request_exception=False)

    def send(self, method: str, path: str, body=None, *, raw: bytes | None = None, **headers):
        content = raw if raw is not None else (json.dumps(body).encode() if body is not None else b"")
        kind = headers.pop("content_type", "application/json")
        given = {"Authorization": f"Bearer {self.secret}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        response = self.client.generic(method, f"/api/v1{path}", content, content_type=kind, headers=given)
        self.check(method, path.split("?")[0], response)
        return response

    def check(self, method: str, path: str, response) -> None:
        """Every answer is what the documentation says, and every failure is a problem."""
        if response.status_code >= 400:
            assert response.headers["Content-Type"] == "application/problem+json", response.content[:300]
            Problem.model_validate(response.json(), extra="forbid")
            assert "Traceback" not in response.text
            return
        op = next(op for m, pattern, op in ROUTES if m == method and pattern.fullmatch(path))
        if response.status_code == 202 and op.later:
            Receipt.model_validate(response.json(), extra="forbid", strict=False)
            return
        assert response.status_code == op.status
        if op.returns is not None and "Idempotent-Replayed" not in response.headers:
            op.returns.model_validate(response.json(), extra="forbid", strict=False)

    def get(self, path, **headers):
        return self.send("GET", path, **headers)

    def post(self, path, body=None, **headers):
        return self.send("POST", path, body, **headers)

    def patch(self, path, body=None, **headers):
        return self.send("PATCH", path, body, **headers)


@world
def company():
    with acting_as(Actor.system("test")):
        seed_roles()
        head = create_unit(name="总部", code="hq", kind="company", parent_id=None)
        desk = create_unit(name="投诉组", code="complaints", kind="desk", parent_id=head.pk)
        agent = create_staff(
            username="li",
            name="李四",
            password="abcd-2234-x",
            unit_id=desk.pk,
            role_codes=["agent", "supervisor", "administrator"],
        )
        sales = create_unit(name="营业部", code="sales", kind="department", parent_id=head.pk)
        other = create_staff(username="zh", name="赵六", password="abcd-2234-x", unit_id=sales.pk, role_codes=["agent"])
    return {"head": head, "desk": desk, "agent": agent, "other": other}


def key_for(staff, grants=GRANT_CODES) -> str:
    with acting_as(Actor.system("test")):
        return create_api_key(name="ERP", staff_id=staff.pk, grants=grants)["secret"]


@pytest.fixture
def api(company):
    return Api(key_for(company["agent"]))


@pytest.fixture
def other(company):
    """A colleague of another unit: sees only what is theirs."""
    return Api(key_for(company["other"]))
