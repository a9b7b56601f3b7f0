"""When views are written down, and when there are too many. Pure; the figures are a setting that starts with these."""

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from yinuo.customers.rules.ranges import within

#: Who opens the same card again within this time is written down once.
VIEW_EVERY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class RevealRule:
    """More than `most` masked fields looked at by one colleague within `minutes` is unusual."""

    most: int = 20
    minutes: int = 60

    @classmethod
    def of(cls, values: dict[str, Any]) -> "RevealRule":
        return cls(**within(values, {"most": (1, 10_000), "minutes": (5, 1440)}))

    def values(self) -> dict[str, int]:
        return asdict(self)

    @property
    def window(self) -> timedelta:
        return timedelta(minutes=self.minutes)
