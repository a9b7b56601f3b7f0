"""How an operation is declared: its grant and, where it writes, its command are part of the declaration.

A test walks `OPERATIONS` and `COMMANDS`: what pages can do and the API cannot is a short list with reasons.
"""

import functools
import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, Field, StrictBool
from pydantic_core import PydanticCustomError

from yinuo.api.accepted import Receipt, wants_receipt
from yinuo.api.replay import idempotent
from yinuo.identity.grants import GRANT_CODES
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.clock import of_our_time
from yinuo.kernel.command import COMMANDS, Declared
from yinuo.kernel.errors import Denied


def no_bool(given: Any) -> Any:
    """True is no number, whatever Python says."""
    if isinstance(given, bool):
        raise PydanticCustomError("int_type", "a number")
    return given


Number = Annotated[int, BeforeValidator(no_bool)]


def _in_words(given: Any) -> Any:
    """A bare number is no time: nobody means the seconds since 1970."""
    if given is not None and not isinstance(given, str):
        raise PydanticCustomError("datetime_type", "a time")
    return given


def _of_our_time(given: datetime) -> datetime:
    if not of_our_time(given):
        raise PydanticCustomError("datetime_type", "a time")
    return given


#: What any operation may answer instead.
PROBLEMS = frozenset({400, 401, 403, 404, 409, 413, 415, 422, 429, 503})
Flag = StrictBool
Moment = Annotated[AwareDatetime, BeforeValidator(_in_words), AfterValidator(_of_our_time)]
Day = Annotated[date, BeforeValidator(_in_words)]
Id = Annotated[int, Field(ge=1, le=2**63 - 1), BeforeValidator(no_bool)]
Limit = Annotated[int, Field(ge=1, le=100)]
Version = Annotated[int, Field(ge=1, le=2**31 - 1), BeforeValidator(no_bool)]


class Given(Schema):
    """A request body: unknown fields are refused rather than silently dropped."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str
    needs: str
    status: int
    returns: Any
    does: str
    later: bool = False


OPERATIONS: list[Operation] = []
Command = Callable[..., Any]
Later = Callable[..., HttpResponse]
AtOnce = Callable[..., HttpResponse | None]


def declared_as(command: Command) -> Declared:
    """What a command declares about itself."""
    plain = inspect.unwrap(command)
    return next(d for d in COMMANDS.values() if d.function is plain)


class Noun(Router):
    """A router whose operations each name the grant they need."""

    def __init__(self, prefix: str, tag: str) -> None:
        super().__init__(tags=[tag])
        self.prefix = prefix

    def get_(self, path: str, *, needs: str, returns: Any, **more: Any) -> Callable[..., Any]:
        return self._op("GET", path, needs=needs, returns=returns, **more)

    def post_(self, path: str, *, does: Command, returns: Any, status: int = 201, **more: Any) -> Callable[..., Any]:
        """`does`: the command it runs; what it needs is what the command needs."""
        return self._write("POST", path, does, returns=returns, status=status, **more)

    def patch_(self, path: str, *, does: Command, returns: Any, **more: Any) -> Callable[..., Any]:
        return self._write("PATCH", path, does, returns=returns, **more)

    def delete_(self, path: str, *, does: Command, **more: Any) -> Callable[..., Any]:
        return self._write("DELETE", path, does, returns=None, status=204, **more)

    def _write(self, method: str, path: str, does: Command, **more: Any) -> Callable[..., Any]:
        declared = declared_as(does)
        return self._op(method, path, needs=str(declared.needs), does=declared.name, **more)

    def _op(
        self, method: str, path: str, *, needs: str, returns: Any, status: int = 200, secret: bool = False,
        keeps: bool = True, does: str = "", later: Later | None = None, at_once: AtOnce | None = None, **more: Any,
    ) -> Callable[..., Any]:  # fmt: skip
        """`secret`: the answer's secret is not kept for a replay; `keeps=False`: nothing of the answer is.
        `later`: what answers instead when the sender prefers a receipt to waiting. `at_once`: what is tried first, with
        its own regard for the Idempotency-Key; None from it is no answer.
        """
        if needs not in GRANT_CODES:
            raise TypeError(f"{method} {self.prefix}{path} needs an unknown grant: {needs}")
        OPERATIONS.append(Operation(method, f"{self.prefix}{path}", needs, status, returns, does, later is not None))
        answers = {status: returns, **({202: Receipt} if later else {})}
        declare = self.api_operation([method], path, response=answers, openapi_extra={"x-needs": needs}, **more)

        def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
            return declare(_guarded(function, needs, status, method != "GET", secret, keeps, later, at_once))

        return wrap


def _guarded(
    function: Callable[..., Any], needs: str, status: int, writes: bool, secret: bool, keeps: bool,
    later: Later | None, at_once: AtOnce | None,
) -> Callable[..., HttpResponse]:  # fmt: skip
    @functools.wraps(function)
    def run(request: HttpRequest, **given: Any) -> HttpResponse:
        actor: Actor = request.api_actor  # type: ignore[attr-defined]
        if not actor.may(needs):
            raise Denied(_("这个密钥没有“%(grant)s”权限") % {"grant": needs})
        with acting_as(actor):
            if not writes:
                return render(function(request, **given), status)
            if later is not None and wants_receipt(request):
                return later(request, **given)
            if at_once is not None and (done := at_once(request, **given)) is not None:
                return done
            answer = functools.partial(_answered, function, request, given, status)
            return idempotent(request, actor, answer, secret=secret, keeps=keeps)

    return run


def _answered(function: Callable[..., Any], request: HttpRequest, given: dict[str, Any], status: int) -> HttpResponse:
    return render(function(request, **given), status)


def render(data: Any, status: int) -> HttpResponse:
    """The rows are made of plain values by the queries; tests hold them against the declared schema."""
    if isinstance(data, HttpResponse):
        return data
    body = b"" if status == 204 else json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False).encode()
    return HttpResponse(body, status=status, content_type="application/json")
