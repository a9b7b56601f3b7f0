"""Settings of mailboxes, and what the receiver notes about its connection."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yinuo.channels.email.models import Mailbox, RawMessage
from yinuo.channels.email.sealing import seal
from yinuo.channels.email.servers import ports, reach
from yinuo.customers.rules import normal_email
from yinuo.identity.models import Unit
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Stale
from yinuo.kernel.events import emit
from yinuo.kernel.outgoing import may_reach
from yinuo.kernel.text import clean_line, clean_text

_HOST = re.compile(r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$|^\[?[0-9a-fA-F:]{2,45}\]?$")
_LOCAL = ("localhost", "127.0.0.1", "::1", "[::1]")
TEXTS = {
    "name": 80,
    "imap_host": 200,
    "imap_user": 254,
    "imap_folder": 200,
    "smtp_host": 200,
    "smtp_user": 254,
    "authserv_id": 200,
}
SWITCHES = ("active", "take_existing", "verify_certificate", "plus_addressing", "receipt_enabled", "rehearsal")
LONG_TEXTS = {"signature": 2000, "receipt_text": 4000}


def _literal_within_reach(host: str) -> bool:
    """Judges an address entered as numbers; what a name leads to is judged when it is connected to."""
    try:
        return may_reach(host, "127.0.0.1" if host == "localhost" else host.strip("[]"), reach())
    except ValueError:
        return True


def _port(value: Any) -> int | None:
    try:
        number = int(str(value).strip())
    except ValueError:
        return None
    return number if 0 < number < 65536 else None


def _checked(values: dict[str, Any], wrong: dict[str, str]) -> dict[str, Any]:
    """The settings in storable form; what is wrong goes beside its field."""
    clean: dict[str, Any] = {name: clean_line(values[name], size) for name, size in TEXTS.items() if name in values}
    clean |= {name: clean_text(values[name], size) for name, size in LONG_TEXTS.items() if name in values}
    clean |= {name: bool(values[name]) for name in SWITCHES if name in values}
    for name in ("imap_host", "smtp_host"):
        if clean.get(name) and not _HOST.match(clean[name]):
            wrong[name] = _("服务器地址不对，例如 imap.example.com")
        elif clean.get(name) and not _literal_within_reach(clean[name]):
            wrong[name] = _("不能用这个地址；本机地址要由系统管理员用 YINUO_MAIL_LOCAL 开放")
    if re.search(r"[\s;()\"]", clean.get("authserv_id", "")):
        wrong["authserv_id"] = _("只填服务器名称，例如 mx.example.com")
    for name in ("imap_port", "smtp_port"):
        if name in values:
            port = _port(values[name])
            if port is None:
                wrong[name] = _("端口应在 1 到 65535 之间")
            elif port not in ports():
                wrong[name] = _("只能用邮件端口 25、143、465、587、993；其他端口由系统管理员用 YINUO_MAIL_PORTS 开放")
            else:
                clean[name] = port
    for name in ("imap_security", "smtp_security"):
        if name in values:
            if values[name] not in Mailbox.Security.values:
                wrong[name] = _("请选择加密方式")
            else:
                clean[name] = values[name]
    if "receipt_every_hours" in values:
        text = str(values["receipt_every_hours"]).strip()
        if text.isdecimal() and 1 <= int(text) <= 720:
            clean["receipt_every_hours"] = int(text)
        else:
            wrong["receipt_every_hours"] = _("请填写 1 到 720 之间的小时数")
    return clean


def _check_whole(row: Mailbox, wrong: dict[str, str]) -> None:
    if not row.name:
        wrong["name"] = _("请填写邮箱名称，客户会在发件人处看到它")
    for side in ("imap", "smtp"):
        host, security = getattr(row, f"{side}_host"), getattr(row, f"{side}_security")
        if host and security == Mailbox.Security.NONE and getattr(row, f"{side}_password") and not _private(host):
            wrong[f"{side}_security"] = _("密码不能不加密地发往外部服务器，请选择 TLS 或 STARTTLS")
    if row.active and not row.imap_host and not row.smtp_host and not row.rehearsal:
        wrong["imap_host"] = _("请至少填写收信或发信服务器")


def _private(host: str) -> bool:
    return host in _LOCAL or bool(re.match(r"^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|127\.)", host))


@command("mailbox.save", needs="mailbox.manage")
def save_mailbox(
    *, mailbox_id: int | None = None, expected_version: int | None = None, address: str = "",
    unit_id: int | None = None,
    imap_password: str | None = None, smtp_password: str | None = None, by: Actor, at: datetime, **values: Any,
) -> Mailbox:  # fmt: skip
    """Make or change a mailbox. A password left out (None or empty) stays as it is, unless the server it is meant for
    changes: a stored password is never sent to a server it was not entered for.
    """
    row = Mailbox.objects.select_for_update(no_key=True).filter(pk=mailbox_id).first() if mailbox_id else Mailbox()
    if row is None:
        raise Missing(_("没有这个邮箱"))
    if row.pk and expected_version is not None and row.version != expected_version:
        raise Stale(_("这个邮箱的设置刚被别人改过"), current=row)
    wrong: dict[str, str] = {}
    before = (row.imap_host, row.imap_user, row.imap_folder)
    hosts = {"imap": row.imap_host, "smtp": row.smtp_host}
    for name, value in _checked(values, wrong).items():
        setattr(row, name, value)
    if address or not row.pk:
        row.address = _address(address, row.pk, wrong)
    if unit_id and not Unit.objects.filter(pk=unit_id).exists():
        wrong["unit_id"] = _("没有这个部门")
    row.unit_id = unit_id or row.unit_id
    if imap_password:
        row.imap_password = seal(imap_password)
    if smtp_password:
        row.smtp_password = seal(smtp_password)
    for side, given in (("imap", imap_password), ("smtp", smtp_password)):
        if getattr(row, f"{side}_password") and not given and getattr(row, f"{side}_host") not in ("", hosts[side]):
            wrong[f"{side}_password"] = _("服务器改了，请重新填写密码")
    _check_whole(row, wrong)
    if wrong:
        raise Invalid(_("邮箱设置没有填对"), fields=wrong)
    if row.pk and before != (row.imap_host, row.imap_user, row.imap_folder):
        # Another store behind the address: its numbering starts over, and what it already holds is not news.
        row.uidvalidity, row.last_uid, row.renumbered_to, row.reads_after = 0, 0, 0, None
    first = not row.rehearses and not Mailbox.unscoped.filter(is_default=True).exists()
    row.is_default = row.is_default or first
    row.version = row.version + 1 if row.pk else 1
    row.trouble, row.trouble_since = "", None
    row.save()
    record(row, {"address": row.address, "active": row.active, "fields": sorted(values)})
    emit("mailbox.changed", topics=["mail"], mailbox_id=row.pk)
    return row


def _address(raw: str, own_pk: int | None, wrong: dict[str, str]) -> str:
    try:
        address = normal_email(raw)
    except Invalid as error:
        wrong["address"] = error.message
        return raw
    if Mailbox.unscoped.filter(address=address).exclude(pk=own_pk or 0).exists():
        wrong["address"] = _("这个地址已经登记过了")
    return address


@command("mailbox.make_default", needs="mailbox.manage")
def make_default(*, mailbox_id: int, by: Actor, at: datetime) -> Mailbox:
    """New mails to customers without a mailbox of their own go out through this one."""
    row = Mailbox.objects.select_for_update(no_key=True).filter(pk=mailbox_id).first()
    if row is None:
        raise Missing(_("没有这个邮箱"))
    Mailbox.unscoped.filter(is_default=True).update(is_default=False)
    row.is_default = True
    row.save(update_fields=["is_default"])
    record(row, {"default": True})
    return row


@command("mailbox.delete", needs="mailbox.manage")
def delete_mailbox(*, mailbox_id: int, by: Actor, at: datetime) -> None:
    """Remove a mailbox nothing came through; one with mail is switched off instead."""
    row = Mailbox.objects.select_for_update(no_key=True).filter(pk=mailbox_id).first()
    if row is None:
        raise Missing(_("没有这个邮箱"))
    if RawMessage.unscoped.filter(mailbox=row).exists() or row.outbound(manager="unscoped").exists():
        row.active = False
        row.save(update_fields=["active"])
        record(row, {"active": False})
    else:
        record(row, {"deleted": row.address})
        row.delete()
    emit("mailbox.changed", topics=["mail"], mailbox_id=mailbox_id)


@command("mailbox.position", internal=True)
def set_position(
    *, mailbox_id: int, uidvalidity: int, last_uid: int, reads_after: datetime | None, renumbered_to: int,
    by: Actor, at: datetime,
) -> Mailbox:  # fmt: skip
    """Where reading starts in a folder seen for the first time or renumbered by its server."""
    row = Mailbox.unscoped.select_for_update(no_key=True).get(pk=mailbox_id)
    row.uidvalidity, row.last_uid = uidvalidity, last_uid
    row.reads_after, row.renumbered_to = reads_after, renumbered_to
    row.save(update_fields=["uidvalidity", "last_uid", "reads_after", "renumbered_to"])
    record(row, {"uidvalidity": uidvalidity, "last_uid": last_uid, "renumbered_to": renumbered_to})
    return row


@command("mailbox.note_state", internal=True)
def note_state(*, mailbox_id: int, trouble: str, by: Actor, at: datetime) -> None:
    """Remember that the server could be reached, or since when and why not."""
    row = Mailbox.unscoped.select_for_update(no_key=True).get(pk=mailbox_id)
    changed = bool(row.trouble) != bool(trouble)
    row.trouble = clean_line(trouble[:600], 600)[:300]
    row.trouble_since = (row.trouble_since or at) if trouble else None
    if not trouble:
        row.synced_at = at
    row.save(update_fields=["trouble", "trouble_since", "synced_at"])
    record(row, {"trouble": bool(trouble)})
    if changed:
        emit("mailbox.changed", topics=["mail"], mailbox_id=row.pk)
