"""Every operation of the API is called by every role with whatever its own document allows, and with what it forbids.

No answer is a failure of ours, none is undeclared, and none shows what its caller has no part in.
A short run is part of the tests (test_contract.py), a long one is `python -m tests.attack contract`.
"""

import json
import re
from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks as declared

from tests.attack.company import Caller, named

CHECKS = [
    schemathesis.checks.not_a_server_error, declared.status_code_conformance, declared.content_type_conformance,
    declared.response_headers_conformance, declared.response_schema_conformance,
]  # fmt: skip
Ids = dict[str, list[int]]
FEW = st.integers(0, 5).map(bool)  # mostly true


def described() -> Any:
    """The document the product serves, and the product behind it."""
    from yinuo.api.urls import api
    from yinuo.wsgi import application

    document = schemathesis.openapi.from_dict(
        json.loads(json.dumps(api.get_openapi_schema(), default=str))
    )  # a copy: it is rewritten
    document.app = application
    return document


def operations() -> list[Any]:
    return [result.ok() for result in described().get_all_operations()]


@st.composite
def cases(draw: st.DrawFn, operation: Any, known: Ids) -> Any:
    """A request the document allows, or forbids; where it names a row, often one that is there."""
    case = draw(_generated(operation))
    if draw(st.integers(0, 5)):
        case.path_parameters = {
            name: draw(st.sampled_from(named(_noun(case.path, name), known))) for name in case.path_parameters or {}
        }
    if isinstance(case.body, dict) and draw(st.booleans()):  # what the document shows, with a field of any kind
        shown = _example(operation)
        case.body = shown | {name: value for name, value in case.body.items() if name not in shown or not draw(FEW)}
    if isinstance(case.body, dict) and draw(st.integers(0, 3)):
        for name, value in case.body.items():
            if name.endswith("_id") and value is not None:
                case.body[name] = draw(st.sampled_from(named(name, known)))
            elif name.endswith("_ids"):
                case.body[name] = draw(st.lists(st.sampled_from(named(name, known)), max_size=3))
            elif name == "version":
                case.body[name] = draw(st.integers(1, 3))
    return case


def _example(operation: Any) -> dict[str, Any]:
    """What the document shows for the body; what it says may be empty is left out now and then by the generator."""
    content = operation.definition.raw.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    for part in (schema, *schema.get("anyOf", ()), *schema.get("allOf", ())):
        if "$ref" in part:
            name = part["$ref"].rpartition("/")[2]
            fields = operation.schema.raw_schema["components"]["schemas"][name].get("properties", {})
            return {field: told["example"] for field, told in fields.items() if "example" in told}
    return {}


def _generated(operation: Any) -> st.SearchStrategy[Any]:
    allowed = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    return allowed | allowed | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)


def _noun(path: str, parameter: str) -> str:
    """What the number stands for: its own name, or the word before it."""
    if parameter != "row_id":
        return parameter
    return path.partition("{" + parameter)[0].rstrip("/").rpartition("/")[2]


def call(case: Any, caller: Caller) -> Any:
    """The answer, held against the document and against what the caller must not see."""
    answer = case.call(headers={"Authorization": f"Bearer {caller.secret}"})
    case.validate_response(answer, checks=CHECKS)
    said = answer.content.decode("utf-8", "replace")
    if answer.status_code >= 400:
        kind = answer.headers.get("content-type", [""])[0]
        assert kind == "application/problem+json", (answer.status_code, kind, said[:300])
    plain = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), said)
    seen = [secret for secret in caller.must_not_see if secret in plain]
    assert not seen, f"{caller.name} sees {seen}: {plain[:500]}"
    return answer
