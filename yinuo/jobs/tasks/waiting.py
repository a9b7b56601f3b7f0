"""What waits and must not wait for ever: for a customer, or for somebody who may approve."""

import logging

from yinuo.approvals.queries import asked_about
from yinuo.complaints.queries.links import waiting_in_vain
from yinuo.jobs.deferring import job, periodic
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.errors import YinuoError
from yinuo.promises.commands import ask_compensation_again, resume_promises
from yinuo.promises.queries.due import undecided_money

log = logging.getLogger("yinuo.promises")


@periodic("*/10 * * * *")
@job("promises.stop_waiting", retry=None)
def stop_waiting(timestamp: int = 0) -> int:
    """Promises paused for an agreement or a restatement nobody answered in time count on: the step is ours again."""
    now, by = clock.now(), Actor.system("promises")
    with acting_as(by):
        cases = waiting_in_vain(now)
        return sum(len(resume_promises(matter_id=number, with_the_case=True, by=by, at=now)) for number in cases)


@periodic("*/10 * * * *")
@job("promises.ask_again", retry=None)
def ask_again(timestamp: int = 0) -> int:
    """Compensation proposed while nobody could approve it: asked within ten minutes of there being somebody, however
    that came about (a new account, a role, a unit's head, a rule). Says how many were sent to approval.
    """
    now, by = clock.now(), Actor.system("promises")
    with acting_as(by):
        waiting = undecided_money()
        unasked = sorted(set(waiting) - asked_about("promises.compensation", waiting))
        for number in unasked:
            try:
                ask_compensation_again(compensation_id=number, by=by, at=now)
            except YinuoError:  # one that cannot be asked about never holds up the others
                log.exception("compensation %s could not be asked about", number)
        return len(asked_about("promises.compensation", unasked))
