"""Reads shared by every kind of matter."""

import unicodedata
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from yinuo.conversations.models import Attachment
from yinuo.conversations.queries import files_of
from yinuo.customers.models import Customer
from yinuo.customers.queries import narrowed as customers_found
from yinuo.kernel.actor import current_actor
from yinuo.kernel.planned import planned
from yinuo.kernel.search import matching
from yinuo.kernel.text import phone_tail
from yinuo.matters.models import Draft, Matter, SavedView, Task, TimelineEntry

TIMELINE_LIMIT = 300
FILES = files_of("interaction")


def timeline(
    matter_id: int, *, public: bool = False, limit: int = TIMELINE_LIMIT, before: tuple[datetime, int] | None = None
) -> list[Any]:
    """A visible matter's story, newest first, interactions with their files; what came `before` the entry of that
    moment and number. One statement.
    """
    at, pk = before or (None, None)
    entries = _timeline(public, limit, before is not None, matter_id=matter_id, at=at, pk=pk)
    for entry in entries:
        if entry.interaction:
            entry.interaction.files = FILES.read(entry.in_files)
    return entries


@planned("matter_id", "at", "pk")
def _timeline(
    public: bool, limit: int, earlier: bool, *, matter_id: int, at: datetime | None = None, pk: int | None = None
) -> QuerySet[Any]:
    rows = TimelineEntry.objects.filter(matter_id=matter_id)
    if earlier:
        rows = rows.filter(Q(at__lte=at), Q(at__lt=at) | Q(pk__lt=pk))
    if public:
        rows = rows.filter(public=True)
    rows = rows.select_related("interaction", "staff", "task").annotate(in_files=FILES.column())
    return rows.order_by("-at", "-pk")[:limit]


def last_outbound(matter_id: int) -> Any:
    """What we sent last about a matter the actor may see, whichever way; None without any. One statement."""
    lines = TimelineEntry.objects.filter(matter_id=matter_id, interaction__direction="out")
    line = lines.select_related("interaction").order_by("-interaction__at", "-pk").first()
    return line.interaction if line else None


@planned("matter_id")
def tasks_of(*, matter_id: int) -> QuerySet[Any]:
    """One statement."""
    return Task.objects.filter(matter_id=matter_id).select_related("unit", "assignee", "done_by").order_by("pk")


def my_tasks(*, state: str = "open") -> QuerySet[Any]:
    """Tasks asked of me or of my unit and those below it."""
    actor = current_actor()
    mine = Q(assignee_id=actor.staff_key) | Q(assignee=None, unit_id__in=sorted(actor.unit_ids))
    return (
        Task.objects.filter(mine, state=state)
        .select_related("matter__customer", "unit", "assignee", "created_by")
        .order_by("-created_at", "-pk")
    )


def narrowed(rows: QuerySet[Any], query: str, field: str = "search") -> QuerySet[Any]:
    """Matters, or rows that share a matter's key, by number, any fragment of title, content or customer, and by a
    telephone number or its end: the one left with the matter, and those its customer has today. `rows` are those the
    actor may see, so no more than these are found.
    """
    if not phone_tail(query):
        return matching(rows, query, field)
    # each index is asked by itself: an "or" between two tables would be tried row by row
    named = matching(Matter.unscoped.all(), query).values("pk")
    theirs = Matter.unscoped.filter(customer__in=customers_found(Customer.unscoped.all(), query)).values("pk")
    return rows.filter(pk__in=named.union(theirs))


def find(query: str, limit: int = 20) -> list[Any]:
    """What `narrowed` finds, newest first. One statement."""
    # chosen before they are joined: among a million customers the join would be done for every matter first
    found = narrowed(Matter.objects.all(), query).order_by("-opened_at", "-pk").values("pk")[:limit]
    rows = Matter.unscoped.filter(pk__in=found).select_related("customer", "owner")
    unread = ("search", "customer__search", "customer__profile")
    return list(rows.defer(*unread).order_by("-opened_at", "-pk"))


def ids_of_customer(customer_id: int, *, after: int = 0, limit: int) -> list[int]:
    """In the order they came, from beyond `after` on, for the product itself. One statement."""
    rows = Matter.unscoped.filter(customer_id=customer_id, pk__gt=after)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:limit])


def numbered(number: str) -> QuerySet[Any]:
    """The id of the matter with this number, for who may read the audit: it names every matter already."""
    return Matter.unscoped.filter(number=unicodedata.normalize("NFKC", number).strip().upper()).values("pk")


def attachment(attachment_id: int) -> Attachment | None:
    """A file the actor may see: uploaded by them, said in a conversation of theirs, or on a matter of theirs."""
    told = TimelineEntry.objects.filter(interaction__isnull=False).values("interaction_id")
    visible = Attachment.visible_q(current_actor()) | Q(interaction__in=told)
    return Attachment.unscoped.select_related("blob").filter(visible, pk=attachment_id).first()


def attachment_on(matter_id: int, attachment_id: int) -> Attachment | None:
    """A file of a matter the actor may see; the matter lets them in. One statement."""
    return Attachment.unscoped.select_related("blob").filter(
        pk=attachment_id,
        interaction__in=TimelineEntry.objects.filter(matter_id=matter_id, interaction__isnull=False).values(
            "interaction_id"
        ),
    ).first()  # fmt: skip


def draft(key: str) -> dict[str, Any]:
    row = Draft.objects.filter(key=key).first()
    return row.data if row else {}


@planned()
def saved_views(page: str) -> QuerySet[Any]:
    return SavedView.objects.filter(page=page).order_by("name")
