"""The second step: set up, taken away, renewed by its owner; reset by an administrator; asked for by the house."""

import secrets
from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from yinuo.identity import passkeys
from yinuo.identity.codes import hash_of, new_recovery_codes, step_of
from yinuo.identity.commands.alerts import Kind, tell
from yinuo.identity.commands.sessions import end_all, keep_rules, locked_rules
from yinuo.identity.models import CodeApp, EntryRules, Passkey, RecoveryCode, Role, Staff
from yinuo.identity.queries import entry_rules
from yinuo.identity.second_step import due_at, steps_of
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Denied, Invalid, Missing, Refused
from yinuo.kernel.text import clean_line
from yinuo.kernel.vault import seal, unseal

PURPOSE = "identity.code_app"
MOST_PASSKEYS = 10


def sealed(secret: str) -> str:
    return seal(PURPOSE, secret)


def opened(kept: str) -> str:
    return unseal(PURPOSE, kept, lost=_("系统密钥换过，请管理员重设您的两步登录"), code="step_lost")


def owner(staff_id: int) -> Staff:
    """The person, whose row is the gate to everything they can show."""
    staff = Staff.objects.select_for_update(no_key=True, of=("self",)).filter(pk=staff_id, is_active=True).first()
    if staff is None:
        raise Missing(_("没有这位员工"))
    return staff


def not_right() -> Invalid:
    sentence = _("验证码不对，或已经用过。请等应用里换了新的再填；还不行，请核对手机的时间")
    return Invalid(sentence, fields={"code": sentence}, code="code_wrong")


@command("staff.add_code_app", needs="self.use", keeps=False)
def add_code_app(*, secret: str, code: str, keep: str = "", by: Actor, at: datetime) -> list[str]:
    """The app on one's phone, proved by a code of it. Answers recovery codes when these are the first."""
    me = owner(by.staff_key)
    step = step_of(secret, code, at, after=0)
    if step is None:
        raise not_right()
    CodeApp.objects.filter(staff=me).delete()
    CodeApp.objects.create(staff=me, secret=sealed(secret), last_step=step, created_at=at)
    return _gained(me, {"code_app": True}, keep, by, at)


@command("staff.add_passkey", needs="self.use", keeps=False)
def add_passkey(*, answer: str, challenge: str, name: str, keep: str = "", by: Actor, at: datetime) -> list[str]:
    """A new passkey, as the browser made it for the challenge it was given."""
    me = owner(by.staff_key)
    if Passkey.objects.filter(staff=me).count() >= MOST_PASSKEYS:
        raise Refused(_("最多 %(most)d 把通行密钥，请先删掉不用的") % {"most": MOST_PASSKEYS}, code="too_many_passkeys")
    found, ways = passkeys.made(answer, challenge)
    credential = passkeys.text(found.credential_id)
    if Passkey.objects.filter(credential=credential).exists():
        raise Refused(_("这把通行密钥已经登记过"), code="passkey_known")
    key = Passkey.objects.create(
        staff=me, name=clean_line(name, 60) or _("通行密钥"), credential=credential,
        public_key=found.credential_public_key, handle=passkeys.text(passkeys.handle_of(me.pk)),
        sign_count=found.sign_count, transports=ways, created_at=at,
    )  # fmt: skip
    return _gained(me, {"passkey": key.pk, "name": key.name}, keep, by, at)


def _gained(me: Staff, what: dict[str, object], keep: str, by: Actor, at: datetime) -> list[str]:
    """One more way. With the first, whoever came by the password alone goes, and there are recovery codes."""
    first = not RecoveryCode.objects.filter(staff=me).exists()
    ended = end_all(me.pk, keep=keep) if first else 0
    record(me, {**what, "sessions": ended})
    tell(me, Kind.STEP_ADDED, by=by, at=at, note=str(what.get("name", "")))
    return _new_codes(me, at) if first else []


def _new_codes(me: Staff, at: datetime) -> list[str]:
    RecoveryCode.objects.filter(staff=me).delete()
    codes = new_recovery_codes()
    RecoveryCode.objects.bulk_create(RecoveryCode(staff=me, hash=hash_of(me.pk, one), made_at=at) for one in codes)
    return codes


@command("staff.renew_recovery_codes", needs="self.use", keeps=False)
def renew_recovery_codes(*, by: Actor, at: datetime) -> list[str]:
    """Ten new ones; the old ones are good no longer."""
    me = owner(by.staff_key)
    if not steps_of(me.pk).any:
        raise Refused(_("先设好两步登录，才有恢复码"), code="no_second_step")
    record(me)
    tell(me, Kind.CODES, by=by, at=at)
    return _new_codes(me, at)


@command("staff.remove_code_app", needs="self.use")
def remove_code_app(*, by: Actor, at: datetime) -> Staff:
    me = owner(by.staff_key)
    if not CodeApp.objects.filter(staff=me).delete()[0]:
        raise Missing(_("没有设过验证码应用"))
    record(me)
    _lost(me, by, at)
    return me


