"""The OpenAPI document says what is so: values, examples, summaries in the reader's language; one name, one schema."""

import ast
import json
import re
from pathlib import Path

import pytest
from django.utils import translation
from ninja import Schema

from yinuo.api.describing import CHOICES, DATA, example_of, kept
from yinuo.api.operations import OPERATIONS, Given
from yinuo.api.urls import api

CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.fixture
def document():
    with translation.override("zh-hans"):
        return api.get_openapi_schema()


def all_of(kind: type) -> list[type]:
    return [one for sub in kind.__subclasses__() for one in (sub, *all_of(sub)) if one.__module__.startswith("yinuo.")]


def test_no_two_schemas_share_a_name() -> None:
    """OpenAPI would show one of them in place of the other."""
    names = [one.__name__ for one in all_of(Schema)]
    assert {n for n in names if names.count(n) > 1} == set()


def test_every_field_that_is_sent_has_an_example_and_none_is_left_over(document) -> None:
    sent = {(model.__name__, field) for model in all_of(Given) for field in model.model_fields}
    for name, field in sent:
        assert example_of(name, field) is not None
    used = {field for _name, field in sent} | {f"{name}.{field}" for name, field in sent}
    assert set(kept("examples.json")) - used == set()
    shown = document["components"]["schemas"]["PromiseMakePersonalIn"]["properties"]
    assert shown["due_at"]["example"].endswith("+08:00")


def test_every_value_named_belongs_to_a_field_and_its_example_is_one_of_them(document) -> None:
    fields = {f"{model.__name__}.{field}" for model in all_of(Given) for field in model.model_fields}
    assert set(CHOICES) - fields == set()
    for key, values in CHOICES.items():
        example = example_of(*key.split("."))
        assert set(example if isinstance(example, list) else [str(example)]) <= {str(v) for v in values}, key
    assess = document["components"]["schemas"]["ComplaintAssessIn"]["properties"]
    assert assess["judgement"]["enum"] == ["justified", "partly", "unjustified"]
    assert "media" in assess["risks"]["items"]["enum"]


def test_every_operation_is_summarised_in_both_languages(document) -> None:
    named = {f"{op.method} {op.path}".replace("int:", "") for op in OPERATIONS}
    assert set(kept("summaries.json")) == named
    with translation.override("en"):
        english = api.get_openapi_schema()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert CHINESE.search(operation["summary"])
            plain = english["paths"][path][method]["summary"]
            assert plain and not CHINESE.search(plain) and plain[-1] != "."


def test_what_is_longer_than_a_summary_is_said_in_both_languages(document) -> None:
    """A command whose docstring is new needs its Chinese; none is kept for what is gone."""
    with translation.override("en"):
        english = api.get_openapi_schema()
    described = set()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            plain = english["paths"][path][method].get("description", "")
            assert not CHINESE.search(plain), (path, plain)
            assert bool(plain) == bool(CHINESE.search(operation.get("description", ""))), (path, plain)
            if plain:
                described.add(f"{method.upper()} {path.partition('/v1')[2]}")
    assert set(kept("descriptions.json")) == described


def test_writes_say_that_they_may_be_repeated(document) -> None:
    for methods in document["paths"].values():
        for method, operation in methods.items():
            names = [p["name"] for p in operation.get("parameters", ())]
            assert ("Idempotency-Key" in names) == (method != "get")
            assert {"401", "403", "422"} <= {str(code) for code in operation["responses"]}


def test_refusals_are_declared_with_their_own_media_type(document) -> None:
    for methods in document["paths"].values():
        for operation in methods.values():
            told = {status: answer for status, answer in operation["responses"].items() if int(status) >= 400}
            assert {400, 401, 403, 404, 409, 413, 415, 422, 429, 503} == set(told)
            assert {kind for answer in told.values() for kind in answer["content"]} == {"application/problem+json"}


