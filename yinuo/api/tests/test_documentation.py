"""The OpenAPI document says what is so: values, examples, summaries in the reader's language; one name, one schema."""

import re

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


def test_writes_say_that_they_may_be_repeated(document) -> None:
    for methods in document["paths"].values():
        for method, operation in methods.items():
            names = [p["name"] for p in operation.get("parameters", ())]
            assert ("Idempotency-Key" in names) == (method != "get")
            assert {"401", "403", "422"} <= {str(code) for code in operation["responses"]}


def test_the_data_is_where_it_is_looked_for() -> None:
    assert {p.name for p in DATA.iterdir()} == {"examples.json", "summaries.json"}


def test_the_document_is_made_once(client, django_assert_num_queries) -> None:
    first = client.get("/api/v1/openapi.json", headers={"Accept-Language": "zh-CN"}).json()
    assert client.get("/api/v1/openapi.json", headers={"Accept-Language": "zh-CN"}).json() == first
    other = client.get("/api/v1/openapi.json", headers={"Accept-Language": "en"}).json()
    assert other["paths"].keys() == first["paths"].keys() and other != first
