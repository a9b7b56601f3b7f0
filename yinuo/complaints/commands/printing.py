"""Printing personal data leaves a trace."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from yinuo.complaints.models import Complaint
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
