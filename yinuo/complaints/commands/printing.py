"""Papers of a case: who printed which leaves a trace, and plain numbers on them take a reason."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from yinuo.complaints.models import Complaint
from yinuo.customers.commands import reveal_field
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Missing


@command("complaint.note_printed", needs="self.use")
def note_printed(*, complaint_id: int, paper: str, by: Actor, at: datetime) -> None:
    """Who opened which paper of a case for printing."""
    row = Complaint.objects.filter(pk=complaint_id).only("pk").first()
    if row is None:
        raise Missing(_("没有这件投诉，或您无权查看"))
    record(row, {"printed": paper[:40]}, matter_id=row.pk)


@command("complaint.note_report_printed", needs="report.read")
def note_report_printed(*, month: str, unit_id: int | None, by: Actor, at: datetime) -> None:
    """Who put which month's report on paper."""
    record("complaints.report", {"printed": "monthly", "month": month[:7], "unit": unit_id})


@command("complaint.reveal", needs="customer.reveal", keeps=False)
def reveal_for_paper(*, complaint_id: int, reason: str, by: Actor, at: datetime) -> dict[str, str]:
    """The case's own phone and address for a paper that leaves the house: revealed as on the customer's card."""
    row = Complaint.objects.filter(pk=complaint_id).select_related("matter").first()
    if row is None:
        raise Missing(_("没有这件投诉，或您无权查看"))
    for field in ("phone", "email"):
        reveal_field(customer_id=row.matter.customer_id, field=field, reason=reason, by=by, at=at)
    record(row, {"printed": "registration", "plain": True}, matter_id=row.pk)
    return {"phone": row.phone.removeprefix("+86"), "email": row.email}
