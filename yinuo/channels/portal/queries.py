"""What a customer sees of one case. Scope lets in only the case the link or code is for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from yinuo.channels.portal.rules import Progress, handler_name, line, masked_number, passed_line, progress
from yinuo.complaints.models import Agreement, Complaint, Restatement
from yinuo.conversations.models import Attachment
from yinuo.conversations.queries import with_attachments
from yinuo.kernel.clock import CST
from yinuo.kernel.errors import Missing
from yinuo.kernel.text import mask_email
from yinuo.matters.models import Matter, TimelineEntry
from yinuo.promises.models import Promise

LINES = 60
Says = Callable[[str, Mapping[str, object], str], str]


@dataclass(slots=True)
class Expected:
    """What the customer hears next and by when, in the words of the standard."""

    says: str
    due_at: datetime
    late: bool
    explanation: str


@dataclass(slots=True)
class Line:
    """One line of the story. `words` and `files` only for the customer who has given the code."""

    at: datetime
    text: str
    ours: bool
    reply: bool = False
    words: str = ""
    files: list[Attachment] = field(default_factory=list)


@dataclass(slots=True)
class Case:
    """The progress page."""

    matter_id: int
    number: str
    kind: str
    opened_at: datetime
    state: str
    open: bool
    progress: Progress
    unit: str
    handler: str
    expected: list[Expected]
    lines: list[Line]
    restatement: Restatement | None = None
    agreement: Agreement | None = None
    may_rate: bool = False


def case(matter_id: int, *, at: datetime, unlocked: bool) -> Case:
    """The case the actor holds. Without `unlocked` nothing personal is even read. At most nine statements."""
    matter = (
        Matter.objects.select_related("unit", "owner").defer("search").prefetch_related("owner__roles")
        .filter(pk=matter_id).first()
    )  # fmt: skip
    if matter is None:
        raise Missing("")
    lines = _lines(matter.pk, unlocked)
    roles = [role.code for role in matter.owner.roles.all()] if matter.owner else []
    shown = Case(
        matter_id=matter.pk, number=matter.number, kind=matter.kind, opened_at=matter.opened_at, state=matter.state,
        open=matter.open, progress=progress(matter.kind, matter.state, matter.open, any(one.reply for one in lines)),
        unit=matter.unit.name if matter.unit else "",
        handler=handler_name(matter.owner.name, roles) if matter.owner else "",
        expected=expected(matter, at, own_words=unlocked), lines=lines,
    )  # fmt: skip
    if unlocked and matter.kind == "complaint":
        shown.restatement = (
            Restatement.objects.filter(complaint_id=matter.pk, state="pending").order_by("-version").first()
        )
        shown.agreement = Agreement.objects.filter(complaint_id=matter.pk, state="offered").order_by("-version").first()
        shown.may_rate = matter.state == "callback"
    return shown


@dataclass(slots=True)
class Passed:
    """What a link that was passed on shows: no field of it can hold anything personal."""

    number: str
    kind: str
    opened_on: date
    closed_on: date | None
    open: bool
    progress: Progress
    unit: str
    expected: list[Expected]
    moved: list[tuple[date, str]]


def passed_on(matter_id: int, *, at: datetime) -> Passed:
    """The case the actor holds, as far as anybody may know of it. Four statements."""
    fields = ("pk", "number", "kind", "state", "open", "opened_at", "closed_at", "conversation_id", "unit__name")
    matter = Matter.objects.filter(pk=matter_id).select_related("unit").only(*fields).first()
    if matter is None:
        raise Missing("")
    lines = _lines(matter.pk, False, passed_line)
    where = progress(matter.kind, matter.state, matter.open, any(one.reply for one in lines), passed=True)
    return Passed(
        number=masked_number(matter.number), kind=matter.kind, opened_on=matter.opened_at.astimezone(CST).date(),
        closed_on=matter.closed_at.astimezone(CST).date() if matter.closed_at else None, open=matter.open,
        progress=where, unit=matter.unit.name if matter.unit else "",
        expected=expected(matter, at, own_words=False),
        moved=[(line.at.astimezone(CST).date(), line.text) for line in lines],
    )  # fmt: skip


def expected(matter: Matter, at: datetime, *, own_words: bool = True) -> list[Expected]:
    """Promises to the customer still owed, soonest first. The work of departments is not told. Without `own_words` only
    sentences of the standards: what somebody wrote into a promise may name the customer.
    """
    of_case = Q(matter_id=matter.pk)
    if matter.conversation_id:
        of_case |= Q(matter=None, conversation_id=matter.conversation_id)
    # unscoped: the promise of an answer hangs on the thread, which a customer does not see; the case let them in
    rows = (
        Promise.unscoped.filter(of_case, outstanding=True, task=None)
        .select_related("standard")
        .order_by("due_at", "pk")
    )
    told: dict[str, Expected] = {}
    for row in rows[:10]:
        says = (row.standard.spec.says if row.standard else "") or (
            row.title if row.standard is None and own_words else ""
        )
        if says:
            told.setdefault(says, Expected(says, row.due_at, row.due_at < at, row.explanation))
    return list(told.values())


def _lines(matter_id: int, unlocked: bool, says: Says = line) -> list[Line]:
    """The public story, newest first. Masked, only kinds and times leave the database."""
    rows = TimelineEntry.objects.filter(matter_id=matter_id).order_by("-at", "-pk")
    if not unlocked:
        masked = rows.values_list("at", "kind", "data", "actor_kind", "interaction__direction")[:LINES]
        told = [
            Line(at, says(kind, data, way or ""), who != "customer" and way != "in", way == "out")
            for at, kind, data, who, way in masked
        ]
        return [one for one in told if one.text]
    entries: list[Any] = list(rows.select_related("interaction")[:LINES])
    with_attachments([e.interaction for e in entries if e.interaction])
    return [_line(e) for e in entries]


def _line(entry: Any) -> Line:
    said = entry.interaction
    way = said.direction if said else ""
    return Line(
        entry.at, line(entry.kind, entry.data, way) or entry.text, entry.actor_kind != "customer" and way != "in",
        way == "out", said.text if said else "", said.files if said else [],
    )  # fmt: skip


def file_of(matter_id: int, attachment_id: int) -> Attachment | None:
    """A file on a public line of the case the actor holds. One statement."""
    on_lines = TimelineEntry.objects.filter(matter_id=matter_id, interaction__isnull=False).values("interaction_id")
    return Attachment.unscoped.select_related("blob").filter(pk=attachment_id, interaction_id__in=on_lines).first()


def restatement(matter_id: int, restatement_id: int) -> Restatement:
    found = Restatement.objects.filter(pk=restatement_id, complaint_id=matter_id).first()
    if found is None:
        raise Missing("")
    return found


def agreement(matter_id: int, agreement_id: int) -> Agreement:
    found = Agreement.objects.filter(pk=agreement_id, complaint_id=matter_id).first()
    if found is None:
        raise Missing("")
    return found


def by_number(number: str) -> int | None:
    """The matter a number names, for the code check alone: tells nothing of it."""
    return Matter.unscoped.filter(number=number).values_list("pk", flat=True).first()


def number_of(matter_id: int) -> str:
    return str(Matter.objects.values_list("number", flat=True).get(pk=matter_id))


def masked_address(matter_id: int) -> str:
    """The e-mail the customer left with a complaint, masked; empty when none."""
    address = Complaint.objects.filter(pk=matter_id).values_list("email", flat=True).first()
    return mask_email(address) if address else ""
