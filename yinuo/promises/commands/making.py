"""Making promises: from the standards that apply to what happened, or from what somebody said to a customer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from yinuo.calendars.book import CalendarBook
from yinuo.calendars.queries import current_book, path_ids
from yinuo.conversations.models import Conversation
from yinuo.identity.models import Unit
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import nothing_done, record
from yinuo.kernel.command import command
from yinuo.kernel.events import emit
from yinuo.kernel.single_write import new_row
from yinuo.matters.models import Matter, Task
from yinuo.promises.commands.locking import lock_subject
from yinuo.promises.commands.telling import tell_timelines, topics_of, wake_clock
from yinuo.promises.models import Promise, Standard
from yinuo.promises.rules.conditions import SEVERITIES
from yinuo.promises.rules.matching import applicable
from yinuo.promises.rules.moments import reckon, start_of
from yinuo.promises.rules.plan import Announcement, next_wake, plan, write_points
from yinuo.promises.wording import made_text


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom and what a promise is about, and who owes it."""

    matter: Matter | None = None
    task: Task | None = None
    conversation: Conversation | None = None
    customer_id: int | None = None
    owner_id: int | None = None
    unit: Unit | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    about: str = ""


def make_promises(
    *, trigger: str, matter_id: int | None = None, facts: Mapping[str, Any] | None = None,
    since: datetime | None = None, by: Actor, at: datetime,
) -> list[Promise]:  # fmt: skip
    """Every promise the standards in force make of `trigger`; none when no standard asks for one.

    `facts` are what conditions look at (grade, kind, channel, severity, complexity, …), dates a standard counts
    from, `amount` at stake, and the subject where there is no matter (`conversation_id`, `customer_id`, `task_id`,
    `owner_id`, `unit_id`); `about` names a row within the matter, `what` says it in words. An obligation already
    open for the same subject is not made twice. `since` is when it began, if not now.
    """
    standards = {s.key: s for s in Standard.objects.filter(trigger=trigger, in_force=True)}
    if not standards:
        return []
    subject = subject_of(matter_id, dict(facts or {}), standards.values())
    wanted = [standards[spec.key] for spec in applicable([s.spec for s in standards.values()], subject.facts)]
    return _make(subject=subject, standards=wanted, since=since, by=by, at=at) if wanted else []


@command("promise.make", internal=True)
def _make(
    *, subject: Subject, standards: Sequence[Standard], since: datetime | None = None, by: Actor, at: datetime
) -> list[Promise]:
    """Looks for what is owed already under a lock: of two mails at the same moment only one makes the promise. `since`
    is when it began, if not now.
    """
    lock_subject(subject.matter, subject.conversation, subject.customer_id)
    held = set(same_subject(subject).filter(outstanding=True).values_list("obligation", flat=True))
    fresh = [s for s in standards if s.spec.obligation not in held]
    found = [(standard, start_of(standard.spec, dict(subject.facts), since or at)) for standard in fresh]
    chosen = [(standard, start) for standard, start in found if start]
    if not chosen:
        nothing_done()
        return []
    book = current_book()
    made = [from_standard(standard, subject, start, book, by=by, at=at) for standard, start in chosen]
    return write_promises(made, by=by, at=at)


def write_promises(made: list[Promise], *, by: Actor, at: datetime) -> list[Promise]:
    """Store new promises and say so. Inside a command."""
    Promise.unscoped.bulk_create(made)
    by_matter: dict[int | None, list[Promise]] = {}
    for promise in made:
        by_matter.setdefault(promise.matter_id, []).append(promise)
        record(
            promise,
            {"due_at": promise.due_at.isoformat(), "obligation": promise.obligation},
            matter_id=promise.matter_id,
        )
        emit(
            "promise.made", topics=topics_of(promise), promise_id=promise.pk, matter_id=promise.matter_id,
            obligation=promise.obligation,
        )  # fmt: skip
    tell_timelines([(group[0], "promise_made", made_text(group)) for group in by_matter.values()], by=by, at=at)
    wake_clock(made, at)
    return made


