"""Operations made from the commands' own signatures, so that the API cannot fall behind what the pages can do.

A verb's body has the parameters of its command, less the one its URL fills; `version` stands for the command's
`expected_version`.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from django.db.models import Model
from django.http import HttpRequest
from ninja import Schema
from pydantic import BeforeValidator, Field, create_model

from yinuo.api.operations import Command, Day, Flag, Given, Id, Moment, Noun, Version, declared_as, no_bool

Small = Annotated[int, Field(ge=-(2**31), le=2**31 - 1), BeforeValidator(no_bool)]
Amount = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)]
Score = Annotated[float, Field(ge=-100, le=100), BeforeValidator(no_bool)]
_AS_JSON = {object: str | int | float | None, datetime: Moment, date: Day, Decimal: Amount, bool: Flag, float: Score}
Show = Callable[[Any, int], Any]


class Made(Schema):
    """The row an operation made."""

    type: str
    id: int


def made(row: Model, _row_id: int = 0) -> dict[str, Any]:
    return {"type": row._meta.model_name, "id": row.pk}


def field_type(name: str, hint: Any) -> Any:
    """What JSON may hold for a parameter of a command."""
    if get_origin(hint) is not None and type(None) in get_args(hint):
        inner = [field_type(name, arg) for arg in get_args(hint) if arg is not type(None)]
        return Union[(*inner, None)]
    if get_origin(hint) is Sequence:
        return list[field_type(name.removesuffix("s"), get_args(hint)[0])]  # type: ignore[misc]
    if get_origin(hint) is Mapping:
        return dict[str, Any]
    if hint is int:
        return Version if name.endswith("version") else Id if name.endswith("_id") else Small
    return _AS_JSON.get(hint, hint)


def body_of(command: Command, own: str, called: str = "", **fixed: Any) -> type[Given]:
    """The schema of a verb's body: everything but what the URL gives, what is `fixed`, and who acts when. `called`: its
    name, where one command has two.
    """
    plain = inspect.unwrap(command)
    hints = get_type_hints(plain)
    fields: dict[str, Any] = {}
    for name, parameter in inspect.signature(plain).parameters.items():
        if name in (own, "by", "at", *fixed):
            continue
        default = ... if parameter.default is parameter.empty else parameter.default
        shown_as = "version" if name == "expected_version" else name
        fields[shown_as] = (field_type(name, hints[name]), default)
    named = declared_as(command).name.replace(".", "_").title().replace("_", "")  # complaint.reply: ComplaintReplyIn
    return create_model(f"{called or named}In", __base__=Given, **fields)


def verb(
    noun: Noun, path: str, command: Command, *, own: str = "", show: Show = made, returns: Any = Made,
    status: int = 200, name: str = "", summary: str = "", fixed: Mapping[str, Any] | None = None, called: str = "",
    **more: Any,
) -> None:  # fmt: skip
    """Declare `POST noun/path` to run `command`. The path's `row_id` fills the parameter `own`; `show` makes the
    answer of what the command returned and that id.
    """
    plain = inspect.unwrap(command)
    body_type = body_of(command, own, called, **(fixed or {}))

    def run(request: HttpRequest, row_id: int = 0, body: Any = None) -> Any:
        given = {**(body.model_dump(exclude_unset=True) if body else {}), **(fixed or {})}
        if "version" in given:
            given["expected_version"] = given.pop("version")
        return show(command(**({own: row_id} if own else {}), **given), row_id)

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter("request", kind, annotation=HttpRequest)]
    if own:
        parameters.append(inspect.Parameter("row_id", kind, annotation=int))
    if body_type.model_fields:
        needed = any(field.is_required() for field in body_type.model_fields.values())
        default = inspect.Parameter.empty if needed else None
        parameters.append(inspect.Parameter("body", kind, annotation=body_type, default=default))
    run.__name__ = name or plain.__name__
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    said = summary or run.__name__.replace("_", " ").capitalize()
    about = inspect.getdoc(plain) or ""
    noun.post_(path, does=command, returns=returns, status=status, summary=said, description=about, **more)(run)
