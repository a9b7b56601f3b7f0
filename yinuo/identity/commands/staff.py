"""Staff: accounts, passwords, preferences."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from yinuo.identity.commands.administering import shut_out, somebody_still_manages
from yinuo.identity.commands.alerts import Kind, tell
from yinuo.identity.commands.sessions import end_all
from yinuo.identity.entering import pass_for
from yinuo.identity.models import Role, SignOn, Staff
from yinuo.identity.passwords import checked
from yinuo.kernel.actor import Actor
from yinuo.kernel.audit import record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Denied, Invalid, Missing, Refused, Stale
from yinuo.kernel.events import emit
from yinuo.kernel.text import clean_line


@command("staff.create", needs="staff.manage")
def create_staff(
    *, username: str, name: str, password: str = "", unit_id: int, role_codes: Iterable[str], phone: str = "",
    email: str = "", manager_id: int | None = None, integration: bool = False, by: Actor, at: datetime,
) -> Staff:  # fmt: skip
    """A person's account, or with `integration` one for programs: nobody signs in with it, keys act for it."""
    username, name = clean_line(username, 60).lower(), clean_line(name, 60)
    missing = {k: _("必填") for k, v in {"username": username, "name": name}.items() if not v}
    if missing:
        raise Invalid(_("请补全员工资料"), fields=missing)
    if Staff.objects.filter(username=username).exists():
        raise Invalid(_("登录名已被使用"), fields={"username": _("登录名已被使用")})
    staff = Staff(
        username=username, name=name, unit_id=unit_id, phone=clean_line(phone, 20), email=clean_line(email, 200),
        manager_id=manager_id, password_due=by.staff_id is not None and not integration,
    )  # fmt: skip
    staff.set_password(None if integration else checked(password, staff))
    staff.save()
    staff.roles.set(Role.objects.filter(code__in=list(role_codes)))
    kind = {"integration": True} if integration else {}
    record(staff, {"username": username, "unit": unit_id, "roles": sorted(role_codes), **kind})
    return staff


@command("staff.edit", needs="staff.manage")
def edit_staff(
    *, staff_id: int, name: str, unit_id: int, role_codes: Iterable[str], phone: str, email: str, active: bool,
    manager_id: int | None, expected_version: int, by: Actor, at: datetime,
) -> Staff:  # fmt: skip
    staff = Staff.objects.select_for_update(no_key=True).get(pk=staff_id)
    if staff.version != expected_version:
        raise Stale(_("这位员工的资料刚被别人改过"), current=staff)
    if manager_id == staff.pk:
        raise Invalid(_("上级不能是本人"), fields={"manager_id": _("上级不能是本人")})
    if staff.pk == by.id and not active:
        raise Refused(_("不能停用自己的账号"))
    stopped, old_email = staff.is_active and not active, staff.email
    with somebody_still_manages():
        staff.name, staff.unit_id, staff.is_active = clean_line(name, 60), unit_id, active
        staff.phone, staff.email, staff.manager_id = clean_line(phone, 20), clean_line(email, 200), manager_id
        staff.version += 1
        staff.save()
        staff.roles.set(Role.objects.filter(code__in=list(role_codes)))
    if stopped and SignOn.objects.filter(active=True, only=True, keeper=staff).exists():
        raise Refused(_("他是单点登录的应急管理员，请先在登录规则里换一位"), code="keeper")
    ended = shut_out(staff, at) if stopped else {}
    record(staff, {"unit": unit_id, "roles": sorted(role_codes), "active": active, **ended})
    if staff.email != old_email:
        tell(staff, Kind.EMAIL, by=by, at=at, addresses=[old_email])
    emit("staff.changed", topics=[f"staff:{staff.pk}"], staff_id=staff.pk, active=active)
    return staff


@command("staff.password", needs="self.use")
def change_password(*, staff_id: int, old: str, new: str, keep: str = "", by: Actor, at: datetime) -> Staff:
    """Change one's own password; an administrator resets another's by `reset_password`. All sessions end but `keep`."""
    staff = Staff.objects.select_for_update(no_key=True).get(pk=staff_id)
    if staff.pk != by.id or not staff.check_password(old):
        raise Invalid(_("原密码不对"), fields={"old": _("原密码不对")})
    if staff.password_due and staff.check_password(new):
        raise Invalid(_("新密码要与原来的不同"), fields={"password": _("新密码要与原来的不同")})
    staff.set_password(checked(new, staff))
    staff.password_due = False
    staff.save(update_fields=["password", "password_due"])
    record(staff, {"sessions": end_all(staff.pk, keep=keep)})
    tell(staff, Kind.PASSWORD, by=by, at=at)
    return staff


@command("staff.reset_password", needs="staff.manage")
def reset_password(*, staff_id: int, new: str, by: Actor, at: datetime) -> Staff:
    """Somebody else knows this one: it is good for one sign-in, at which its owner chooses another."""
    staff = Staff.objects.select_for_update(no_key=True).get(pk=staff_id)
    if staff.is_integration:
        raise Refused(_("接口账号不能登录，没有密码；请为它建立密钥"))
    staff.set_password(checked(new, staff))
    staff.password_due = staff.pk != by.staff_id
    staff.save(update_fields=["password", "password_due"])
    record(staff, {"sessions": end_all(staff.pk)})
    tell(staff, Kind.PASSWORD_RESET, by=by, at=at)
    return staff


@command("staff.pass_device", needs="self.use", keeps=False)
def pass_device(*, staff_id: int, by: Actor, at: datetime) -> str:
    """A token with which a new device of this person is not held up by strangers' wrong passwords: for oneself, or for
    another by who manages staff. It signs nobody in.
    """
    if staff_id != by.staff_id and not by.may("staff.manage"):
        raise Denied(_("您没有进行此操作的权限"))
    staff = Staff.objects.filter(pk=staff_id, is_active=True).first()
    if staff is None or staff.is_integration:
        raise Missing(_("没有这位员工，或不能登录"))
    record(staff, {"new_device": True})
    return pass_for(staff.username, at)


@command("staff.unlock", needs="staff.manage")
def unlock(*, staff_id: int, reason: str, new: str = "", by: Actor, at: datetime) -> Staff:
    """An administrator has looked into it. With another password: the old one may be known to somebody."""
    staff = Staff.objects.select_for_update(no_key=True).filter(pk=staff_id).first()
    if staff is None or staff.locked_at is None:
        raise Missing(_("这个账号没有锁定"))
    why = clean_line(reason, 200)
    if len(why) < 2:
        raise Invalid(_("请说明原因"), fields={"reason": _("请说明原因，例如怎样核实了本人")})
    if staff.has_usable_password():
        staff.set_password(checked(new, staff))
        staff.password_due = True
    staff.locked_at = None
    staff.save(update_fields=["password", "password_due", "locked_at"])
    record(staff, {"reason": why, "sessions": end_all(staff.pk)})
    tell(staff, Kind.UNLOCKED, by=by, at=at, note=why)
    return staff


@command("staff.preferences", needs="self.use")
def set_preferences(*, language: str, theme: str, by: Actor, at: datetime) -> Staff:
    staff = Staff.objects.get(pk=by.staff_key)
    if language not in ("zh-hans", "en") or theme not in ("light", "dark"):
        raise Invalid(_("没有这个选项"))
    staff.language, staff.theme = language, theme
    staff.save(update_fields=["language", "theme"])
    record(staff, {"language": language, "theme": theme})
    return staff
