"""The complaint list and board: filters, keyset pages, one fixed number of statements each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from yinuo.complaints.models import Callback, Complaint
from yinuo.complaints.rules import choices
from yinuo.complaints.rules.registration import parse_date
from yinuo.complaints.states import ENDED, MAIN_LINE, OPEN, STAGE_LABELS, Stage
from yinuo.kernel import clock
from yinuo.kernel.actor import current_actor
from yinuo.kernel.clock import CST
from yinuo.matters.queries import narrowed
from yinuo.promises.models import Promise

PAGE = 25
#: Counting stops here: a page says "1000+" rather than making people wait.
COUNT_MOST = 1000
CARDS = 20
FILTERS = (
    "q", "stage", "open", "owner", "unit", "grade", "kind", "subkind", "judgement", "severity", "channel", "product",
    "risk",
    "overdue", "customer", "received_from", "received_to", "satisfaction", "on_time", "library", "mine", "reopened",
    "called_back", "agreed",
)  # fmt: skip


def any_complaint() -> QuerySet[Any]:
    """Whether the company has had one at all; nothing of it is told."""
    return Complaint.unscoped.all()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list, ready to show."""

    id: int
    number: str
    title: str
    stage: str
    stage_label: str
    customer_id: int
    customer: str
    grade: str
    owner_id: int | None
    owner: str
    unit: str
    kind: str
    kind_label: str
    severity: str
    severity_label: str
    priority: int
    channel: str
    channel_label: str
    judgement_label: str
    received_at: datetime
    last_activity_at: datetime
    due_at: datetime | None
    promise: str
    satisfaction: int | None
    agreed_total: Decimal | None
    open: bool
    version: int


@dataclass(frozen=True, slots=True)
class Page:
    """`next_cursor` is given to `complaints_page` for the following page; "" at the end. `count` stops at 1000."""

    rows: list[Row]
    next_cursor: str
    count: int
    more: bool


COLUMNS = (
    "pk", "stage", "kind", "severity", "channel", "judgement", "received_at", "satisfaction", "agreed_total", "version",
    "matter__number", "matter__title", "matter__customer_id", "matter__customer__name", "matter__customer__grade",
    "matter__owner_id", "matter__owner__name", "matter__unit__name", "matter__priority", "matter__last_activity_at",
    "matter__open", "f_due", "f_promise",
)  # fmt: skip


def complaints_page(filters: Mapping[str, str] | None = None, *, cursor: str = "", size: int = PAGE) -> Page:
    """Newest first. Two statements. Unknown or malformed filter values match what they can: never an error."""
    chosen = filtered(filters or {})
    page = chosen.filter(pk__lt=int(cursor)) if cursor.isdecimal() and len(cursor) < 18 else chosen
    found = list(_shown(page.order_by("-pk"))[: size + 1])
    count = chosen.order_by()[: COUNT_MOST + 1].count()
    rows = [_row(r) for r in found[:size]]
    return Page(rows, str(rows[-1].id) if len(found) > size else "", min(count, COUNT_MOST), count > COUNT_MOST)


def board(filters: Mapping[str, str] | None = None, *, cards: int = CARDS) -> list[tuple[str, str, int, list[Row]]]:
    """Columns (stage, label, count, longest waiting first) of the stages a case can wait in. Three statements."""
    chosen = filtered({**(filters or {}), "stage": "", "open": "1"})
    waiting = [*(s for s in MAIN_LINE if s not in ENDED), Stage.ESCALATED_OUT]
    counts = dict(chosen.order_by().values_list("stage").annotate(n=Count("pk")).values_list("stage", "n"))
    heads = [chosen.filter(stage=s).order_by("stage_since", "pk").values_list("pk")[:cards] for s in waiting]
    ids = [pk for (pk,) in heads[0].union(*heads[1:], all=True)]
    by_stage: dict[str, list[Row]] = {s: [] for s in waiting}
    for found in _shown(Complaint.unscoped.filter(pk__in=ids).order_by("stage_since", "pk")):
        by_stage[found["stage"]].append(_row(found))
    return [(s.value, str(STAGE_LABELS[s]), counts.get(s.value, 0), by_stage[s]) for s in waiting]


def _shown(rows: QuerySet[Any]) -> Any:
    owed = Promise.unscoped.filter(matter=OuterRef("pk"), outstanding=True).order_by("due_at", "pk")
    return rows.annotate(
        f_due=Subquery(owed.values("due_at")[:1]), f_promise=Subquery(owed.values("title")[:1])
    ).values(*COLUMNS)


def _row(r: Mapping[str, Any]) -> Row:
    return Row(
        id=r["pk"], number=r["matter__number"], title=r["matter__title"], stage=r["stage"],
        stage_label=str(STAGE_LABELS[Stage(r["stage"])]), customer_id=r["matter__customer_id"],
        customer=r["matter__customer__name"], grade=r["matter__customer__grade"], owner_id=r["matter__owner_id"],
        owner=r["matter__owner__name"] or "", unit=r["matter__unit__name"] or "", kind=r["kind"],
        kind_label=label(choices.Kind, r["kind"]), severity=r["severity"],
        severity_label=label(choices.Severity, r["severity"]), priority=r["matter__priority"], channel=r["channel"],
        channel_label=label(choices.Channel, r["channel"]), judgement_label=label(choices.Judgement, r["judgement"]),
        received_at=r["received_at"], last_activity_at=r["matter__last_activity_at"], due_at=r["f_due"],
        promise=r["f_promise"] or "", satisfaction=r["satisfaction"], agreed_total=r["agreed_total"],
        open=r["matter__open"], version=r["version"],
    )  # fmt: skip


