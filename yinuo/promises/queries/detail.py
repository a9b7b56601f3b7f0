"""One promise with its story; the promises of a matter; what a customer is shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Q, QuerySet, Value, When
from django.db.models.functions import Concat

from yinuo.calendars.wording import moment_text
from yinuo.matters.models import Matter
from yinuo.promises.models import Compensation, Promise, PromiseChange
from yinuo.promises.rules.breach import Cost, compensation
from yinuo.promises.rules.standard import BreachKind


@dataclass(frozen=True, slots=True)
class Told:
    """A promise as a customer reads it."""

    title: str
    says: str
    by: str
    due_at: datetime
    state: str
    explanation: str


def promise(promise_id: int) -> dict[str, Any] | None:
    """A visible promise with everything that happened to it. Three statements."""
    rows = Promise.objects.select_related(
        "matter__customer", "matter__conversation", "customer", "owner", "unit", "standard", "task", "conversation",
        "made_by", "previous", "next", "compensation__task",
    )  # fmt: skip
    found = rows.filter(pk=promise_id).first()
    if found is None:
        return None
    changes = PromiseChange.unscoped.filter(promise=found).select_related("requested_by").order_by("-pk")
    return {
        "promise": found,
        "events": list(found.events.select_related("told").order_by("-at", "-pk")),
        "changes": list(changes),
        "compensation": getattr(found, "compensation", None),
    }


def of_matter(matter: Matter) -> list[Promise]:
    """The promises of a matter the actor was let into, what is owed first. One statement."""
    about = Q(matter=matter)
    if matter.conversation_id:
        about |= Q(conversation_id=matter.conversation_id, matter=None)
    rows = Promise.unscoped.filter(about).select_related("owner", "unit", "standard", "task")
    return list(rows.order_by("-outstanding", "due_at", "pk"))


def to_make_good(promises: Iterable[Promise]) -> list[Compensation]:
    """What is still to be given by hand for broken ones: an apology, a service free of charge, money no task pays."""
    costs = [c for p in promises if (c := getattr(p, "compensation", None))]
    return [
        c for c in costs
        if c.to_pay_by_hand or (c.kind != BreachKind.COMPENSATION and c.state == Compensation.State.PROPOSED)
    ]  # fmt: skip


def apologies_beside(promise: Promise) -> QuerySet[Compensation]:
    """Other apologies owed in the same case, which one conversation with the customer may be meant for."""
    rows = Compensation.unscoped.filter(kind=BreachKind.APOLOGY.value, state=Compensation.State.PROPOSED)
    return rows.filter(promise__matter=promise.matter_id or 0).exclude(promise=promise)


def amends(**about: Any) -> QuerySet[Promise, Any]:
    """What is still owed for broken promises, each as "amends:title" (to be said or given and noted), "unpaid:title"
    or "undecided:title"; as a part of a statement.
    """
    by_hand = ~Q(compensation__kind=BreachKind.COMPENSATION.value) & Q(compensation__state="proposed")
    paid_by_nobody = Q(compensation__task=None) | Q(compensation__task__state="canceled")
    what = Case(
        When(by_hand, then=Value("amends:")),
        When(Q(compensation__state="approved") & paid_by_nobody, then=Value("unpaid:")),
        When(compensation__state="proposed", then=Value("undecided:")),
    )
    rows = Promise.unscoped.filter(**about, compensation__isnull=False).annotate(what=what).filter(what__isnull=False)
    return rows.order_by("pk").annotate(said=Concat("what", "title")).values_list("said")


def told_to_customer(matter_id: int) -> list[Told]:
    """What the customer may read about what we owe them: no tasks, checks or appointments of ours. One statement."""
    rows = Promise.objects.filter(matter_id=matter_id, task=None, about="", outstanding=True).select_related("standard")
    return [
        Told(
            p.title, p.standard.spec.says if p.standard else "", moment_text(p.due_at), p.due_at, p.state, p.explanation
        )
        for p in rows.order_by("due_at", "pk")
    ]


def cost_so_far(promise: Promise, at: datetime) -> Cost | None:
    """What a broken promise would cost if it were fulfilled now."""
    if promise.state != "broken" or not promise.outstanding:
        return None
    return compensation(promise.spec.breach, promise.due_at, at, promise.at_stake)
