"""/complaints with `Prefer: respond-async`, and /complaints/accepted: the receipts."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from yinuo.api.accepted import RECEIPTS, Receipt, accepted
from yinuo.api.operations import Noun
from yinuo.api.replay import NAME, fingerprint, key_of, repeated
from yinuo.complaints.intake.accepting import accept
from yinuo.complaints.models import AcceptedIntake
from yinuo.kernel import clock
from yinuo.kernel.actor import current_actor
from yinuo.kernel.errors import AlreadyDone, Missing

router = Noun(RECEIPTS, "complaints")


def keep(request: HttpRequest, given: Mapping[str, Any]) -> HttpResponse:
    """Store what the schema let through, once per Idempotency-Key, and answer with the receipt."""
    key = key_of(request)
    print_ = fingerprint(request) if key else ""
    try:
        return accepted(accept(given, by=current_actor(), at=clock.now(), command=NAME, key=key, print_=print_))
    except AlreadyDone as before:
        return repeated(before.result, print_)


@router.get_(
    "/{int:receipt_id}", needs="complaint.register", returns=Receipt, summary="What became of an accepted intake"
)
def one(request: HttpRequest, receipt_id: int) -> dict[str, Any]:
    """A key sees what it sent itself."""
    row: AcceptedIntake | None = AcceptedIntake.objects.filter(pk=receipt_id).first()
    if row is None:
        raise Missing(_("没有这份接口来件，或您无权查看"))
    return {
        "id": row.pk, "number": row.number, "state": row.state, "received_at": row.received_at,
        "handled_at": row.handled_at, "complaint_id": row.matter_id, "problem": row.problem,
    }  # fmt: skip