def from_standard(
    standard: Standard, subject: Subject, start: datetime, book: CalendarBook, *, by: Actor, at: datetime,
    previous: Promise | None = None,
) -> Promise:  # fmt: skip
    """A new promise of `standard`, counted from `start`; not stored yet."""
    spec = standard.spec
    calendar = book.calendar(path_ids(subject.unit.path) if subject.unit else ())
    due = reckon(calendar, start, spec.span)
    stake = subject.facts.get("amount")
    at_stake = Decimal(str(stake)) if stake not in (None, "") else (previous.at_stake if previous else None)
    planned = plan(spec, start, due.due_at, due.calendar, at_stake=at_stake)
    points = tuple(p for p in planned if p.at > at or p.kind is not Announcement.WARNED)  # not of what is past already
    return new_row(
        Promise, matter=subject.matter, task=subject.task, conversation=subject.conversation, about=subject.about,
        customer_id=subject.customer_id, standard=standard, obligation=spec.obligation,
        title=title_of(spec.title, subject), owner_id=subject.owner_id, unit=subject.unit,
        made_at=at, starts_at=start, due_at=due.due_at, wakes_at=next_wake(points, frozenset()),
        explanation=due.explanation, provisional=due.provisional, clock=spec.clock.value, amount=spec.amount,
        span_seconds=int(spec.span.length.total_seconds()), at_stake=at_stake, plan=write_points(points),
        calendar_version=book.version, cycle=previous.cycle + 1 if previous else 1, previous=previous,
        made_by_id=by.staff_id,
    )  # fmt: skip


def subject_of(matter_id: int | None, facts: dict[str, Any], standards: Iterable[Standard]) -> Subject:
    """Fill the facts in from the matter, the task and the customer. One to four statements."""
    rows = Matter.unscoped.select_related("customer", "unit")
    matter = rows.filter(pk=matter_id).first() if matter_id else None
    task = None
    if facts.get("task_id"):
        task = Task.unscoped.select_related("matter__customer", "unit", "assignee__unit").get(pk=facts["task_id"])
        matter = matter or task.matter
    conversation = None
    if facts.get("conversation_id"):
        conversation = Conversation.unscoped.select_related("customer", "unit").get(pk=facts["conversation_id"])
    about = matter or conversation
    customer_id = about.customer_id if about else facts.get("customer_id")
    about_row = str(facts.get("about", ""))[:40]
    subject = _owed_by(Subject(matter, task, conversation, customer_id, about=about_row), facts)
    return replace(subject, facts=_facts(subject, facts, standards))


def _owed_by(subject: Subject, facts: Mapping[str, Any]) -> Subject:
    """A task's assignee owes it; else whoever is named; else the owner of the matter or the conversation."""
    if subject.task:
        assignee = subject.task.assignee
        unit = subject.task.unit or (assignee.unit if assignee else None)
        return replace(subject, owner_id=subject.task.assignee_id, unit=unit)
    about = subject.matter or subject.conversation
    owner_id = facts.get("owner_id") or (about.owner_id if about else None)
    unit = about.unit if about else None
    if facts.get("unit_id") and (unit is None or unit.pk != facts["unit_id"]):
        unit = Unit.objects.get(pk=facts["unit_id"])
    return replace(subject, owner_id=owner_id, unit=unit)


def _facts(subject: Subject, facts: dict[str, Any], standards: Iterable[Standard]) -> dict[str, Any]:
    about = subject.matter or subject.conversation
    known: dict[str, Any] = {}
    if about:
        known["grade"], known["region"] = about.customer.grade, about.customer.region
        known["channel"] = about.channel
    if subject.matter:
        known |= {"kind": subject.matter.kind, "severity": SEVERITIES[subject.matter.severity]}
    if subject.unit and any("unit" in s.spec.conditions for s in standards):
        ids = path_ids(subject.unit.path)
        known["unit"] = list(Unit.objects.filter(pk__in=ids).values_list("code", flat=True))
    return known | {k: v for k, v in facts.items() if v is not None}


def same_subject(subject: Subject) -> Any:
    """Promises about the very same thing: the task, else the matter, else the conversation, else the customer."""
    if subject.task:
        return Promise.unscoped.filter(task=subject.task)
    if subject.matter:
        return Promise.unscoped.filter(matter=subject.matter, task=None, about=subject.about)
    if subject.conversation:
        return Promise.unscoped.filter(conversation=subject.conversation, matter=None)
    return Promise.unscoped.filter(customer_id=subject.customer_id or 0, matter=None, conversation=None)


def title_of(title: str, subject: Subject) -> str:
    what = subject.task.title if subject.task else subject.facts.get("what")
    return f"{title}：{what}"[:200] if what else title
