"""Telling the owner of an account by mail what happened to it."""

from __future__ import annotations

from email.headerregistry import Address

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from yinuo.channels.contract import Outbound, TransportError
from yinuo.channels.email.composing import dress
from yinuo.channels.email.queries import sending_mailbox
from yinuo.channels.email.smtp import deliver
from yinuo.identity.alerts import event, link_token
from yinuo.identity.commands import note_mailed
from yinuo.identity.commands.alerts import OWN_DOING
from yinuo.identity.models import SecurityEvent
from yinuo.kernel import clock


def send(event_id: int) -> str:
    """To every address that does not have it yet. What may pass is tried again by the job."""
    row, mailbox = event(event_id), sending_mailbox()
    if row is None or mailbox is None:
        return "nobody" if row is None else "no mailbox"
    for address in [one for one in row.addresses if one not in row.mailed]:
        if not mailbox.rehearses:
            try:
                _deliver(row, mailbox, address)
            except TransportError as error:
                if not error.permanent:
                    raise
                note_mailed(event_id=row.pk, address=address, problem=error.detail)
                continue
        note_mailed(event_id=row.pk, address=address)
    return "sent"


def _deliver(row: SecurityEvent, mailbox: object, address: str) -> None:
    domain = mailbox.address.rpartition("@")[2]  # type: ignore[attr-defined]
    with translation.override(row.staff.language):
        outbound = Outbound(
            external_id=f"security-{row.pk}-{row.addresses.index(address)}@{domain}", to=address,
            subject=_("一诺登录提醒：%(what)s") % {"what": row.get_kind_display()}, text=_text(row), automatic=True,
        )  # fmt: skip
        to = Address(display_name=row.staff.name, addr_spec=address)
        message = dress(mailbox=mailbox, author=mailbox.name, to=to, outbound=outbound, date=row.at)  # type: ignore
    deliver(mailbox, address, message)  # type: ignore[arg-type]


def _text(row: SecurityEvent) -> str:
    lines = [
        _("%(name)s，您好：") % {"name": row.staff.name}, "",
        _("您的账号 %(login)s：%(what)s。") % {"login": row.staff.username, "what": row.get_kind_display()},
        _("时间：%(when)s") % {"when": f"{row.at.astimezone(clock.CST):%Y-%m-%d %H:%M}"},
    ]  # fmt: skip
    lines += [_("设备：%(device)s") % {"device": row.device}] if row.device else []
    lines += [_("网络地址：%(ip)s") % {"ip": row.ip}] if row.ip else []
    lines += [_("操作人：%(name)s") % {"name": row.by_name}] if row.by_name else []
    lines += [_("说明：%(note)s") % {"note": row.note}] if row.note else []
    if row.kind in OWN_DOING:
        link = settings.PUBLIC_URL + reverse("login_disown", args=[link_token(row)])
        lines += [
            "",
            _("是您本人就不用理会。不是您本人，请打开下面的链接，账号会立即锁定，由管理员处理（七天内有效）："),
            link,
        ]
    else:
        lines += ["", _("有疑问请直接找管理员。")]
    return "\n".join(lines)
