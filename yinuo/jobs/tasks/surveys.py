"""Invitations whose day has come, rounds of periodic plans, links whose days are over."""

import logging

from yinuo.channels.portal.surveying import carry_invitation
from yinuo.jobs.deferring import job, periodic
from yinuo.kernel import clock
from yinuo.kernel.errors import YinuoError
from yinuo.surveys.commands import ask_again_by_plan, expire_invitations
from yinuo.surveys.queries import due_invitations, rounds_due

log = logging.getLogger("yinuo.surveys")


@periodic("* * * * *")
@job("surveys.carry", retry=None)
def carry(timestamp: int = 0) -> int:
    """At most two hundred a minute: a round over many customers goes out over hours, not at once."""
    due = due_invitations(clock.now())
    for pk in due:
        try:
            carry_invitation(invitation_id=pk)
        except YinuoError:  # one that cannot be sent never holds up the others
            log.exception("invitation %s could not be sent", pk)
    return len(due)


@periodic("7,37 * * * *")
@job("surveys.rounds", retry=None)
def rounds(timestamp: int = 0) -> int:
    """Periodic plans whose day has come."""
    today = clock.now().astimezone(clock.CST).date()
    return sum(ask_again_by_plan(plan_id=pk) for pk in rounds_due(today))


@periodic("*/10 * * * *")
@job("surveys.expire", retry=None)
def expire(timestamp: int = 0) -> int:
    return int(expire_invitations())
