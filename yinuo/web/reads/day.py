"""My day: everything I owe, by when it breaks, each with the one next action."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, DateTimeField, Q, QuerySet, Value
from django.utils.translation import gettext as _

from yinuo.approvals.queries import waiting_for_me
from yinuo.conversations.models import Channel
from yinuo.conversations.queries import inbox
from yinuo.kernel import clock
from yinuo.kernel.actor import Actor, current_actor
from yinuo.kernel.clock import CST
from yinuo.kernel.planned import planned
from yinuo.matters.models import Matter
from yinuo.matters.queries import my_tasks
from yinuo.promises.models import Snooze
from yinuo.promises.queries import aside, task_aside
from yinuo.promises.queries.board import Rate, began, not_looked_at, owed_by, rates_since, unpromised
from yinuo.web.reads.steps import Step, next_step, of_matter, of_task

#: Rows drawn at first, more at a wish, and never more than.
FIRST, MORE, MOST = 25, 50, 225
PROMISE = (
    "pk", "title", "state", "due_at", "explanation", "made_at", "obligation", "task_id", "conversation_id", "matter_id",
    "matter__number", "matter__title", "matter__kind", "matter__state", "customer_id", "customer__name",
    "customer__grade",
)  # fmt: skip
#: Of what has no date: the same columns of a task, reached by "matter__", and of a matter itself.
FREE = ("number", "title", "kind", "state", "customer_id", "customer__name", "customer__grade")
BEYOND = "beyond"
LOOK = 60  # of the longest open conversations, those whose last word is the customer's


@dataclass(frozen=True)
class Owed:
    """One row of the day. `key` names it to what is done with several: p7 a promise, t7 a task."""

    key: str
    title: str
    what: str
    number: str
    href: tuple[str, int]
    step: Step
    customer: str
    customer_id: int | None
    grade: str
    state: str
    due_at: datetime | None
    explanation: str
    made_at: datetime
    until: datetime | None = None
    why: str = ""


@dataclass(frozen=True)
class Group:
    """Late, today, within seven days, later, paused, without a date."""

    key: str
    label: str
    rows: list[Owed]


class Day(NamedTuple):
    """What is owed, in groups. `partly`: I have more in hand than were looked at for what has no date."""

    groups: list[Group]
    partly: bool = False


def owed(at: datetime, most: int = FIRST) -> Day:
    """At most so many of each. Two statements: my promises, soonest due first; and, the newest first, my tasks and my
    matters no promise stands for.
    """
    free = _free(most)
    partly = any(kind == BEYOND for kind, *_rest in free)
    rows = [_from_free(*row) for row in free if row[0] != BEYOND][:most]
    return Day(grouped([_from_promise(p) for p in _promises(most)] + rows, at), partly)


@planned()
def _promises(most: int) -> QuerySet[Any]:
    owed: QuerySet[Any] = owed_by(current_actor(), most)
    return owed.order_by("due_at", "pk").values(*PROMISE)[:most]


@planned()
def _free(most: int) -> QuerySet[Any]:
    tasks = my_tasks().exclude(promises__outstanding=True).exclude(task_aside())
    first = tasks.values_list(Value("t"), "pk", "created_at", "title", *(f"matter__{name}" for name in FREE))
    second = (
        unpromised(current_actor())
        .order_by("-opened_at", "-pk")
        .values_list(Value("m"), "pk", "opened_at", "title", *FREE)
    )
    now, none = Value(clock.now(), DateTimeField()), Value("")  # the newest of all, so that it comes first
    beyond = not_looked_at(current_actor()).values_list(
        Value(BEYOND), "pk", now, none, none, none, none, none, Value(0, BigIntegerField()), none, none
    )
    rows = first[:most].union(second[:most], beyond, all=True)
    return rows.order_by("-created_at", "-pk")[: most + 1]


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


def _from_promise(p: dict[str, Any]) -> Owed:
    if p["task_id"]:
        href = ("task", p["task_id"])
    elif p["matter_id"]:
        href = ("matter", p["matter_id"])
    elif p["conversation_id"]:
        href = ("conversation", p["conversation_id"])
    else:
        href = ("promise", p["pk"])
    return Owed(
        key=f"p{p['pk']}", title=p["title"], what=p["matter__title"] or "", number=p["matter__number"] or "", href=href,
        step=next_step(p, current_actor()), customer=p["customer__name"] or "", customer_id=p["customer_id"],
        grade=p["customer__grade"] or "", state=p["state"], due_at=p["due_at"], explanation=p["explanation"],
        made_at=p["made_at"],
    )  # fmt: skip


def _from_free(kind: str, pk: int, at: datetime, title: str, *about: Any) -> Owed:
    number, what, of_kind, stage, customer_id, customer, grade = about
    step = of_task(pk) if kind == "t" else of_matter(pk, of_kind, stage, current_actor())
    return Owed(
        key=f"{kind}{pk}", title=title, what=what, number=number, href=("task" if kind == "t" else "matter", pk),
        step=step, customer=customer, customer_id=customer_id, grade=grade, state="open", due_at=None,
        explanation="", made_at=at,
    )  # fmt: skip


def aside_group() -> Group:
    """What I put aside, the first to come back first. One statement."""
    return Group("aside", _("搁置"), [_from_snooze(row) for row in aside()])


def _from_snooze(s: dict[str, Any]) -> Owed:
    why = "：".join(part for part in (str(Snooze.Reason(s["reason"]).label), s["note"]) if part)
    about = "promise__" if s["promise_id"] else "task__"
    customer = about if s["promise_id"] else "task__matter__"
    matter_id, pk = s[f"{about}matter_id"], s["promise_id"] or s["task_id"]
    route = ("matter", matter_id) if s["promise_id"] and matter_id else ("promise" if s["promise_id"] else "task", pk)
    return Owed(
        key=f"{about[0]}{pk}", title=s[f"{about}title"], what=s[f"{about}matter__title"] or "",
        number=s[f"{about}matter__number"] or "", href=route, step=Step(_("打开"), *route, drawer=False),
        customer=s[f"{customer}customer__name"] or "", customer_id=s[f"{customer}customer_id"],
        grade=s[f"{customer}customer__grade"] or "", state="open", due_at=s["promise__due_at"],
        explanation=s["promise__explanation"] or "", made_at=s["until"], until=s["until"], why=why,
    )  # fmt: skip


@planned()
def visits_and_callbacks() -> QuerySet[Any]:
    """Callbacks to make and visits to pay among the matters I see. One statement."""
    return (
        Matter.objects.filter(Q(kind=Matter.Kind.COMPLAINT, state="callback") | Q(kind=Matter.Kind.VISIT), open=True)
        .select_related("customer")
        .only("title", "kind", "state", "last_activity_at", "customer__name")
        .order_by("last_activity_at", "pk")[:6]
    )


def waiting_conversations(actor: Actor) -> list[dict[str, Any]]:
    """Open conversations that are mine or nobody's, the longest waiting first. One statement."""
    if not actor.may("conversation.read"):
        return []
    found = [row for row in _conversations() if row["last_direction"] == "in"][:6]
    return [row | {"channel": Channel(row["channel"]).label} for row in found]


