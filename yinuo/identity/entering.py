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
DEVICE_LIFE = timedelta(days=180)
MOST_NAMES = 8  # on a shared desk computer
PURPOSE = "login.device"


def count_entry(name: str, network: str, device: str, at: datetime) -> None:
    """Count one try; too many raise `TooMany`. Whoever comes with a device known for this name is held up by nobody
    else's tries. The narrow count comes first, so that a held-up address adds nothing to the wide ones.
    """
    known = _names(device)
    if known and _print(name) in known[1]:
        count_try(f"login-device:{name}:{known[0]}", limit=TRIES, window=WINDOW, at=at)
        return
    count_try(f"login-here:{name}:{network}", limit=TRIES, window=WINDOW, at=at)
    count_try(f"login-address:{network}", limit=TRIES_PER_NETWORK, window=WINDOW, at=at)
    count_try(f"login-name:{name}", limit=TRIES_PER_NAME, window=WINDOW, at=at)


def entered(name: str, network: str, device: str, at: datetime) -> str:
    """The right password: tries from here start anew, and the device is known from now on. Answers its new token."""
    known = _names(device) or (secrets.token_urlsafe(9), [])
    forget_tries(f"login-device:{name}:{known[0]}")
    forget_tries(f"login-here:{name}:{network}")
    names = list(dict.fromkeys([_print(name), *known[1]]))[:MOST_NAMES]
    return sign(PURPOSE, [known[0], names], at + DEVICE_LIFE)


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
