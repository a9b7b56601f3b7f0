"""Proposals for people who decide about them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yinuo.complaints.models import Agreement, Proposal, ProposalItem
from yinuo.complaints.queries.papers import ITEMS
from yinuo.complaints.rules.choices import ProposalState
from yinuo.complaints.rules.nameless import nameless
from yinuo.complaints.states import Stage
from yinuo.customers.models import ChannelIdentity, Contact
from yinuo.kernel.errors import Missing


@dataclass(frozen=True, slots=True)
class Taken:
    """What was agreed in an earlier case, to be used again: without the people it was about."""

    complaint_id: int
    number: str
    items: tuple[tuple[str, str, Decimal, int | None], ...]  # kind, detail, amount, department
    reason: str


def for_approval(approval_id: int) -> Any:
    """The proposal an approval is about, with `items_shown`; None when it is about something else. One statement.

    Unscoped on purpose: whoever may see the approval may see what is asked, even without seeing the case.
    """
    return _with_items(Proposal.unscoped.filter(approval_id=approval_id).select_related("by", "complaint__matter"))


def latest(complaint_id: int) -> Any:
    """The newest proposal of a complaint the actor may see, with `items_shown`, or None. One statement."""
    return _with_items(Proposal.objects.filter(complaint=complaint_id).order_by("-version"))


def _with_items(rows: QuerySet[Any]) -> Any:
    found = rows.annotate(in_items=ITEMS.column()).first()
    if found is not None:
        found.items_shown = ITEMS.read(found.in_items)
    return found


def agreed(complaint_id: int, *, besides: int = 0) -> Taken:
    """The proposal a closed case ended with, if the actor may see that case; else raises `Missing`. `besides` is the
    case it is wanted for. At most five statements.
    """
    found = Proposal.objects.filter(complaint=complaint_id, complaint__stage=Stage.CLOSED, state=ProposalState.AGREED)
    proposal: Any = (
        found.exclude(complaint=besides)
        .select_related("complaint__matter__customer")
        .defer("complaint__search", "complaint__matter__search", "complaint__matter__customer__search")
        .order_by("-version")
        .first()
    )
    if proposal is None:
        raise Missing(_("没有这件以往投诉的方案，或您无权查看"))
    case = proposal.complaint
    names, others = _people(case)
    items = ProposalItem.unscoped.filter(proposal=proposal).order_by("position")
    return Taken(
        case.pk,
        case.matter.number,
        tuple((i.kind, nameless(i.detail, names, others=others), i.amount, i.unit_id) for i in items),
        nameless(proposal.reason, names, others=others),
    )


def _people(case: Any) -> tuple[list[str], list[str]]:
    """The names that may stand in the words of a case, and what else is known of its customer."""
    customer = case.matter.customer
    names = [customer.name, case.complainant]
    names += Agreement.unscoped.filter(complaint=case).values_list("signer", flat=True)
    if customer.kind == "organisation":
        names += Contact.unscoped.filter(organisation=customer).values_list("person__name", flat=True)
    known = ChannelIdentity.unscoped.filter(customer=customer).values_list("value", flat=True)
    return names, [*known, customer.address, customer.uscc, case.phone, case.email]
