"""My day: everything I owe, by when it breaks, each with the one next action."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from yinuo.approvals.queries import waiting_for_me
from yinuo.conversations.queries import inbox
from yinuo.kernel.actor import Actor
from yinuo.kernel.clock import CST
from yinuo.matters.models import Matter, Task
from yinuo.matters.queries import my_tasks
from yinuo.promises.models import Promise

MOST = 80
LOOK = 60  # of the longest open conversations, those whose last word is the customer's


@dataclass(frozen=True)
class Owed:
    """One row of the day."""

    key: str
    title: str
    what: str
    number: str
    href: tuple[str, int]
    act: str
    customer: str
    customer_id: int | None
    grade: str
    state: str
    due_at: datetime | None
    explanation: str
    made_at: datetime


@dataclass(frozen=True)
class Group:
    """Late, today, within seven days, later, paused, without a date."""

    key: str
    label: str
    rows: list[Owed]


def owed(actor: Actor, at: datetime) -> list[Group]:
    """Two statements: my promises, and my tasks no promise stands for."""
    promises = list(
        Promise.objects.filter(pk__in=_mine(actor))
        .select_related("matter", "customer", "task", "conversation")
        .defer("matter__search", "customer__search", "customer__profile", "plan")
        .order_by("due_at", "pk")[:MOST]
    )
    tasks = list(my_tasks().exclude(promises__outstanding=True)[:MOST])
    rows = [_from_promise(p) for p in promises] + [_from_task(t) for t in tasks]
    return grouped(rows, at)


def _mine(actor: Actor) -> Any:
    """The soonest promises on me, on my unit with nobody named, and on tasks for me: each part walks its own index."""
    owed = Promise.objects.filter(outstanding=True).order_by("due_at")
    tasks = Task.objects.filter(state=Task.State.OPEN)
    named = tasks.filter(assignee_id=actor.staff_key).values("pk")
    unnamed = tasks.filter(assignee=None, unit_id__in=sorted(actor.unit_ids)).values("pk")
    parts = (
        owed.filter(owner_id=actor.staff_key),
        owed.filter(owner=None, unit_id=actor.unit_id or 0),
        owed.filter(task__in=named),
        owed.filter(owner=None, task__in=unnamed),
    )
    first, *rest = (part[:MOST].values("pk") for part in parts)
    return first.union(*rest)


def grouped(rows: list[Owed], at: datetime) -> list[Group]:
    """Sort rows into the groups of the page; empty groups are left out."""
    midnight = datetime.combine(at.astimezone(CST).date() + timedelta(days=1), datetime.min.time(), CST)
    week = midnight + timedelta(days=6)
    groups: dict[str, list[Owed]] = {"late": [], "today": [], "week": [], "later": [], "paused": [], "free": []}
    for row in rows:
        due = row.due_at
        if row.state == "paused":
            key = "paused"
        elif due is None:
            key = "free"
        else:
            key = "late" if due <= at else "today" if due < midnight else "week" if due < week else "later"
        groups[key].append(row)
    labels = {
        "late": _("已超期"),
        "today": _("今天"),
        "week": _("7 天内"),
        "later": _("以后"),
        "paused": _("等客户，已暂停"),
        "free": _("没有期限"),
    }
    return [Group(key, labels[key], found) for key, found in groups.items() if found]


def _from_promise(p: Any) -> Owed:
    matter, task = p.matter, p.task
    if task is not None:
        href, act = ("task", task.pk), _("完成任务")
    elif matter is not None:
        href, act = ("matter", matter.pk), _("去办理")
    elif p.conversation_id:
        href, act = ("conversation", p.conversation_id), _("去回复")
    else:
        href, act = ("promise", p.pk), _("去兑现")
    customer = p.customer
    return Owed(
        f"p{p.pk}",
        p.title,
        matter.title if matter else "",
        matter.number if matter else "",
        href,
        act,
        customer.name if customer else "",
        customer.pk if customer else None,
        customer.grade if customer else "",
        p.state,
        p.due_at,
        p.explanation,
        p.made_at,
    )


def _from_task(t: Any) -> Owed:
    customer = t.matter.customer
    return Owed(
        f"t{t.pk}",
        t.title,
        t.matter.title,
        t.matter.number,
        ("task", t.pk),
        _("完成任务"),
        customer.name,
        customer.pk,
        customer.grade,
        "open",
        None,
        "",
        t.created_at,
    )


def visits_and_callbacks() -> list[Any]:
    """Callbacks to make and visits to pay among the matters I see. One statement."""
    return list(
        Matter.objects.filter(Q(state="callback") | Q(kind=Matter.Kind.VISIT), open=True)
        .select_related("customer")
        .order_by("last_activity_at", "pk")[:6]
    )


def waiting_conversations(actor: Actor) -> list[Any]:
    """Open conversations that are mine or nobody's, the longest waiting first. One statement."""
    if not actor.may("conversation.read"):
        return []
    rows = inbox().filter(Q(owner_id=actor.staff_key) | Q(owner=None), state="open").exclude(channel="note")
    oldest = rows.order_by("last_at", "pk")[:LOOK]
    return [row for row in oldest if row.last_direction == "in"][:6]


def approvals_waiting(actor: Actor) -> list[Any]:
    """Requests whose next step is mine. Three statements at most."""
    return list(waiting_for_me()[:6]) if actor.may("approval.decide") else []


def week_rate(actor: Actor, at: datetime) -> dict[str, Any]:
    """My promises that fell due this week, and how many were kept in time. One statement."""
    day = at.astimezone(CST).date()
    monday = datetime.combine(day - timedelta(days=day.weekday()), datetime.min.time(), CST)
    in_time = Q(state__in=["kept", "renewed"])
    found = (
        Promise.objects.filter(owner_id=actor.staff_key, due_at__gte=monday, due_at__lte=at)
        .exclude(state__in=["waived", "paused"])
        .aggregate(kept=Count("pk", filter=in_time), total=Count("pk"))
    )
    late = found["total"] - found["kept"]
    return {**found, "late": late, "rate": round(100 * found["kept"] / found["total"]) if found["total"] else None}
