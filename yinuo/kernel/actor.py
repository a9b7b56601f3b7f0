"""Who acts. Every scoped query and every command asks here; without an actor both refuse."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from enum import StrEnum

from yinuo.kernel.errors import NoActor


class Scope(StrEnum):
    OWN = "own"
    TEAM = "team"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Actor:
    """`unit_ids` is the actor's unit and all below it. A customer actor sees only `matter_ids` and itself; `key_id` is
    the API key that acts for a member of staff.
    """

    kind: str
    id: int | None
    name: str
    grants: frozenset[str] = frozenset()
    matter_scope: Scope = Scope.OWN
    customer_scope: Scope = Scope.OWN
    unit_id: int | None = None
    unit_ids: frozenset[int] = frozenset()
    matter_ids: frozenset[int] = frozenset()
    customer_id: int | None = None
    ip: str = ""
    request_id: str = ""
    key_id: int | None = None

    def may(self, grant: str) -> bool:
        return "*" in self.grants or grant in self.grants

    @property
    def staff_id(self) -> int | None:
        """The staff member behind this actor (API keys act for one), else None."""
        return self.id if self.kind in ("staff", "api") else None

    @property
    def staff_key(self) -> int:
        """As `staff_id`, but 0, which no row has, where there is none: for filters."""
        return self.staff_id or 0

    @classmethod
    def system(cls, name: str) -> "Actor":
        """A background process of the product itself: sees all, may do all, is named in the audit."""
        return cls("system", None, name, frozenset({"*"}), Scope.ALL, Scope.ALL)

    @classmethod
    def customer(
        cls, *, customer_id: int | None, name: str, matter_ids: frozenset[int] = frozenset(), ip: str = "",
        request_id: str = "", grants: frozenset[str] = frozenset({"portal.use"}),
    ) -> "Actor":  # fmt: skip
        """Somebody outside, holding a link or code for `matter_ids`, or nobody known yet."""
        return cls(
            "customer",
            None,
            name,
            grants,
            matter_ids=matter_ids,
            customer_id=customer_id,
            ip=ip,
            request_id=request_id,
        )

    def named(self, name: str) -> "Actor":
        return replace(self, name=name)


_actor: ContextVar[Actor | None] = ContextVar("actor", default=None)


def current_actor() -> Actor:
    actor = _actor.get()
    if actor is None:
        raise NoActor("nobody is acting: wrap the call in acting_as(actor)")
    return actor


def current_actor_or_none() -> Actor | None:
    return _actor.get()


@contextmanager
def acting_as(actor: Actor | None) -> Iterator[Actor | None]:
    token = _actor.set(actor)
    try:
        yield actor
    finally:
        _actor.reset(token)
