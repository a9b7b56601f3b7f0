"""What one wants to be told of, in which way, and when not. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

ASSIGNED, WARNED, BROKEN, APPROVAL, CUSTOMER, OTHER = "assigned", "warned", "broken", "approval", "customer", "other"
KINDS = (ASSIGNED, WARNED, BROKEN, APPROVAL, CUSTOMER, OTHER)
SHOWN, DESKTOP, SOUND = "shown", "desktop", "sound"
WAYS = (SHOWN, DESKTOP, SOUND)
DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Wishes:
    """Times are minutes after midnight; a quiet time belongs to the weekday (Monday 0) on which it begins."""

    shown: tuple[str, ...] = KINDS
    desktop: tuple[str, ...] = (ASSIGNED, WARNED, BROKEN, APPROVAL)
    sound: tuple[str, ...] = (ASSIGNED, WARNED)
    volume: int = 60
    hide: bool = False
    quiet: bool = False
    quiet_from: int = 20 * 60
    quiet_to: int = 8 * 60
    quiet_days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    quiet_off_work: bool = False
    through: bool = True


def kept(wishes: Wishes) -> dict[str, Any]:
    """As it is stored."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(wishes).items()}


def said(wishes: Wishes) -> dict[str, Any]:
    """As people and programs write it: times "20:00", days "0" to "6"."""
    times = {name: minutes_said(getattr(wishes, name)) for name in ("quiet_from", "quiet_to")}
    return {**kept(wishes), **times, "quiet_days": [str(day) for day in wishes.quiet_days]}


def minutes_said(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def read(stored: Mapping[str, Any]) -> Wishes:
    """As it was stored; what was not chosen yet is as for everybody."""
    known: dict[str, Any] = {name: stored[name] for name in Wishes.__dataclass_fields__ if name in stored}
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in known.items()}
    return Wishes(**values)


def is_quiet(wishes: Wishes, local: datetime, working: bool | None) -> bool:
    """Whether it is quiet at this local time; `working`: whether one's unit works now, None when nobody knows."""
    if wishes.quiet_off_work and working is False:
        return True
    if not wishes.quiet:
        return False
    length = (wishes.quiet_to - wishes.quiet_from) % DAY or DAY  # from eight to eight is a whole day
    now, today = local.hour * 60 + local.minute, local.weekday()
    began = {today: now - wishes.quiet_from, (today - 1) % 7: now + DAY - wishes.quiet_from}
    return any(day in wishes.quiet_days and 0 <= since < length for day, since in began.items())


def ways(wishes: Wishes, kind: str, *, own: bool, quiet: bool) -> Collection[str]:
    """In which ways to tell of something of this kind; `own`: of a promise that I keep myself."""
    loud = not quiet or (wishes.through and own and kind == WARNED)
    chosen = {SHOWN: wishes.shown, DESKTOP: wishes.desktop if loud else (), SOUND: wishes.sound if loud else ()}
    return tuple(way for way in WAYS if kind in chosen[way])
