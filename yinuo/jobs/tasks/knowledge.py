"""Articles whose day of another look has come."""

from yinuo.jobs.deferring import job, periodic
from yinuo.kernel import clock
from yinuo.kernel.steady import unhurried
from yinuo.knowledge.commands import expire_due


@periodic("11 * * * *")
@job("knowledge.expire", retry=None)
def expire(timestamp: int = 0) -> int:
    """Batch after batch, until nothing is due."""
    done = 0
    while found := expire_due(at=unhurried(clock.now())):
        done += found
    return done
