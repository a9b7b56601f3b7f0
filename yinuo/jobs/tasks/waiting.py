"""Waiting for a customer ends when what they were offered has run out: from then on the next step is ours."""

from yinuo.complaints.queries.links import lapsed_offers
from yinuo.jobs.deferring import job, periodic
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.promises.commands import resume_promises


@periodic("*/10 * * * *")
@job("promises.stop_waiting", retry=None)
def stop_waiting(timestamp: int = 0) -> int:
    """Promises that were paused for an agreement nobody answered in time count on."""
    now, by = clock.now(), Actor.system("promises")
    with acting_as(by):
        return sum(len(resume_promises(matter_id=number, by=by, at=now)) for number in lapsed_offers(now))
