"""The card: what stands on one customer's two pages. Who asks for more than `card` has been let in by it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Count, DecimalField, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce, JSONObject

from yinuo.customers.models import (
    ChannelIdentity,
    Contact,
    Customer,
    CustomerMerge,
    CustomerNote,
    GradeChange,
    OrganisationLink,
    Purchase,
)
from yinuo.customers.queries.grading import InForce, in_force, newest_rule
from yinuo.kernel.planned import planned


@dataclass
class Address:
    """A channel identity; how it is shown is the page's to say."""

    kind: str
    value: str
    verified: bool
    masked: str = ""


@dataclass(frozen=True, slots=True)
class GradeStep:
    """A grade that was proposed, and what came of it; people by their names."""

    pk: int
    old_grade: str
    new_grade: str
    reason: str
    refused: bool
    proposed_by: str | None
    proposed_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Card:
    """The customer and the few short things that hang on them. `noted`: how many notes there are."""

    customer: Customer
    identities: list[Address]
    grade_changes: list[GradeStep]
    grade_rule: InForce
    noted: int


class Tie(NamedTuple):
    """Another customer this one belongs with: `what` says how, `role` as what."""

    what: str
    pk: int
    role: str
    title: str
    customer_id: int
    name: str

    @property
    def label(self) -> str:
        kinds: Any = Contact.Role if self.what in ("contact", "position") else OrganisationLink.Kind
        return str(kinds(self.role).label)


class Dealing(NamedTuple):
    """A note or a purchase."""

    what: str
    pk: int
    on: date
    text: str
    with_whom: str
    amount: Decimal | None
    author: str

    @property
    def label(self) -> str:
        return str(CustomerNote.With(self.with_whom).label)


def card(customer_id: int) -> Card | None:
    """None: not there, or not to be seen. One statement."""
    found: Any = next(iter(_customer(customer_id=customer_id)), None)
    if found is None:
        return None
    return Card(
        customer=found,
        identities=[Address(**row) for row in found.t_identities],
        grade_changes=[_step(row) for row in found.t_grades],
        grade_rule=in_force("grade", found.t_rule),
        noted=found.t_noted,
    )


def ties_of(customer_id: int) -> dict[str, list[Tie]]:
    """Who works here (contact), where they work (position), what stands above and below. One statement."""
    found: dict[str, list[Tie]] = {"contact": [], "position": [], "above": [], "below": []}
    for tie in sorted(map(Tie._make, _ties(customer_id=customer_id)), key=lambda tie: tie.pk):
        found[tie.what].append(tie)
    return found


def dealings_of(customer_id: int) -> dict[str, list[Dealing]]:
    """The last fifty notes and the last fifty purchases, the newest first. One statement."""
    found: dict[str, list[Dealing]] = {"note": [], "purchase": []}
    rows = map(Dealing._make, _dealings(customer_id=customer_id))
    for row in sorted(rows, key=lambda row: (row.on, row.pk), reverse=True):
        found[row.what].append(row)
    return found


def merges_of(customer_id: int) -> list[CustomerMerge]:
    """The last twenty that were not undone. One statement."""
    return _merges(customer_id=customer_id)


#: What of a row goes along with its customer, and where it stands.
IDENTITY = {"kind": "kind", "value": "value", "verified": Q(verified_at__isnull=False)}
STEP = {
    **{name: name for name in ("pk", "old_grade", "new_grade", "reason", "refused", "proposed_at", "confirmed_at")},
    "proposed_by": "proposed_by__name", "confirmed_by": "confirmed_by__name",
}  # fmt: skip


@planned("customer_id")
def _customer(*, customer_id: int) -> QuerySet[Any]:
    mine = {"customer": OuterRef("pk")}
    identities = ChannelIdentity.unscoped.filter(**mine, active=True).order_by("pk")
    grades = GradeChange.unscoped.filter(**mine).order_by("-pk")[:10]
    notes = CustomerNote.unscoped.filter(**mine).order_by().values("customer").annotate(n=Count("pk")).values("n")
    found = Customer.objects.select_related("owner", "unit", "merged_into").filter(pk=customer_id)
    return found.annotate(
        t_identities=ArraySubquery(identities.values(json=JSONObject(**IDENTITY))),
        t_grades=ArraySubquery(grades.values(json=JSONObject(**STEP))),
        t_rule=Subquery(newest_rule("grade").values(json=JSONObject(no="no", values="values"))),
        t_noted=Coalesce(Subquery(notes), 0),
    )


def _step(row: dict[str, Any]) -> GradeStep:
    moments = {name: row[name] and datetime.fromisoformat(row[name]) for name in ("proposed_at", "confirmed_at")}
    return GradeStep(**{**row, **moments})


@planned("customer_id")
def _ties(*, customer_id: int) -> QuerySet[Any]:
    contacts, links = Contact.unscoped.order_by(), OrganisationLink.unscoped.order_by()
    parts = (
        _tie("contact", contacts.filter(organisation=customer_id), "role", "title", "person"),
        _tie("position", contacts.filter(person=customer_id), "role", "title", "organisation"),
        _tie("above", links.filter(child=customer_id), "kind", Value(""), "parent"),
        _tie("below", links.filter(parent=customer_id), "kind", Value(""), "child"),
    )
    return parts[0].union(*parts[1:], all=True)


def _tie(what: str, rows: QuerySet[Any], role: str, title: Any, other: str) -> QuerySet[Any]:
    return rows.values_list(_said(what), "pk", role, Cast(title, TextField()), f"{other}_id", f"{other}__name")


@planned("customer_id")
def _dealings(*, customer_id: int) -> QuerySet[Any]:
    notes = CustomerNote.unscoped.filter(customer=customer_id).order_by("-happened_on", "-pk")
    bought = Purchase.unscoped.filter(customer=customer_id).order_by("-bought_on", "-pk")
    nothing, author = Value(None, DecimalField(max_digits=12, decimal_places=2)), Coalesce("author__name", Value(""))
    noted = notes.values_list(_said("note"), "pk", "happened_on", "text", "with_whom", nothing, author)
    what = Cast("what", TextField())
    paid = bought.values_list(_said("purchase"), "pk", "bought_on", what, _said(""), "amount", author)
    return noted[:50].union(paid[:50], all=True)


def _said(what: str) -> Value:
    return Value(what, CharField())


@planned("customer_id")
def _merges(*, customer_id: int) -> QuerySet[Any]:
    rows = CustomerMerge.unscoped.filter(Q(survivor=customer_id) | Q(absorbed=customer_id), split_at=None)
    return rows.select_related("survivor", "absorbed", "merged_by").order_by("-pk")[:20]
