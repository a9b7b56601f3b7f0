"""What is written on a matter's timeline."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yinuo.conversations.commands import add_interaction, open_conversation
from yinuo.conversations.models import Interaction
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid
from yinuo.kernel.events import emit
from yinuo.kernel.many import insert_many
from yinuo.kernel.single_write import new_row
from yinuo.kernel.text import clean_text
from yinuo.matters.commands.locking import locked_matter, topics_of
from yinuo.matters.models import Matter, Task, TimelineEntry


@command("matter.add_entry", internal=True)
def add_entry(
    *, matter: Matter, kind: str, text: str = "", data: Mapping[str, Any] | None = None,
    interaction: Interaction | None = None, task: Task | None = None, public: bool = False, by: Actor, at: datetime,
) -> TimelineEntry:  # fmt: skip
    entry = TimelineEntry.unscoped.create(
        matter=matter, at=at, kind=kind, actor_kind=by.kind, actor_name=by.name[:80], staff_id=by.staff_id,
        interaction=interaction, task=task, text=text, data=dict(data or {}), public=public,
    )  # fmt: skip
    Matter.unscoped.filter(pk=matter.pk).update(last_activity_at=at)
    record(matter, {"entry": kind}, matter_id=matter.pk)
    emit("matter.changed", topics=topics_of(matter), matter_id=matter.pk)
    return entry


@command("matter.add_entries", internal=True)
def add_entries(*, rows: Sequence[Mapping[str, Any]], by: Actor, at: datetime) -> list[TimelineEntry]:
    """Many lines at once ({matter, kind, text, data, public}), for one statement per table however many there are."""
    who = {"actor_kind": by.kind, "actor_name": by.name[:80], "staff_id": by.staff_id}
    entries = [new_row(TimelineEntry, at=at, **who, **row) for row in rows]
    insert_many(entries)
    matters, lines = {entry.matter_id: entry.matter for entry in entries}, Counter(e.matter_id for e in entries)
    # a wide row with a search index: not written again when this work has done so already
    Matter.unscoped.filter(pk__in=matters).exclude(last_activity_at=at).update(last_activity_at=at)
    for matter in matters.values():
        record(matter, {"entries": lines[matter.pk]}, matter_id=matter.pk)
        emit("matter.changed", topics=topics_of(matter), matter_id=matter.pk)
    return entries


@command("matter.note_on", internal=True)
def note_on(*, matter: Matter, text: str, upload_key: str = "", by: Actor, at: datetime) -> Interaction:
    """An internal interaction (a note or a proof) in the matter's conversation; it carries the files."""
    conversation = matter.conversation or open_conversation(
        channel="note",
        customer_id=matter.customer_id,
        subject=matter.title,
        unit_id=matter.unit_id,
        by=by,
        at=at,
    )
    if matter.conversation_id is None:
        matter.conversation = conversation
        Matter.unscoped.filter(pk=matter.pk).update(conversation=conversation)
    return add_interaction(
        conversation=conversation, direction="internal", text=text, upload_key=upload_key, by=by, at=at
    )


@command("matter.note", needs="matter.handle")
def add_note(*, matter_id: int, text: str, upload_key: str = "", by: Actor, at: datetime) -> TimelineEntry:
    matter = locked_matter(matter_id)
    if not clean_text(text, 20_000):
        raise Invalid(_("请填写内容"), fields={"text": _("请填写内容")})
    interaction = note_on(matter=matter, text=text, upload_key=upload_key, by=by, at=at)
    return add_entry(matter=matter, kind="note", interaction=interaction, by=by, at=at)


@command("matter.attach_interaction", internal=True)
def attach_interaction(
    *,
    matter: Matter,
    interaction: Interaction,
    public: bool = False,
    kind: str = "interaction",
    by: Actor,
    at: datetime,
) -> TimelineEntry:
    """Put an interaction that just happened on the matter's timeline."""
    return add_entry(matter=matter, kind=kind, interaction=interaction, public=public, by=by, at=at)
