"""Whole intakes registered by one read and one write. Those that come at the same moment share them.

A database that writes sixteen intakes in one statement needs less than half the time it takes for sixteen statements,
and so do we. The rows are those of one intake after the other; `tests/test_several.py` holds them against each other.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.db import DatabaseError, IntegrityError, connection
from django.utils.translation import get_language

from yinuo.complaints.intake.known import Known, read_known, standards_in_force
from yinuo.complaints.intake.plain import Intake
from yinuo.complaints.intake.rows import intake_rows
from yinuo.complaints.models import Complaint
from yinuo.kernel.actor import acting_as
from yinuo.kernel.errors import AlreadyDone
from yinuo.kernel.guard import permit_writes
from yinuo.kernel.models import Once
from yinuo.kernel.once import Claim, kept_under
from yinuo.kernel.single_write import new_row, write_at_once
from yinuo.kernel.together import Together
from yinuo.kernel.work import Work, working
from yinuo.promises.commands.telling import wake_clock
from yinuo.promises.models import Promise, Standard

log = logging.getLogger("yinuo.intake")
#: How many share a statement.
MOST = 16
#: The complaint; None if the command has to see to it; the claim that somebody had taken before.
Outcome = Complaint | Claim | None


def register_in_company(intake: Intake) -> Complaint | None:
    """The registered complaint, or None if the command has to see to it. Inside a transaction it shares with nobody.

    A claim taken before, or by somebody at this very moment, raises `AlreadyDone` with what is kept under it.
    """
    try:
        outcome = _alone(intake) if connection.in_atomic_block else _company(get_language())(intake)
    except IntegrityError:
        if intake.claim is None or connection.in_atomic_block or (kept := _kept(intake.claim)) is None:
            raise
        raise AlreadyDone(kept) from None
    if isinstance(outcome, Claim):
        raise AlreadyDone(_kept(outcome))
    return outcome


def _alone(intake: Intake) -> Outcome:
    return register_several([intake])[0]


def _kept(claim: Claim) -> Any:
    return kept_under(claim.command, claim.key)


@cache
def _company(_language: str | None) -> Together[Intake, Outcome]:
    """What is written beside a case is in its sender's language: only senders of one language share."""
    return Together(register_several, MOST)


def register_several(intakes: Sequence[Intake]) -> list[Outcome]:
    """What became of each, in order."""
    contacts = list(dict.fromkeys(contact for intake in intakes for contact in intake.contacts))
    claims = [intake.claim for intake in intakes if intake.claim]
    known = read_known(contacts, many=len(intakes), staff=[intake.by.staff_id for intake in intakes], claims=claims)
    standards, at = standards_in_force(known.standards), max(intake.at for intake in intakes)
    if standards is None:
        return [None] * len(intakes)
    rows: list[Any] = []
    outcomes: list[Outcome] = []
    with working() as work, permit_writes("complaint.register"):
        for intake in intakes:
            outcome, made = _made(work, known, intake, standards)
            outcomes.append(outcome)
            rows += made
        if rows:
            write_at_once(rows, work, at)
            _wake_clock([row for row in rows if isinstance(row, Promise)], at)
    return outcomes


def _wake_clock(promises: Sequence[Promise], at: datetime) -> None:
    """All is committed: whatever is wrong now must not make anybody believe the contrary. The clock looks anyway."""
    try:
        wake_clock(promises, at)
    except DatabaseError:
        log.warning("the clock could not be woken", exc_info=True)


def _made(work: Work, known: Known, intake: Intake, standards: Sequence[Standard]) -> tuple[Outcome, list[Any]]:
    claim = intake.claim
    if claim and claim.key in known.taken:
        return claim, []
    place = known.places.get(intake.by.staff_id or 0)
    if place is None:
        return None, []
    with acting_as(intake.by):
        rows = intake_rows(work, known, place, intake, standards)
    made = next((row for row in rows if isinstance(row, Complaint)), None)
    if claim and made:
        known.taken.add(claim.key)  # for a twin in the same group
        rows.append(_once(claim, made, intake.at))
    return made, rows


def _once(claim: Claim, made: Complaint, at: datetime) -> Once:
    return new_row(Once, command=claim.command, key=claim.key, result=claim.keeps(made), at=at)
