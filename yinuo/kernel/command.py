"""Fence 2: every write is a command. It checks the grant, opens the transaction and must leave an audit entry."""

import functools
import inspect
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _

from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as, current_actor
from yinuo.kernel.errors import Denied, UnrecordedCommand
from yinuo.kernel.guard import permit_writes as permit_writes
from yinuo.kernel.once import claim_once, keep_result
from yinuo.kernel.outage import collided
from yinuo.kernel.work import Work, current_work, working

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Declared:
    """What a command declares; a test walks `COMMANDS` for role × command."""

    name: str
    needs: str | None
    internal: bool
    function: Callable[..., Any]
    keeps: bool = True
    run: Callable[..., Any] | None = None


COMMANDS: dict[str, Declared] = {}


def command(
    name: str, *, needs: str | None = None, internal: bool = False, keeps: bool = True
) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Declare a write. `needs` is the grant the actor must hold; an internal command runs only inside another
    command or for the product's own processes. Callers may leave out `by` and `at`, and may give `once`, a key
    that makes a repeat raise `AlreadyDone` instead of writing twice. With `keeps=False` what the command returns
    is for the caller's eyes only: it is not kept with the key, and a repeat learns nothing.
    """
    if (needs is None) != internal:
        raise TypeError(f"{name}: declare either needs=… or internal=True")

    def wrap(function: Callable[..., R]) -> Callable[..., R]:
        _check_signature(name, function)

        @functools.wraps(function)
        def run(*, by: Actor | None = None, at: Any = None, once: str | None = None, **given: Any) -> R:
            actor = by or current_actor()
            outer = current_work()
            _check_grant(name, needs, internal, actor, nested=outer is not None)
            moment = at or clock.now()

            # A nested command fails its whole outer command. Who means to go on after a failure takes a savepoint:
            # `with transaction.atomic(): other_command(…)`.
            def try_it() -> R:
                with acting_as(actor), permit_writes(name), transaction.atomic(savepoint=outer is None):
                    if outer is not None:
                        return _nested(function, name, outer, actor, moment, given)
                    return _outermost(function, name, actor, moment, once, given, keeps)

            return try_it() if outer is not None else again_after_collision(try_it, given)

        COMMANDS[name] = Declared(name, needs, internal, function, keeps, run)
        return run

    return wrap


#: Seconds before the second try. Whoever it collided with wakes up and takes its locks; at once they would be taken
#: from under it again, and the two would collide once more.
BREATH = 0.05


def again_after_collision(try_it: Callable[[], R], given: dict[str, Any]) -> R:
    """Once more when the database undid it for somebody else's sake: all of it is undone, if the transaction was its
    own, and nothing of it is left in what was given, if that was plain values.
    """
    own = not connection.in_atomic_block
    try:
        return try_it()
    except OperationalError as wrong:
        if not (own and collided(wrong) and plain(given)):
            raise
    time.sleep(BREATH)
    return try_it()


def plain(value: Any) -> bool:
    """Whether a first try cannot have changed or used up the value: no row, no file, no iterator."""
    if isinstance(value, dict):
        return all(plain(one) for one in value.values())
    if isinstance(value, list | tuple | set | frozenset):
        return all(plain(one) for one in value)
    return value is None or isinstance(value, str | bytes | int | float | Decimal | date | timedelta)


def _check_signature(name: str, function: Callable[..., Any]) -> None:
    parameters = inspect.signature(function).parameters
    loose = [p.name for p in parameters.values() if p.kind is not p.KEYWORD_ONLY and p.kind is not p.VAR_KEYWORD]
    if loose or "by" not in parameters or "at" not in parameters:
        raise TypeError(f"{name}: a command is keyword-only and takes by and at (loose: {loose})")
    if name in COMMANDS and COMMANDS[name].function.__qualname__ != function.__qualname__:
        raise TypeError(f"{name} is declared twice")


def _check_grant(name: str, needs: str | None, internal: bool, actor: Actor, *, nested: bool) -> None:
    if internal:
        if not nested and actor.kind != "system":
            raise Denied(_("此操作不能单独执行"), code="internal_command")
    elif not nested and not actor.may(str(needs)):
        # a command called by another rides on the outer one's grant: the outer names what the person does
        raise Denied(_("您没有进行此操作的权限"), fields={"command": name})


def _nested(function: Callable[..., R], name: str, work: Work, actor: Actor, at: Any, given: dict[str, Any]) -> R:
    with work.frame(name) as frame:
        result = function(by=actor, at=at, **given)
    if not frame.recorded:
        raise UnrecordedCommand(name)
    return result


def _outermost(
    function: Callable[..., R], name: str, actor: Actor, at: Any, once: str | None, given: dict[str, Any], keeps: bool
) -> R:
    with working() as work:
        if once:
            claim_once(name, once, actor, at)
        with work.frame(name) as frame:
            result = function(by=actor, at=at, **given)
        if not frame.recorded:
            raise UnrecordedCommand(name)
        work.react(at)
        work.flush(at)
        if once:
            keep_result(name, once, result if keeps else None)
        return result
