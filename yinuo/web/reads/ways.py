"""By which way an answer goes, whether that way works now, and what became of the last one."""

from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from yinuo.channels.email.queries import sending_mailbox
from yinuo.channels.sms.gateways import missing
from yinuo.complaints.queries.detail import complaint
from yinuo.complaints.queries.reaching import mail_identity, mail_thread
from yinuo.conversations import queries as conversations
from yinuo.conversations.models import Channel
from yinuo.customers.queries import mail_address
from yinuo.kernel.text import mask_email
from yinuo.matters import queries as matters
from yinuo.matters.models import Matter
from yinuo.web.reads.answering import About
from yinuo.web.reads.timeline import CHANNEL_ICONS, delivery_badge


@dataclass(frozen=True)
class Way:
    """`trouble`: why it does not go out now (tone "late") or may be late ("soon"). `last`: what we sent last."""

    icon: str
    text: str
    trouble: str = ""
    tone: str = ""
    last: Any = None

    @property
    def badge(self) -> tuple[str, str] | None:
        """How far the last one has come, and its tone."""
        return delivery_badge(self.last) if self.last and self.last.delivery else None


def way(about: About, via: str = "") -> Way:
    """Of what the actor may see; `via` is what is chosen in a complaint's form. Six statements at most."""
    row, thread = about.matter, about.conversation
    if row is None:
        return replace(_by(thread.channel, thread), last=conversations.last_outbound(thread.pk))
    if row.kind == Matter.Kind.COMPLAINT:
        found = _of_case(complaint(row.pk), via)
    else:
        thread = row.conversation
        found = _by(thread.channel if thread else Channel.NOTE, thread)
    return replace(found, last=matters.last_outbound(row.pk))


def _of_case(row: Any, via: str) -> Way:
    """As `complaints/commands/talking.py` will choose."""
    own = row.matter.conversation
    if via == "told":
        return Way("phone", _("登记为已经告诉客户，不会再发出"))
    if via != Channel.EMAIL or (own and own.channel == Channel.EMAIL):
        return _by(own.channel if own else row.channel, own)
    beside = mail_thread(row.pk)
    return _by_mail(beside, beside.identity if beside and beside.identity else mail_identity(row))


def _by(channel: str, thread: Any) -> Way:
    if channel == Channel.EMAIL:
        return _by_mail(thread, thread.identity or mail_address(thread.customer_id))
    if channel == Channel.PORTAL:
        return Way("world", _("自助门户：客户在查询页面看到，留了邮箱的会收到提醒"))
    icon = CHANNEL_ICONS.get(channel, "message")
    if channel == Channel.SMS and (not settings.SMS["gateway"] or missing()):
        return Way(icon, _("短信"), _("短信网关没有设置好，现在发不出短信；回复会作为记录保存"), "late")
    return Way(icon, _("%(channel)s：不能从这里发出，回复会作为记录保存") % {"channel": Channel(channel).label})


def _by_mail(thread: Any, identity: Any) -> Way:
    if identity is None:
        return Way("mail", _("电子邮件"), _("这位客户没有可以发送的邮箱地址，请改用其他方式"), "late")
    text, box = _("将发往 %(address)s") % {"address": mask_email(identity.value)}, sending_mailbox(thread)
    if box is None:
        why = _("没有能发信的邮箱（停用，或没有设置发信服务器）：邮件会排队，可以发信后自动发出")
        return Way("mail", text, why, "late")
    if box.rehearses:
        return Way("mail", text, _("演示邮箱：只在系统里看得到，不会真的发出"), "soon")
    said, account = {"box": box.address, "why": box.held_up}, thread.account if thread else ""
    if box.held_up:
        return Way("mail", text, _("%(box)s 最近没有发成（%(why)s），邮件会排队，自动再试") % said, "late")
    if box.trouble:
        return Way("mail", text, _("%(box)s 收信有故障，客户的回信可能晚到") % said, "soon")
    if account and account.lower() != box.address.lower():
        why = _("客户写来的邮箱 %(old)s 不能发信，改由 %(box)s 发出") % {**said, "old": account}
        return Way("mail", text, why, "soon")
    return Way("mail", text)
