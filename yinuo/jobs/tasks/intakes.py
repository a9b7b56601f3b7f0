"""Accepted intakes nobody has registered yet, and receipts that have served their time."""

from datetime import timedelta

from yinuo.complaints.intake.group import waits_since
from yinuo.complaints.models import AcceptedIntake
from yinuo.jobs.deferring import job, periodic
from yinuo.jobs.intakes import drain
from yinuo.kernel import clock
from yinuo.kernel.guard import permit_writes
from yinuo.kernel.steady import unhurried

LATE = timedelta(minutes=1)
#: What was registered or set aside. The complaint keeps its words; what was refused stays until a person has looked.
KEPT = timedelta(days=90)
BATCH = 5000
State = AcceptedIntake.State


@periodic("* * * * *")
@job("intake.sweep", queue="mail", retry=None)
def sweep(timestamp: int = 0) -> int:
    """The worker's own thread is rung; should it be gone, this is found within a minute or two."""
    return drain() if waits_since(clock.now() - LATE) else 0


@periodic("25 3 * * *")
@job("intake.prune", retry=None)
def prune(timestamp: int = 0) -> int:
    """Receipts are kept for three months."""
    old = AcceptedIntake.unscoped.filter(
        state__in=(State.REGISTERED, State.SET_ASIDE), received_at__lt=unhurried(clock.now()) - KEPT
    ).values("pk")[:BATCH]
    gone = 0
    with permit_writes("housekeeping"):
        while found := AcceptedIntake.unscoped.filter(pk__in=list(old.values_list("pk", flat=True))).delete()[0]:
            gone += found
    return gone
