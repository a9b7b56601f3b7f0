"""The matter a command works on: locked, and whom to tell. Which matters a conversation tells of."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from yinuo.conversations.models import Conversation
from yinuo.kernel.errors import Missing, Stale
from yinuo.kernel.locks import gate
from yinuo.matters.models import Matter


def topics_of(matter: Matter) -> list[str]:
    topics = [f"matter:{matter.pk}", f"matters:{matter.kind}"]
    topics += [f"staff:{matter.owner_id}"] if matter.owner_id else []
    topics += [f"unit:{matter.unit_id}"] if matter.unit_id else []
    return topics


def locked_matter(matter_id: int, expected_version: int | None = None) -> Matter:
    """The matter, locked until the transaction ends, if the actor may see it."""
    matter = Matter.objects.filter(pk=matter_id).select_for_update(no_key=True, of=("self",)).first()
    if matter is None:
        raise Missing(_("没有这个事项，或您无权查看"))
    if expected_version is not None and matter.version != expected_version:
        raise Stale(_("这个事项刚被别人改过，请核对后再提交"), current=matter)
    return matter


def lock_matters(ids: Iterable[int], *, skip_locked: bool = False) -> set[int]:
    """Lock matters in one order; with `skip_locked`, only those nobody else is working on. Returns the locked."""
    wanted = sorted(set(ids))
    return _lock(Matter.unscoped.filter(pk__in=wanted), skip_locked=skip_locked) if wanted else set()


def matters_told_in(conversation: Conversation) -> QuerySet[Matter]:
    """The matters a conversation is about: its own, and the one whose thread beside it this is (`complaint:7`).

    Such keys are only ever made by our own commands; a channel puts its own mark before whatever a sender wrote.
    """
    label, _colon, number = conversation.thread_key.partition(":")
    ours = label in ("complaint", "matter", "portal") and number.isdecimal() and len(number) < 18
    beside = int(number) if ours else 0
    return Matter.unscoped.filter(Q(conversation_id=conversation.pk) | Q(pk=beside))


#: `matters_told_in` for a statement of one's own: of the row `seen` (id, thread_key), the matters called `m`.
TOLD_IN_SEEN = """(m.conversation_id = (SELECT id FROM seen) OR m.id = (
    SELECT CASE WHEN thread_key ~ '^(complaint|matter|portal):[0-9]{1,17}$'
                THEN split_part(thread_key, ':', 2)::bigint ELSE 0 END FROM seen))"""


@gate("conversations.conversation")
def lock_told(conversation: Conversation) -> set[int]:
    """Hold the matters a conversation tells of before anything is written in it. One statement."""
    return _lock(matters_told_in(conversation))


def _lock(rows: QuerySet[Matter], *, skip_locked: bool = False) -> set[int]:
    held: Any = rows.order_by("pk").select_for_update(no_key=True, skip_locked=skip_locked)
    return set(held.values_list("pk", flat=True))
