"""What a service standard says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from yinuo.calendars.spans import ClockKind, Span


class Sense(StrEnum):
    DEADLINE = "deadline"  # to be done by then
    MINIMUM_GAP = "minimum_gap"  # not to be done more often than this; the next one is planned by a person


class BreachKind(StrEnum):
    NONE = "none"
    APOLOGY = "apology"
    FREE = "free"
    COMPENSATION = "compensation"


RUNGS = ("handler", "manager", "next_level", "leader")
CONDITION_KEYS = (
    "grade",
    "region",
    "unit",
    "kind",
    "complaint_kind",
    "complaint_subkind",
    "channel",
    "severity",
    "complexity",
    "area",
    "visit_class",
    "staff_level",
)


@dataclass(frozen=True, slots=True)
class Rung:
    to: str
    after: Decimal  # days or hours past the due time, on the standard's own clock


@dataclass(frozen=True, slots=True)
class Breach:
    """What a broken promise costs: `per_day` money, or `percent` of the sum at stake, for each day begun."""

    kind: BreachKind = BreachKind.NONE
    per_day: Decimal | None = None
    percent: Decimal | None = None
    cap: Decimal | None = None

    @property
    def needs_sum(self) -> bool:
        """Whether it is reckoned on a sum somebody has to name."""
        return self.kind is BreachKind.COMPENSATION and self.percent is not None


@dataclass(frozen=True, slots=True)
class StandardSpec:
    """One service standard. `obligation` names what is owed: of several about the same thing the most
    specific counts. `kept_by` and `renewed_by` name the happenings that fulfil it.
    """

    key: str
    title: str
    trigger: str
    obligation: str
    clock: ClockKind
    amount: Decimal
    says: str = ""
    sense: Sense = Sense.DEADLINE
    counts_from: str = ""  # the fact holding an agreed date; empty: from the trigger
    conditions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    warn_at: tuple[int, ...] = ()
    involve_at: int = 0  # per cent of the time gone when the handler's manager takes part, before it breaks; 0: never
    ladder: tuple[Rung, ...] = ()
    breach: Breach = Breach()
    kept_by: tuple[str, ...] = ()
    renews: bool = False
    renewed_by: tuple[str, ...] = ()
    pauses: bool = False
    pauses_for: tuple[str, ...] = ()  # what the customer is waited for that stops the clock by itself: `WAITS`
    extend_to: tuple[Decimal, ...] = ()

    @property
    def span(self) -> Span:
        return Span.of(self.clock, self.amount)

    @property
    def longest(self) -> Decimal:
        """The furthest an extension may go, in the standard's own days or hours."""
        return self.extend_to[-1] if self.extend_to else self.amount
