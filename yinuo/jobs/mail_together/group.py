"""Many mails made visible in one transaction: one claim, one parsing, one hold, one read, one write."""

from __future__ import annotations

from typing import NamedTuple

from django.db import transaction

from yinuo.channels.contract import Inbound
from yinuo.channels.email.commands.understanding import is_genuine
from yinuo.complaints.intake.known import standards_in_force
from yinuo.jobs.deferring import defer_many
from yinuo.jobs.mail_together.claiming import MOST, Letter, Place, claim, letters
from yinuo.jobs.mail_together.known import MOST_PROMISES, TRIGGER, hold, read_known
from yinuo.jobs.mail_together.rows import UNDERSTOOD, Written, write_letter
from yinuo.kernel import clock
from yinuo.kernel.actor import current_actor
from yinuo.kernel.guard import permit_writes
from yinuo.kernel.single_write import write_at_once
from yinuo.kernel.work import Work, working
from yinuo.promises.commands.telling import wake_clock

#: The events of such a letter, and the reactions to each whose work is done here.
STANDS_FOR = {
    "interaction.received": ("_follow", "answer_and_count_on", "tell_subscribers"),
    "interaction.added": ("_follow", "a_reply_is_a_reply", "answered_in_the_inbox"),
    "interaction.queued": ("_prepare_mail", "tell_subscribers"),
    "mail.queued": ("deferred_mail.send",),
    "mail.handled": (),
    "promise.made": (),
}


class Done(NamedTuple):
    """How far a group went, and what of it is left to the command: understood already, or None."""

    last: Place
    seen: int
    left: list[tuple[int, Inbound | None]]


def understand_group(after: Place, most: int = MOST, *, plain: bool = True) -> Done | None:
    """Make the plain ones visible among the first that wait and nobody else is at, from `after` on; None if none
    waits. All are left to the command unless `plain`.
    """
    with transaction.atomic(), working() as work, permit_writes("mail.understand"):
        places, read = claim(after, most, parse=plain)
        if not places:
            return None
        chosen = letters(list(read.values()))
        done = _write(work, chosen) if chosen else set()
    left = [(p.raw_id, read[p.raw_id][1] if p.raw_id in read else None) for p in places if p.raw_id not in done]
    return Done(places[-1], len(places), left)


def _write(work: Work, chosen: list[Letter]) -> set[int]:
    """Write what can be written so; the ids of those that were."""
    hold(chosen)
    known, at, by = read_known(chosen), clock.now(), current_actor()
    standards = standards_in_force(known.standards, TRIGGER)
    if standards is None or len(standards) > MOST_PROMISES:
        return set()
    into, done = Written(), set()
    for letter in chosen:
        genuine = is_genuine(letter.row, known.desks[letter.row.mailbox_id].mailbox, letter.inbound)
        if genuine and known.begins(letter) and write_letter(work, known, letter, standards, into, by, at):
            done.add(letter.row.pk)
    if into.rows:
        write_at_once(into.rows, work, at, [(UNDERSTOOD, into.raws)])
        numbers = [message.pk for message in into.outbound]
        defer_many("mail.send", "outbound_id", numbers, unique="mail.send:{outbound_id}")
        wake_clock(into.promises, at)
    return done