def test_limits_are_said_in_the_words_of_json_schema(document) -> None:
    """`ge` is what the library says inside; no program that reads the document knows it."""
    words = set(re.findall(r'"(ge|le|gt|lt|max_length|min_length)":', json.dumps(document)))
    assert words == set()
    row = next(p for p in document["paths"]["/api/v1/complaints"]["get"]["parameters"] if p["name"] == "owner_id")
    assert row["schema"]["anyOf"][0] == {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}


def test_the_data_is_where_it_is_looked_for() -> None:
    assert {p.name for p in DATA.iterdir()} == {
        "descriptions.json", "examples.json", "guide.json", "problems.json", "summaries.json"
    }  # fmt: skip


def test_the_document_is_made_once(client, django_assert_num_queries) -> None:
    first = client.get("/api/v1/openapi.json", headers={"Accept-Language": "zh-CN"}).json()
    assert client.get("/api/v1/openapi.json", headers={"Accept-Language": "zh-CN"}).json() == first
    other = client.get("/api/v1/openapi.json", headers={"Accept-Language": "en"}).json()
    assert other["paths"].keys() == first["paths"].keys() and other != first


ROOT = Path(__file__).resolve().parents[2]
#: Not said to a program: the customer's own side, people's settings.
ELSEWHERE = ("channels/portal", "channels/email", "identity", "kernel/tokens.py", "channels/webhook/signing.py",
             "complaints/commands/exporting.py", "kernel/command.py")  # fmt: skip
ERRORS = {"YinuoError", "Invalid", "Denied", "Missing", "Refused", "Stale", "TooMany", "AlreadyDone"}


def codes_in(path: Path) -> set[str]:
    """The codes errors are raised with, those error classes have, and those of `problem(…)`."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in ERRORS | {
            "problem"
        }:
            values = [k.value for k in node.keywords if k.arg == "code"]
            values += node.args[3:4] if getattr(node.func, "id", getattr(node.func, "attr", "")) == "problem" else []
            found |= {v.value for v in values if isinstance(v, ast.Constant)}
        if isinstance(node, ast.ClassDef) and {getattr(b, "id", "") for b in node.bases} & (ERRORS | {"Exception"}):
            found |= {
                line.value.value for line in node.body
                if isinstance(line, ast.Assign) and getattr(line.targets[0], "id", "") == "code"
            }  # fmt: skip
    return found


def test_every_code_an_error_can_have_is_explained() -> None:
    rooms = (
        "api",
        "approvals",
        "complaints",
        "conversations",
        "customers",
        "kernel",
        "knowledge",
        "matters",
        "promises",
    )
    said = {
        code for room in rooms for path in (ROOT / room).rglob("*.py")
        if "tests" not in path.parts and not path.relative_to(ROOT).as_posix().startswith(ELSEWHERE)
        for code in codes_in(path)
    }  # fmt: skip
    assert said - {"error"} - set(kept("problems.json")) == set()


@pytest.mark.parametrize(("language", "begin"), [("zh-CN", "开始"), ("en", "Begin")])
def test_a_newcomer_reads_how_to_begin_and_nothing_comes_from_elsewhere(client, language, begin) -> None:
    page = client.get("/api/docs", headers={"Accept-Language": language})
    text = page.content.decode()
    assert f"<h2>{begin}</h2>" in text and "Idempotency-Key: call-20260305-0017" in text
    assert set(re.findall(r"https?://[^/\s\"<]+", text)) == {"http://testserver"}
    for code in kept("problems.json"):
        assert f'id="problems-{code}"' in text
    for address in re.findall(r'(?:src|href)="([^"]+)"', text):
        assert address.startswith(("/static/", "data:,"))
        if address.startswith("/static/"):
            assert client.get(address).status_code == 200, address
    assert "unsafe" not in page.headers["Content-Security-Policy"]


def test_a_problem_leads_to_its_explanation(client) -> None:
    problem = client.get("/api/v1/customers").json()
    path, _hash, anchor = problem["type"].partition("#")
    assert f'id="{anchor}"' in client.get(path).content.decode()
