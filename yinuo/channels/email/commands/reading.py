"""Reading a raw mail, or taking it out of the house, leaves a trace: it names every address in full."""

from datetime import datetime

from django.utils.translation import gettext as _

from yinuo.channels.email.models import RawMessage
from yinuo.channels.email.queries import head_of, judged_by_hand
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Denied, Invalid, Missing, Refused
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_line
from yinuo.kernel.work import current_work


@command("mail.read_raw", needs="mailbox.manage", keeps=False)
def read_raw(*, raw_id: int, reason: str, by: Actor, at: datetime) -> str:
    """How a mail begins that became nothing: who looked and why is kept. Any other is read in its conversation."""
    row = _visible(raw_id)
    if not judged_by_hand(row):
        raise Refused(_("只有没能入库的邮件在这里看原文；已入库的请到会话里看"))
    _revealed(row, _why(reason), by)
    record(row, {"read": True})
    return head_of(row)


@command("mail.note_raw", needs="self.use")
def note_raw(*, raw_id: int, reason: str = "", by: Actor, at: datetime) -> RawMessage:
    """Who downloaded which mail as it came. One that became nothing takes a reason, any other the right to see plain
    addresses: whoever looks after the mailboxes has no part in the conversations.
    """
    row = _visible(raw_id)
    if judged_by_hand(row):
        reason = _why(reason)
    elif not by.may("customer.reveal"):
        raise Denied(_("已入库的邮件只有能查看客户明文的人可以下载"))
    _revealed(row, reason, by)
    record(row, {"downloaded": True})
    return row


def _visible(raw_id: int) -> RawMessage:
    row: RawMessage | None = RawMessage.objects.select_related("blob").filter(pk=raw_id).first()
    if row is None:
        raise Missing(_("没有这封邮件，或您无权查看"))
    return row


def _why(reason: str) -> str:
    why = clean_line(reason, 200)
    if len(why) < 2:
        raise Invalid(_("请说明查看原因"), fields={"reason": _("请说明查看原因")})
    return why


def _revealed(row: RawMessage, why: str, by: Actor) -> None:
    """Counts as looking at a masked field."""
    work = current_work()
    if work:
        with work.frame("customer.reveal"):
            record(row, {"field": "mail", "reason": why})
        emit("customer.revealed", staff_id=by.staff_id)
