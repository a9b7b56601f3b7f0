"""The hot path of answering: the very rows `conversation.reply` and what follows from it write, held, read and written
in a statement each.

Only the plain case goes this way: nothing is kept back by a wording rule, no mail tells of it, no promise that waits
for it has broken or rests. Anything else returns None and the command does it, with the locks already held.
`tests/test_reply_at_once.py` holds the two against each other row by row, and `STANDS_FOR` against `reactions.py`.
"""

from datetime import datetime
from typing import Any

from yinuo.channels.email.commands.outbound import outbound_values, tell_outbound
from yinuo.channels.email.models import OutboundMessage
from yinuo.channels.email.queries import sending_mailbox
from yinuo.channels.webhook.queries import subscribed
from yinuo.complaints.commands import worked_on
from yinuo.conversations.commands import MAX_TEXT, address_for, topics_of
from yinuo.conversations.models import Channel, Interaction
from yinuo.jobs.complaint_reactions import COMPLAINTS
from yinuo.jobs.promise_reactions import PROMISES
from yinuo.jobs.reply_known import Known, hold_and_read
from yinuo.kernel.actor import Actor, acting_as
from yinuo.kernel.audit import record
from yinuo.kernel.events import emit
from yinuo.kernel.single_write import new_row, vector_text
from yinuo.kernel.text import clean_line, clean_text, grams
from yinuo.kernel.work import Work, current_work
from yinuo.matters.commands import topics_of as matter_topics
from yinuo.matters.models import Matter, TimelineEntry
from yinuo.promises.commands import meet_held
from yinuo.wording.queries import book_of
from yinuo.wording.rules import blocking

#: The events of a plain reply, and the reactions to each whose work is done here.
STANDS_FOR = {
    "interaction.added": ("_follow", "a_reply_is_a_reply", "answered_in_the_inbox"),
    "interaction.published": ("publish_reply",),
    "interaction.queued": ("_prepare_mail", "tell_subscribers"),
    "matter.changed": (),
}
_TIMELINE, _MAIL = Actor.system("timeline"), Actor.system("mail")
_THREAD_MOVES = """
    UPDATE conversations_conversation c SET last_at = d.at, owner_id = coalesce(c.owner_id, d.owner_id)
    FROM jsonb_to_recordset(%s) AS d(id bigint, at timestamptz, owner_id bigint) WHERE c.id = d.id
"""
_MATTERS_MOVE = """
    UPDATE matters_matter m SET last_activity_at = d.at
    FROM jsonb_to_recordset(%s) AS d(id bigint, at timestamptz)
    WHERE m.id = d.id AND m.last_activity_at IS DISTINCT FROM d.at
"""


def reply_at_once(
    *, conversation_id: int, text: str, kind: str, subject: str, by: Actor, at: datetime
) -> Interaction | None:
    """The interaction, written when the command ends; None when the case is not plain. Runs inside the command."""
    work = current_work()
    if work is None or by.staff_id is None:
        return None
    known = hold_and_read(conversation_id, at)
    if known is None or not _plain(known):
        return None
    words, channel = clean_text(text, MAX_TEXT), known.conversation.channel
    if not words or blocking(book_of(known.edition).find(words, kind=kind, channel=channel)):
        return None
    address = address_for(known.conversation) if channel == Channel.EMAIL else None
    if channel == Channel.EMAIL and address is None:
        return None
    said = _interaction(known, words, kind, subject, address.value if address else "", by, at)
    _tell(work, known, said, at)
    _write(work, known, said, by, at)
    for promises in known.rounds or ():
        with acting_as(PROMISES):
            meet_held(promise_ids=promises, happening="reply", by=PROMISES, at=at)
    if any(one.new_hand(by.staff_id) for one in known.told):
        with acting_as(COMPLAINTS):
            worked_on(matter_ids=known.cases, staff_id=by.staff_id, at=at)
    if channel == Channel.EMAIL:
        _prepare_mail(work, said, known.outbound_id, at)
    return said


def _plain(known: Known) -> bool:
    thread = known.conversation
    if thread.channel == Channel.NOTE or known.rounds is None or known.published:
        return False
    return thread.channel != Channel.EMAIL or not subscribed() & STANDS_FOR.keys()


def _interaction(
    known: Known, words: str, kind: str, subject: str, address: str, by: Actor, at: datetime
) -> Interaction:
    thread = known.conversation
    heading = clean_line((subject or thread.subject)[:600], 600)[:300]
    return new_row(
        Interaction,
        pk=known.interaction_id, conversation=thread, customer_id=thread.customer_id, channel=thread.channel,
        direction="out", kind=kind, at=at, author_id=by.staff_id, author_name=clean_line(by.name, 240)[:120],
        subject=heading, text=words, to_address=address, delivery="queued" if address else "",
        search=vector_text(grams(f"{heading}\n{words[:20_000]}")),
    )  # fmt: skip


def _tell(work: Work, known: Known, said: Interaction, at: datetime) -> None:
    """What the commands record and announce, in their order; the reactions to it are not run again."""
    topics = topics_of(known.conversation)
    ids = {"interaction_id": said.pk, "conversation_id": known.conversation.pk}
    with work.frame("conversation.reply_to"), work.frame("interaction.add"):
        record(said, {"direction": "out", "channel": said.channel})
        emit("interaction.added", topics=topics, direction="out", expects_answer=True, **ids)
    emit("interaction.queued" if said.delivery else "interaction.published", topics=topics, **ids)
    with acting_as(_TIMELINE), work.frame("matter.follow_interaction"):
        record(said, {"direction": "out"})
        for matter in _open(known):
            with work.frame("matter.add_entries"):
                record(matter, {"entries": 1}, matter_id=matter.pk)
                emit("matter.changed", topics=matter_topics(matter), matter_id=matter.pk)
    work.reacted = len(work.events)


def _write(work: Work, known: Known, said: Interaction, by: Actor, at: datetime) -> None:
    followed = _open(known)
    work.rows += [said, *(_entry(*one, said, at) for one in zip(known.entry_ids, followed, strict=True))]
    moment: Any = at.isoformat()
    work.also.append((_THREAD_MOVES, [{"id": known.conversation.pk, "at": moment, "owner_id": by.staff_id}]))
    if followed:
        work.also.append((_MATTERS_MOVE, [{"id": matter.pk, "at": moment} for matter in followed]))


def _open(known: Known) -> list[Matter]:
    return [one.matter for one in known.told if one.matter.open]


def _entry(pk: int, matter: Matter, said: Interaction, at: datetime) -> TimelineEntry:
    return new_row(
        TimelineEntry,
        pk=pk, matter=matter, at=at, kind="interaction", actor_kind=_TIMELINE.kind,
        actor_name=_TIMELINE.name, staff_id=None, interaction=said, public=True,
    )  # fmt: skip


def _prepare_mail(work: Work, said: Interaction, outbound_id: int | None, at: datetime) -> None:
    """Its row for sending; the job that sends it is queued by the reaction."""
    box = sending_mailbox(said.conversation)
    message = new_row(OutboundMessage, pk=outbound_id, **outbound_values(said, box, automatic=False, at=at))
    with acting_as(_MAIL), work.frame("mail.prepare"):
        tell_outbound(message)
    work.rows.append(message)
