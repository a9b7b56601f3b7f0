"""What a plain reply must know: its thread and matters are held first, then read, a statement each."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import QuerySet

from yinuo.complaints.states import OURS, Stage
from yinuo.conversations.models import Channel, Conversation
from yinuo.kernel.planned import planned_in
from yinuo.kernel.single_write import new_row
from yinuo.matters.commands.locking import TOLD_IN_SEEN
from yinuo.matters.models import Matter
from yinuo.promises.models import Standard
from yinuo.promises.rules.renewal import Effect, effect_of

#: The matters in order, then the thread: as `locked_conversation`. The count has to be known before the thread's turn.
_HOLD = f"""WITH seen AS ({{}}), told AS (
    SELECT m.id FROM matters_matter m WHERE {TOLD_IN_SEEN} ORDER BY m.id FOR NO KEY UPDATE OF m
), held AS (
    SELECT c.id FROM conversations_conversation c
    WHERE c.id = (SELECT id FROM seen) AND (SELECT count(*) FROM told) >= 0 FOR NO KEY UPDATE OF c
) SELECT count(*) FROM held"""  # noqa: S608 - constants of ours
#: A statement of its own: it sees what was committed while the locks were waited for.
_READ = f"""WITH seen AS ({{}}), told AS (SELECT m.* FROM matters_matter m WHERE {TOLD_IN_SEEN})
    SELECT seen.*,
        (SELECT coalesce(jsonb_agg(jsonb_build_array(t.id, t.kind, t.open, t.owner_id, t.unit_id, x.stage,
                x.handler_ids) ORDER BY t.id), '[]')
            FROM told t LEFT JOIN complaints_complaint x ON x.matter_id = t.id),
        ARRAY(SELECT nextval('matters_timelineentry_id_seq') FROM told t WHERE t.open),
        (SELECT coalesce(jsonb_agg(jsonb_build_array(p.id, p.matter_id, p.conversation_id,
                coalesce(p.state = 'open' AND p.wakes_at > %s, false), s.id, s.made_at::text) ORDER BY p.id), '[]')
            FROM promises_promise p JOIN promises_standard s ON s.id = p.standard_id
            WHERE p.outstanding AND (p.conversation_id = (SELECT id FROM seen)
                OR p.matter_id = ANY(ARRAY(SELECT id FROM told)))),
        EXISTS (SELECT FROM customers_channelidentity i
            WHERE i.kind = 'email' AND i.active AND (i.customer_id = ANY(ARRAY(SELECT customer_id FROM told))
                OR i.id = ANY(ARRAY(SELECT o.identity_id FROM told t
                    JOIN conversations_conversation o ON o.id = t.conversation_id)))),
        coalesce((SELECT e.no FROM wording_wordingedition e ORDER BY e.id LIMIT 1), 0),
        nextval('conversations_interaction_id_seq'),
        CASE seen.channel WHEN 'email' THEN nextval('email_outboundmessage_id_seq') END
    FROM seen"""  # noqa: S608 - constants of ours
_THREAD = ("id", "thread_key", "channel", "account", "customer_id", "identity_id", "subject", "owner_id")


class Waiting(NamedTuple):
    """A promise that the reply keeps or renews; `quiet` when it neither rests nor has anything to announce first."""

    pk: int
    matter_id: int | None
    conversation_id: int | None
    quiet: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A matter the thread tells of, and of a complaint its stage and who has handled it."""

    matter: Matter
    stage: str | None
    handlers: frozenset[int]

    def new_hand(self, staff_id: int) -> bool:
        """As `complaint.worked_on`: whether writing here makes them one of those who handled the case."""
        counts = self.matter.open and self.stage in OURS - {Stage.CALLBACK}
        return counts and staff_id not in self.handlers


@dataclass(frozen=True, slots=True)
class Known:
    conversation: Conversation
    told: list[Told]
    entry_ids: list[int]
    waiting: list[Waiting]
    mailed: bool
    edition: int
    interaction_id: int
    outbound_id: int | None

    @property
    def rounds(self) -> list[list[int]] | None:
        """The promises to meet, those of the thread and then those of each matter, as `a_reply_is_a_reply` does; None
        when one of them is not quiet or about what is not held.
        """
        thread, held = self.conversation.pk, {None, *(one.matter.pk for one in self.told)}
        if not all(one.quiet and one.matter_id in held for one in self.waiting):
            return None
        groups: dict[int | None, list[int]] = {}
        for one in self.waiting:
            groups.setdefault(None if one.conversation_id == thread else one.matter_id, []).append(one.pk)
        return [groups[key] for key in sorted(groups, key=lambda key: key or 0)]

    @property
    def cases(self) -> list[int]:
        """Open complaints the thread tells of."""
        return [one.matter.pk for one in self.told if one.stage is not None and one.matter.open]

    @property
    def published(self) -> bool:
        """As `portal.publish_reply`: whether more follows than that it stands on the portal."""
        portal = self.conversation.channel == Channel.PORTAL
        return portal and bool(self.told) and (self.mailed or not all(one.matter.open for one in self.told))


@planned_in(_HOLD, "pk")
def _hold(*, pk: int) -> QuerySet[Any]:
    return Conversation.objects.filter(pk=pk).values_list("id", "thread_key")


@planned_in(_READ, "pk")
def _read(*, pk: int) -> QuerySet[Any]:
    return Conversation.objects.filter(pk=pk).values_list(*_THREAD)


def hold_and_read(conversation_id: int, at: datetime) -> Known | None:
    """The thread, locked until the transaction ends, its matters before it; None if the actor may not see it."""
    held = _hold(pk=conversation_id)
    found = _read(at, pk=conversation_id) if held and held[0][0] else None
    if not found:
        return None
    thread, (told, entries, promises, *more) = found[0][: len(_THREAD)], found[0][len(_THREAD) :]
    conversation = new_row(Conversation, **dict(zip(_THREAD, thread, strict=True)))
    waiting = [Waiting(*row[:4]) for row in json.loads(promises) if _answered(*row[4:])]
    return Known(conversation, [_told(*row) for row in json.loads(told)], entries, waiting, *more)


def _told(
    pk: int, kind: str, open: bool, owner_id: int | None, unit_id: int | None, stage: str | None,
    handlers: list[int] | None,
) -> Told:  # fmt: skip
    matter = new_row(Matter, pk=pk, kind=kind, open=open, owner_id=owner_id, unit_id=unit_id)
    return Told(matter, stage, frozenset(handlers or ()))


@lru_cache(maxsize=256)
def _answered(standard_id: int, _made_at: str) -> bool:
    """Whether a reply keeps or renews a promise of this standard, whose row never changes. Without a standard it is
    kept by hand.
    """
    return effect_of("reply", Standard.objects.get(pk=standard_id).spec) is not Effect.NOTHING