@command("staff.remove_passkey", needs="self.use")
def remove_passkey(*, passkey_id: int, by: Actor, at: datetime) -> Staff:
    me = owner(by.staff_key)
    key = Passkey.objects.filter(pk=passkey_id, staff=me).first()
    if key is None:
        raise Missing(_("没有这把通行密钥"))
    record(me, {"passkey": key.pk, "name": key.name})
    key.delete()
    _lost(me, by, at, key.name)
    return me


def _lost(me: Staff, by: Actor, at: datetime, name: str = "") -> None:
    """The last way gone: who must have one keeps it; who need not is back to the password alone."""
    tell(me, Kind.STEP_REMOVED, by=by, at=at, note=name)
    if steps_of(me.pk).any:
        return
    if due_at(me, entry_rules()) is not None:
        raise Refused(_("您的岗位必须有两步登录，请先加另一种方式，再删这一种"), code="second_step_required")
    RecoveryCode.objects.filter(staff=me).delete()


@command("staff.reset_second_step", needs="staff.manage")
def reset_second_step(*, staff_id: int, reason: str, by: Actor, at: datetime) -> Staff:
    """For somebody who lost everything: all they could show is void, they set it up anew. Never for oneself."""
    if staff_id == by.staff_id:
        raise Denied(_("自己的两步登录请在“登录与安全”里改"))
    why = clean_line(reason, 200)
    if len(why) < 2:
        raise Invalid(_("请说明原因"), fields={"reason": _("请说明原因，例如怎样核实了本人")})
    staff = owner(staff_id)
    gone = {
        "code_app": CodeApp.objects.filter(staff=staff).delete()[0],
        "passkeys": Passkey.objects.filter(staff=staff).delete()[0],
        "codes": RecoveryCode.objects.filter(staff=staff).delete()[0],
    }
    record(staff, {"reason": why, **gone, "sessions": end_all(staff.pk)})
    tell(staff, Kind.STEP_RESET, by=by, at=at, note=why)
    return staff


@command("entry.require_second_step", needs="staff.manage")
def require_second_step(
    *, roles: Iterable[str], grace_days: int, expected_version: int, by: Actor, at: datetime
) -> EntryRules:
    """Which roles must have a second step, and how many days they have to set it up."""
    wanted = sorted(set(roles))
    if set(wanted) - set(Role.objects.values_list("code", flat=True)):
        raise Invalid(_("没有这个角色"), fields={"roles": _("没有这个角色")})
    if not 0 <= grace_days <= 90:
        raise Invalid(_("宽限期没有填对"), fields={"grace_days": _("请填 0 到 90 之间的整数")})
    rules = locked_rules(expected_version)
    before = {"roles": rules.step_roles, "grace_days": rules.grace_days}
    if set(wanted) - set(rules.step_roles):
        rules.step_since = at  # somebody new is asked: the days count from now
    rules.step_roles, rules.grace_days = wanted, grace_days
    keep_rules(rules)
    record(rules, {"before": before, "after": {"roles": wanted, "grace_days": grace_days}})
    return rules


@command("staff.step_by_code", internal=True)
def step_by_code(*, staff_id: int, code: str, by: Actor, at: datetime) -> Staff:
    """The second step by a code of the app. Good once: two who send the same one wait for each other here."""
    staff = owner(staff_id)
    app = CodeApp.objects.filter(staff=staff).first()
    step = step_of(opened(app.secret), code, at, after=app.last_step) if app else None
    if app is None or step is None:
        raise not_right()
    app.last_step = step
    app.save(update_fields=["last_step"])
    record(staff, {"way": "code"})
    return staff


@command("staff.step_by_recovery", internal=True)
def step_by_recovery(*, staff_id: int, code: str, by: Actor, at: datetime) -> Staff:
    staff = owner(staff_id)
    used = RecoveryCode.objects.filter(staff=staff, hash=hash_of(staff.pk, code), used_at=None).update(used_at=at)
    if not used:
        sentence = _("恢复码不对，或已经用过")
        raise Invalid(sentence, fields={"code": sentence}, code="code_wrong")
    record(staff, {"way": "recovery", "left": steps_of(staff.pk).codes})
    return staff


@command("staff.step_by_passkey", internal=True)
def step_by_passkey(*, answer: str, challenge: str, staff_id: int | None, by: Actor, at: datetime) -> Staff:
    """By a passkey: the second step of somebody, or with `staff_id` None the only one, and the key says who it is."""
    credential, handle = passkeys.credential_in(answer)
    keys = Passkey.objects.select_for_update(no_key=True, of=("self",)).filter(credential=credential)
    whose = keys.filter(staff_id=staff_id) if staff_id else keys
    key = whose.filter(staff__is_active=True).select_related("staff").first()
    if key is None or (staff_id is None and not secrets.compare_digest(key.handle, handle)):
        raise passkeys.wrong()
    key.sign_count = passkeys.used(answer, challenge, key, alone=staff_id is None).new_sign_count
    key.used_at = at
    key.save(update_fields=["sign_count", "used_at"])
    record(key.staff, {"way": "passkey", "passkey": key.pk, "alone": staff_id is None})
    return key.staff
