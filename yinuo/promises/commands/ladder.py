"""Who stands on which rung of the escalation ladder, found once per batch."""

from yinuo.identity.models import Staff
from yinuo.identity.queries import holders, manager_of, unit_head_above
from yinuo.promises.models import Promise


class Ladder:
    """`whom` names the person of a rung; an empty rung falls to the next person up, so nobody is never told."""

    def __init__(self) -> None:
        self._chains: dict[tuple[int | None, int | None], dict[str, Staff | None]] = {}
        self._leaders: list[Staff] | None = None

    def whom(self, to: str, promise: Promise) -> Staff | None:
        key = (promise.owner_id, promise.unit_id)
        if key not in self._chains:
            self._chains[key] = self._chain(promise)
        chain = self._chains[key]
        above = list(chain)[list(chain).index(to) :]
        return next((chain[rung] for rung in above if chain[rung]), None)

    def _chain(self, promise: Promise) -> dict[str, Staff | None]:
        handler = promise.owner if promise.owner and promise.owner.is_active else None
        manager = manager_of(handler) if handler else (unit_head_above(promise.unit) if promise.unit else None)
        next_level = manager_of(manager)
        return {"handler": handler, "manager": manager, "next_level": next_level, "leader": self._leader(promise)}

    def _leader(self, promise: Promise) -> Staff | None:
        """A leader of the unit's own line if there is one, else any."""
        if self._leaders is None:
            self._leaders = holders("leader")
        path = promise.unit.path if promise.unit else ""
        return next((s for s in self._leaders if f"/{s.unit_id}/" in path), next(iter(self._leaders), None))
