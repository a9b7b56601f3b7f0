"""Single sign-on: the provider, who somebody is there, and letting them in."""

import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yinuo.identity.commands.administering import managers
from yinuo.identity.commands.alerts import Kind, tell
from yinuo.identity.models import SignOn, SignOnLink, Staff, Unit
from yinuo.identity.openid import checked
from yinuo.identity.sign_on import PURPOSE
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Invalid, Missing, Refused, Stale
from yinuo.kernel.text import clean_line
from yinuo.kernel.vault import seal


@command("entry.set_sign_on", needs="staff.manage")
def set_sign_on(
    *, active: bool, name: str, issuer: str, client_id: str, secret: str = "", match: str, creates: bool = False,
    unit_id: int | None = None, asks_step: bool = False, only: bool = False, keeper_id: int | None = None,
    expected_version: int, by: Actor, at: datetime,
) -> SignOn:  # fmt: skip
    """The provider and its rules. An empty secret keeps the one there is; another provider needs its own."""
    SignOn.objects.bulk_create([SignOn(pk=1)], ignore_conflicts=True)
    row = SignOn.objects.select_for_update(no_key=True, of=("self",)).get(pk=1)
    if row.version != expected_version:
        raise Stale(_("单点登录的设置刚被别人改过"), current=row)
    issuer, moved = issuer.strip()[:300], issuer.strip() != row.issuer
    wrong = _wrong(name, issuer, client_id, match, only and active, keeper_id, creates, unit_id)
    if wrong:
        raise Invalid(_("单点登录没有填对"), fields=wrong)
    row.active, row.name, row.issuer, row.client_id = active, clean_line(name, 40), issuer, clean_line(client_id, 200)
    row.secret = seal(PURPOSE, secret) if secret else ("" if moved else row.secret)
    row.match, row.creates, row.unit_id = match, creates, unit_id
    row.asks_step, row.only, row.keeper_id = asks_step, only and active, keeper_id
    row.version += 1
    row.save()
    said = {"active": active, "issuer": issuer, "match": match, "creates": creates, "only": row.only}
    record(row, {**said, "keeper": keeper_id, "asks_step": asks_step, "secret": bool(secret)})
    return row


def _wrong(
    name: str, issuer: str, client_id: str, match: str, only: bool, keeper_id: int | None, creates: bool,
    unit_id: int | None,
) -> dict[str, str]:  # fmt: skip
    wrong = {k: _("必填") for k, v in {"name": name, "issuer": issuer, "client_id": client_id}.items() if not v.strip()}
    if issuer:
        try:
            checked(issuer)
        except Refused as refused:
            wrong["issuer"] = refused.message
    if match not in SignOn.Match.values:
        wrong["match"] = _("没有这个选项")
    if only and not managers().filter(pk=keeper_id or 0).exists():
        wrong["keeper_id"] = _("请选一位能管理员工、自己有密码的在岗同事")
    if creates and not Unit.objects.filter(pk=unit_id or 0, active=True).exists():
        wrong["unit_id"] = _("请选新账号放在哪个部门")
    return wrong


@command("staff.link_sign_on", needs="staff.manage")
def link_sign_on(*, staff_id: int, subject: str, by: Actor, at: datetime) -> Staff:
    """Who this person is at the provider, told by an administrator; empty takes it away."""
    staff = Staff.objects.select_for_update(no_key=True, of=("self",)).filter(pk=staff_id).first()
    provider = SignOn.objects.filter(pk=1).first()
    if staff is None or provider is None or staff.is_integration:
        raise Missing(_("没有这位员工，或没有设单点登录"))
    SignOnLink.objects.filter(staff=staff, issuer=provider.issuer).delete()
    record(staff, {"linked": bool(subject.strip())})
    if subject.strip():
        _link(staff, provider, subject.strip(), by, at)
    return staff


def _link(staff: Staff, provider: SignOn, subject: str, by: Actor, at: datetime) -> None:
    made = SignOnLink(staff=staff, issuer=provider.issuer, subject=subject[:255], at=at)
    if SignOnLink.objects.filter(issuer=provider.issuer, subject=made.subject).exists():
        sentence = _("这个编号已经连到另一位员工")
        raise Invalid(sentence, fields={"subject": sentence})
    made.save()
    tell(staff, Kind.LINKED, by=by, at=at, note=provider.name)


@command("staff.enter_by_sign_on", internal=True)
def enter_by_sign_on(*, claims: Mapping[str, Any], by: Actor, at: datetime) -> Staff:
    """Whom these checked claims are about: linked before, else by the address, else a new one, else nobody."""
    provider = SignOn.objects.select_for_update(no_key=True, of=("self",)).get(pk=1)
    subject = str(claims["sub"])
    link = SignOnLink.objects.select_related("staff").filter(issuer=provider.issuer, subject=subject).first()
    staff = link.staff if link else _by_address(provider, claims)
    if staff is None and provider.creates:
        staff = _made(provider, claims, at)
    if staff is None or not staff.is_active:
        raise Refused(_("您的公司账号没有对应的员工账号，请找管理员"), code="sign_on_unknown")
    record(staff, {"linked": link is None})
    if link is None:
        _link(staff, provider, subject, by, at)
    return staff


def _by_address(provider: SignOn, claims: Mapping[str, Any]) -> Staff | None:
    """An address the provider has verified, of exactly one colleague who is linked to nobody there yet."""
    address = str(claims.get("email") or "")
    if provider.match != SignOn.Match.EMAIL or claims.get("email_verified") is not True or not address:
        return None
    if not address.isascii():  # the database takes ı for I and ſ for S: boss@wıdget.com is somebody else's to register
        return None
    people = Staff.objects.filter(email__iexact=address, is_active=True)
    found = [one for one in people.exclude(sign_on_links__issuer=provider.issuer)[:2] if not one.is_integration]
    return found[0] if len(found) == 1 else None


def _made(provider: SignOn, claims: Mapping[str, Any], at: datetime) -> Staff:
    """Somebody new, who may do nothing until an administrator gives a role. Their password is known to nobody."""
    wanted = str(claims.get("preferred_username") or claims.get("email") or claims["sub"]).lower()
    login = base = re.sub(r"[^\w.@+-]", "", wanted)[:50] or "user"
    while Staff.objects.filter(username=login).exists():
        login = f"{base}-{secrets.token_hex(2)}"
    address = str(claims.get("email") or "")[:200] if claims.get("email_verified") is True else ""
    name = clean_line(str(claims.get("name") or login), 60) or login
    staff = Staff(username=login, name=name, email=address, unit=provider.unit)
    staff.set_password(secrets.token_urlsafe(48))
    staff.save()
    record(staff, {"username": login, "made": True})
    return staff
