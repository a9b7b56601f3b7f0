"""Signed, expiring links for customers. Each purpose has its own signature; the payload names the row and its case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from yinuo.complaints.models import Agreement, Restatement
from yinuo.complaints.rules.choices import SPOKEN_IN_PERSON, AgreementState, RestatementState
from yinuo.kernel.actor import Actor
from yinuo.kernel.errors import Missing
from yinuo.kernel.tokens import sign, unsign
from yinuo.matters.models import Matter
from yinuo.promises.models import Promise

AGREEMENT, RESTATEMENT, RATING = "complaint.agreement", "complaint.restatement", "complaint.rating"
#: How long these links live; so long, too, promises wait for a restatement to be answered, however it was sent.
RESTATEMENT_DAYS, RATING_DAYS = 14, 30


@dataclass(frozen=True, slots=True)
class Linked:
    """What an opened link leads to, and the actor it makes of its holder."""

    actor: Actor
    matter_id: int
    row_id: int


def agreement_token(agreement: Agreement) -> str:
    """For `open_link(AGREEMENT, …)`; lives as long as the offer."""
    return sign(AGREEMENT, [agreement.complaint_id, agreement.pk], agreement.expires_at)


def restatement_token(restatement: Restatement) -> str:
    return sign(
        RESTATEMENT, [restatement.complaint_id, restatement.pk], restatement.at + timedelta(days=RESTATEMENT_DAYS)
    )


def rating_token(matter_id: int, at: datetime) -> str:
    """For the customer to rate by link."""
    return sign(RATING, [matter_id, matter_id], at + timedelta(days=RATING_DAYS))


def waiting_in_vain(at: datetime) -> list[int]:
    """Cases whose promises wait for an agreement or a restatement that nobody answered in time. One statement."""
    case = {"complaint_id": OuterRef("matter_id")}
    offered = Agreement.unscoped.filter(
        **case, state=AgreementState.OFFERED, expires_at__lt=at, expires_at__gte=OuterRef("paused_at")
    )
    asked = Restatement.unscoped.filter(  # what was paused after it waits for something else
        **case, state=RestatementState.PENDING, at__lt=at - timedelta(days=RESTATEMENT_DAYS),
        at__gte=OuterRef("paused_at"),
    ).exclude(via__in=SPOKEN_IN_PERSON)  # fmt: skip
    rows = Promise.unscoped.filter(Exists(offered) | Exists(asked), state="paused")
    return list(rows.order_by("matter_id").values_list("matter_id", flat=True).distinct())


def open_link(purpose: str, token: str, *, ip: str = "", request_id: str = "") -> Linked:
    """Raises `Invalid` when forged or expired. The holder acts as the case's customer, on that case alone."""
    matter_id, row_id = unsign(purpose, token)
    matter = Matter.unscoped.select_related("customer").filter(pk=matter_id).first()
    if matter is None:
        raise Missing(_("没有这件投诉"))
    actor = Actor.customer(
        customer_id=matter.customer_id, name=matter.customer.name, matter_ids=frozenset({matter.pk}), ip=ip,
        request_id=request_id,
    )  # fmt: skip
    return Linked(actor, matter.pk, row_id)


def shown_agreement(agreement_id: int) -> Agreement | None:
    """The agreement as the customer (or one of us) sees it. One statement."""
    found: Agreement | None = (
        Agreement.objects.filter(pk=agreement_id).select_related("complaint__matter__customer").first()
    )
    return found


def shown_restatement(restatement_id: int) -> Restatement | None:
    found: Restatement | None = (
        Restatement.objects.filter(pk=restatement_id).select_related("complaint__matter__customer").first()
    )
    return found


def open_offers(matter_id: int) -> tuple[Restatement | None, Agreement | None]:
    """What waits for the customer's answer on this case. Two statements."""
    restatement = Restatement.objects.filter(complaint_id=matter_id, state="pending").order_by("-version").first()
    agreement = Agreement.objects.filter(complaint_id=matter_id, state="offered").order_by("-version").first()
    return restatement, agreement
