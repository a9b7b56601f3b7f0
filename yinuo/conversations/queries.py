"""Reads about conversations."""

from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Left

from yinuo.conversations.models import Attachment, Conversation, HeldMessage, Interaction
from yinuo.kernel.bundles import Part, Shape


def inbox() -> QuerySet[Any]:
    """Conversations the actor may see, newest first, each with the start of what a person said last: a receipt we sent
    by ourselves answers nobody.
    """
    by_itself = Q(direction="out", author=None)
    last = Interaction.unscoped.exclude(by_itself).filter(conversation=OuterRef("pk")).order_by("-at", "-pk")
    return (
        Conversation.objects.select_related("customer", "owner")
        .annotate(
            snippet=Left(Subquery(last.values("text")[:1]), 120),
            last_direction=Subquery(last.values("direction")[:1]),
        )
        .order_by("-last_at", "-pk")
    )


def thread(conversation_id: int) -> list[Any]:
    """The interactions of a conversation the actor may see, oldest first, with attachments. One statement."""
    files = files_of("pk")
    rows = Interaction.objects.filter(conversation_id=conversation_id).select_related("author")
    found: list[Any] = list(rows.annotate(in_files=files.column()).order_by("at", "pk")[:500])
    for said in found:
        said.files = files.read(said.in_files)
    return found


def files_of(said: str) -> Part:
    """The files of an interaction the actor was already let into, beside whatever names it by `said`."""
    return Part(lambda: Attachment.unscoped.filter(interaction=OuterRef(said)).order_by("pk"), Shape(Attachment))


def last_inbound(conversation_id: int) -> Any:
    """The customer's latest words in a conversation the actor may see, with the customer; None without any."""
    said = Interaction.objects.filter(conversation_id=conversation_id, direction="in")
    return said.select_related("conversation__customer").order_by("-at", "-pk").first()


def last_outbound(conversation_id: int) -> Any:
    """What we sent last in a conversation the actor may see; None without any."""
    said = Interaction.objects.filter(conversation_id=conversation_id, direction="out")
    return said.order_by("-at", "-pk").first()


def with_attachments(interactions: list[Any]) -> list[Any]:
    """Sets `.files` on each interaction; the caller has already been let in. One statement."""
    found: dict[int, list[Any]] = {}
    for row in Attachment.unscoped.filter(interaction_id__in=[i.pk for i in interactions]).order_by("pk"):
        found.setdefault(row.interaction_id or 0, []).append(row)
    for interaction in interactions:
        interaction.files = found.get(interaction.pk, [])
    return interactions


def held_for(*, matter_id: int | None = None, conversation_id: int | None = None) -> list[Any]:
    """What waits to go out in a case or a conversation the caller has been let into, the soonest first."""
    about = Q(matter_number=matter_id) if matter_id else Q(conversation_id=conversation_id)
    return list(held().filter(about).select_related("author"))


def held() -> QuerySet[Any]:
    """What waits to go out, the soonest first; the caller says where and has been let in there."""
    return HeldMessage.unscoped.filter(state__in=("waiting", "asked")).order_by("due_at", "pk")


def held_by(staff_id: int) -> QuerySet[Any]:
    """One's own, the newest first."""
    return HeldMessage.objects.filter(author_id=staff_id).order_by("-pk")


def due_to_send(at: datetime, limit: int = 200) -> list[int]:
    """For the product itself: what is due and not yet sent."""
    rows = HeldMessage.unscoped.filter(state="waiting", due_at__lte=at).order_by("due_at", "pk")
    return list(rows.values_list("pk", flat=True)[:limit])
