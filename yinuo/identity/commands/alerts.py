"""Telling the owner of an account what happens to it, and "this was not me"."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from yinuo.identity.agents import device_of
from yinuo.identity.commands.sessions import end_all
from yinuo.identity.models import KnownPlace, SecurityEvent, Staff
from yinuo.kernel.actor import Actor
from yinuo.kernel.address import network_of
from yinuo.kernel.audit import nothing_done, record
from yinuo.kernel.command import command
from yinuo.kernel.errors import Missing, Refused
from yinuo.kernel.events import emit
from yinuo.kernel.throttle import first_in

Kind = SecurityEvent.Kind
#: What its owner can disown, and for how long after.
OWN_DOING = (
    Kind.NEW_PLACE,
    Kind.GUESSED,
    Kind.PASSWORD,
    Kind.STEP_ADDED,
    Kind.STEP_REMOVED,
    Kind.CODES,
    Kind.EMAIL,
    Kind.LINKED,
)
DISOWNED_WITHIN = timedelta(days=30)


def tell(
    staff: Staff, kind: str, *, by: Actor, at: datetime, ip: str = "", agent: str = "", note: str = "",
    addresses: Iterable[str] = (), also: Iterable[int] = (),
) -> SecurityEvent:  # fmt: skip
    """On the notifications page of the owner, and by mail to the account's address; inside a command."""
    other = by.staff_id is not None and by.staff_id != staff.pk
    row = SecurityEvent.unscoped.create(
        staff=staff, kind=kind, at=at, ip=(ip or ("" if other else by.ip))[:45], device=device_of(agent)[:60],
        by_name=by.name[:80] if other else "", note=note[:200], told=sorted({staff.pk, *also}),
        addresses=sorted({one for one in (staff.email, *addresses) if one}),
    )  # fmt: skip
    emit("security.happened", topics=[f"staff:{one}" for one in row.told], event_id=row.pk)
    return row


@command("staff.signed_in", internal=True)
def note_sign_in(
    *, staff_id: int, ip: str, way: str = "password", device: str = "", agent: str = "", by: Actor, at: datetime
) -> Staff:
    """Somebody is in. From a device or a network that is new for them, they are told; the very first time is not."""
    staff = Staff.objects.get(pk=staff_id)
    Staff.objects.filter(pk=staff_id).update(last_login=at)
    new = _remember(staff, {"device": device, "network": network_of(ip)}, at)
    record(staff, {"ip": ip, "way": way, **({"new": new} if new else {})})
    if new:
        tell(staff, Kind.NEW_PLACE, by=by, at=at, ip=ip, agent=agent)
    return staff


def _remember(staff: Staff, places: dict[str, str], at: datetime) -> list[str]:
    known = set(KnownPlace.objects.filter(staff=staff).values_list("kind", "mark"))
    here = {(kind, mark[:60]) for kind, mark in places.items() if mark}
    KnownPlace.objects.bulk_create(
        [KnownPlace(staff=staff, kind=kind, mark=mark, last_at=at) for kind, mark in sorted(here)],
        update_conflicts=True, unique_fields=["staff", "kind", "mark"], update_fields=["last_at"],
    )  # fmt: skip
    return sorted(kind for kind, _mark in here - known) if known else []


@command("staff.note_guessing", internal=True)
def note_guessing(*, staff_id: int, ip: str, agent: str = "", by: Actor, at: datetime) -> None:
    """So many wrong second steps after the right password: its owner is told, once a day."""
    staff = Staff.objects.filter(pk=staff_id).first()
    if staff is None or not first_in(f"guessed:{staff_id}", timedelta(days=1), at):
        nothing_done()
        return
    record(staff, {"ip": ip})
    tell(staff, Kind.GUESSED, by=by, at=at, ip=ip, agent=agent)


@command("staff.disown", needs="self.use")
def disown(*, event_id: int, by: Actor, at: datetime) -> Staff:
    """ "This was not me", said by who is signed in."""
    event = SecurityEvent.objects.filter(pk=event_id, staff_id=by.staff_key).first()
    return _lock(event, by, at)


@command("staff.disown_by_link", internal=True)
def disown_by_link(*, event_id: int, by: Actor, at: datetime) -> Staff:
    """The same from the mail, by whoever holds its link."""
    return _lock(SecurityEvent.unscoped.filter(pk=event_id).first(), by, at)


def _lock(event: SecurityEvent | None, by: Actor, at: datetime) -> Staff:
    """All sessions end, keys rest, nobody gets in until an administrator has looked."""
    if event is None or event.kind not in OWN_DOING:
        raise Missing(_("没有这条提醒"))
    if at > event.at + DISOWNED_WITHIN:
        raise Refused(_("这条提醒太久了，请直接找管理员"), code="too_late")
    staff = Staff.objects.select_for_update(no_key=True, of=("self",)).get(pk=event.staff_id)
    event.refresh_from_db(fields=["disowned_at"])
    if event.disowned_at is not None and staff.locked_at is None:  # else whoever holds an old mail locks it for ever
        raise Refused(_("这条提醒已经处理过，账号也解锁了；又有可疑的事请直接找管理员"), code="handled")
    ended = end_all(staff.pk)
    record(staff, {"event": event.pk, "kind": event.kind, "sessions": ended, "locked": staff.locked_at is None})
    SecurityEvent.unscoped.filter(pk=event.pk).update(disowned_at=at)
    if staff.locked_at is None:
        staff.locked_at = at
        staff.save(update_fields=["locked_at"])
        note = _("本人说这不是他做的：%(what)s") % {"what": event.get_kind_display()}
        tell(staff, Kind.LOCKED, by=by, at=at, note=note, also=_who_unlocks(staff))
    return staff


def _who_unlocks(staff: Staff) -> list[int]:
    able = Staff.objects.filter(is_active=True, locked_at=None, roles__grants__contains=["staff.manage"])
    return list(able.exclude(pk=staff.pk).values_list("pk", flat=True).distinct())


@command("security.mailed", internal=True)
def note_mailed(*, event_id: int, address: str, problem: str = "", by: Actor, at: datetime) -> None:
    """The mail server took it, or never will (`problem`)."""
    event = SecurityEvent.unscoped.select_for_update(no_key=True, of=("self",)).get(pk=event_id)
    if problem:
        event.mail_problem = problem[:300]
    else:
        event.mailed = sorted({*event.mailed, address})
    event.save(update_fields=["mailed", "mail_problem"])
    record(event, {"problem": problem} if problem else {})
