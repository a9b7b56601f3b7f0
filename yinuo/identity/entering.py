"""How often somebody may try to sign in, and from where; why so: docs/decisions/login-throttle.md."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from yinuo.kernel.errors import Invalid
from yinuo.kernel.throttle import count_try, forget_tries
from yinuo.kernel.tokens import sign, unsign

WINDOW = timedelta(minutes=15)
#: One name from one network, or from one device that has signed in with it before.
TRIES = 8
#: All names from one network: a whole office may sit behind it.
TRIES_PER_NETWORK = 60
#: One name from everywhere: guessing spread over many addresses. It takes 13 of them to get here.
TRIES_PER_NAME = 100
#: Second steps of one name in a day, from wherever: three codes in a million are right at any moment.
STEPS_PER_DAY = 60
#: The cookie a device is known by; sent to /login/ only.
DEVICE = "yinuo_device"
DEVICE_LIFE = timedelta(days=180)
MOST_NAMES = 8  # on a shared desk computer
PURPOSE = "login.device"
PASS = "login.pass"  # noqa: S105 - a purpose, no password
PASS_LIFE = timedelta(minutes=30)


def count_entry(name: str, network: str, device: str, at: datetime, *, what: str = "login") -> None:
    """Count one try; too many raise `TooMany`. Whoever comes with a device known for this name is held up by nobody
    else's tries. The narrow count comes first, so that a held-up address adds nothing to the wide ones. `what` is
    tried: passwords ("login") and second steps ("step") count apart, by the same rules.
    """
    known = _names(device)
    if known and _print(name) in known[1]:
        count_try(f"{what}-device:{name}:{known[0]}", limit=TRIES, window=WINDOW, at=at)
        return
    count_try(f"{what}-here:{name}:{network}", limit=TRIES, window=WINDOW, at=at)
    count_try(f"{what}-address:{network}", limit=TRIES_PER_NETWORK, window=WINDOW, at=at)
    count_try(f"{what}-name:{name}", limit=TRIES_PER_NAME, window=WINDOW, at=at)
    if what == "step":
        count_try(f"step-day:{name}", limit=STEPS_PER_DAY, window=timedelta(days=1), at=at)


def entered(name: str, network: str, device: str, at: datetime) -> str:
    """All the way in: tries from here start anew, and the device is known from now on. Answers its new token."""
    known = _names(device) or (secrets.token_urlsafe(9), [])
    for what in ("login", "step"):
        forget_tries(f"{what}-device:{name}:{known[0]}")
        forget_tries(f"{what}-here:{name}:{network}")
    names = list(dict.fromkeys([_print(name), *known[1]]))[:MOST_NAMES]
    return sign(PURPOSE, [known[0], names], at + DEVICE_LIFE)


def pass_for(name: str, at: datetime) -> str:
    """A token with which a device becomes known for `name` before it has signed in; it opens nothing by itself.

    The device's id is in it: however often it is used, all tries count together.
    """
    return sign(PASS, [secrets.token_urlsafe(9), _print(name)], at + PASS_LIFE)


def welcomed(given: str, at: datetime) -> str:
    """The device token after opening a pass; raises `Invalid` when that is forged or too old. Known for this one name:
    others who signed in here before must not get a fresh count from somebody's pass.
    """
    pass_id, mark = unsign(PASS, given)
    return sign(PURPOSE, [str(pass_id), [str(mark)]], at + DEVICE_LIFE)


def device_id(device: str) -> str:
    """By what a device is known; "" when the token is none of ours."""
    known = _names(device)
    return known[0] if known else ""


def _names(device: str) -> tuple[str, list[str]] | None:
    """The device's id and the names that signed in on it; None when the token is missing, forged or too old."""
    try:
        payload: Any = unsign(PURPOSE, device) if device else None
    except Invalid:
        return None
    return (str(payload[0]), [str(n) for n in payload[1]]) if payload else None


def _print(name: str) -> str:
    """A cookie can be read by whoever uses the device: it does not list the names."""
    return hashlib.sha256(f"{PURPOSE}:{name}".encode()).hexdigest()[:16]