def label(enumeration: Any, value: str) -> str:
    """The Chinese name of a stored value; empty for an empty one."""
    return str(enumeration(value).label) if value in enumeration.values else ""


def filtered(filters: Mapping[str, str]) -> QuerySet[Any]:
    """The visible complaints the filters choose (no order). Shared by list, board, report figures and export."""
    filters = {name: value.replace("\x00", "") for name, value in filters.items()}
    rows = Complaint.objects.all()
    if filters.get("q", "").strip():
        rows = narrowed(rows, filters["q"], "matter__search")
    wanted = Q()
    if filters.get("ids"):
        wanted &= Q(pk__in=[int(v) for v in filters["ids"].split(",") if v.isdecimal() and len(v) < 18])
    for name in ("stage", "kind", "subkind", "judgement", "severity", "channel"):
        values = [v for v in filters.get(name, "").split(",") if v]
        if values:
            wanted &= Q(**{f"{name}__in": ["" if v == "none" else v for v in values]})
    for name, path in (("owner", "matter__owner_id"), ("unit", "matter__unit_id"), ("customer", "matter__customer_id")):
        value = filters.get(name, "")
        if value == "none":
            wanted &= Q(**{f"{path}__isnull": True})
        elif value:
            wanted &= Q(**{path: int(value)}) if value.isdecimal() and len(value) < 18 else Q(pk__in=[])
    if filters.get("grade"):
        wanted &= Q(matter__customer__grade__in=filters["grade"].split(","))
    if filters.get("product"):
        wanted &= Q(product="" if filters["product"] == "none" else filters["product"])
    if filters.get("risk"):
        wanted &= Q(risks__contains=[filters["risk"]])
    chosen: QuerySet[Any] = rows.filter(wanted & _states(filters) & _days(filters))
    return chosen


def _states(filters: Mapping[str, str]) -> Q:
    wanted = Q()
    if filters.get("open") in ("1", "0"):  # open is what its stage says, and the stage has an index of its own
        wanted &= Q(stage__in=sorted(OPEN if filters["open"] == "1" else ENDED))
    if filters.get("mine") == "1":
        wanted &= Q(matter__owner_id=current_actor().staff_id or 0)
        if filters.get("open") == "1":  # said twice: the matters of a person have an index by it
            wanted &= Q(matter__open=True)
    if filters.get("library") == "1":
        wanted &= Q(in_library=True)
    if filters.get("reopened") == "1":
        wanted &= Q(reopened__gt=0)
    if filters.get("agreed") == "1":
        wanted &= Q(agreed_total__gt=0)
    if filters.get("called_back") == "1":
        wanted &= Q(Exists(Callback.unscoped.filter(complaint=OuterRef("pk"), reached=True)))
    score = filters.get("satisfaction", "")
    if score:
        values = [int(s) for s in score.split(",") if s.isdecimal() and len(s) < 3]
        wanted &= Q(satisfaction__in=values) if score != "none" else Q(satisfaction=None)
    broken = Promise.unscoped.filter(matter=OuterRef("pk"), state="broken")
    if filters.get("overdue") == "1":
        late = Promise.unscoped.filter(matter=OuterRef("pk"), outstanding=True, due_at__lt=clock.now())
        wanted &= Q(Exists(late))
    if filters.get("on_time") in ("1", "0"):
        wanted &= Q(Exists(broken)) if filters["on_time"] == "0" else ~Q(Exists(broken))
    return wanted


def _days(filters: Mapping[str, str]) -> Q:
    wanted = Q()
    start, end = parse_date(filters.get("received_from"))[0], parse_date(filters.get("received_to"))[0]
    if start:
        wanted &= Q(received_at__gte=midnight(start))
    if end:
        wanted &= Q(received_at__lt=midnight(end + timedelta(days=1)))
    return wanted


def midnight(day: date) -> datetime:
    """The day's beginning in China."""
    return datetime.combine(day, time(), CST)


def stage_counts(filters: Mapping[str, str] | None = None) -> dict[str, int]:
    """How many open complaints stand in each stage, for chips above the list. One statement."""
    chosen = filtered({**(filters or {}), "stage": "", "open": "1"})
    rows = chosen.order_by().values("stage").annotate(n=Count("pk"))
    return {r["stage"]: r["n"] for r in rows}


def listed(filters: Mapping[str, str]) -> Any:
    """The chosen complaints as rows of the list page, each with the promise that breaks first. No order yet."""
    owed = Promise.unscoped.filter(matter=OuterRef("pk"), outstanding=True).order_by("due_at", "pk")
    return (
        filtered(filters)
        .select_related("matter__customer", "matter__owner")
        .annotate(
            f_due=Subquery(owed.values("due_at")[:1]), f_promise=Subquery(owed.values("title")[:1]),
            f_why=Subquery(owed.values("explanation")[:1]), f_state=Subquery(owed.values("state")[:1]),
        )
        .defer("search", "content", "demand", "conditions", "basis", "outcome", "lesson", "matter__search",
               "matter__customer__search", "matter__customer__profile")
    )  # fmt: skip
