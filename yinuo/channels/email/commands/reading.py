"""Taking a raw mail out of the house leaves a trace: its headers name every address in full."""

from datetime import datetime

from django.utils.translation import gettext as _

from yinuo.channels.email.models import RawMessage
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Missing


@command("mail.note_raw", needs="self.use")
def note_raw(*, raw_id: int, by: Actor, at: datetime) -> RawMessage:
    """Who downloaded which mail as it came."""
    row: RawMessage | None = RawMessage.objects.select_related("blob").filter(pk=raw_id).first()
    if row is None:
        raise Missing(_("没有这封邮件，或您无权查看"))
    record(row, {"downloaded": True})
    return row