@planned()
def _conversations() -> QuerySet[Any]:
    mine = Q(owner_id=current_actor().staff_key) | Q(owner=None)
    rows = inbox().filter(mine, state="open").exclude(channel="note")
    shown = ("pk", "subject", "channel", "last_at", "customer__name", "last_direction")
    return rows.order_by("last_at", "pk").values(*shown)[:LOOK]


def approvals_waiting(actor: Actor) -> list[Any]:
    """Requests whose next step is mine. One statement."""
    return _approvals() if actor.may("approval.decide") else []


@planned()
def _approvals() -> QuerySet[Any]:
    return waiting_for_me().prefetch_related(None).values("pk", "title", "amount", "created_at")[:6]


@dataclass(frozen=True)
class Period:
    """How I did since the beginning of this week or month: its rate, and the address of its rows."""

    key: str
    label: str
    rate: Rate | None


def my_rates(at: datetime) -> list[Period]:
    """Of what fell due, or was done before it did. One statement."""
    periods = rates_to_come()
    found = rates_since([began(p.key, at) for p in periods], at, current_actor().staff_key)
    return [replace(period, rate=rate) for period, rate in zip(periods, found, strict=True)]


def rates_to_come() -> list[Period]:
    """What `my_rates` says, not reckoned yet."""
    return [Period("week", _("本周"), None), Period("month", _("本月"), None)]
