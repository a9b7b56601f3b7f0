"""What runs every so often must survive a clock that jumps: procrastinate remembers when it last did what."""

from collections.abc import Iterable

from procrastinate import periodic
from procrastinate.periodic import PeriodicDeferrer, TaskAtTime


class SteadyDeferrer(PeriodicDeferrer):
    """Set forward, or awake after a week: each periodic task runs once, not once for every minute slept. Set back: it
    does not wait until the time is again what it was.
    """

    def get_previous_tasks(self, at: float) -> Iterable[TaskAtTime]:
        self.last_defers = {key: last for key, last in self.last_defers.items() if at - self.max_delay <= last <= at}
        return super().get_previous_tasks(at)


def install() -> None:
    """A worker makes its deferrer by this name."""
    periodic.PeriodicDeferrer = SteadyDeferrer  # type: ignore[misc]
