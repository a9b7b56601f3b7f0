"""Codes one types as the second step: of an app (RFC 6238, six digits every 30 seconds) and for recovery. Pure."""

import hashlib
import hmac
import re
import secrets
from datetime import datetime

import pyotp

PERIOD, DRIFT = 30, 1
RECOVERY_CODES = 10
#: Without what is easily misread. Sixteen of them are 80 bits: nobody finds one from its hash.
_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_GROUPS, _LENGTH = 4, 4


def new_secret() -> str:
    return pyotp.random_base32()


def address_of(secret: str, *, login: str, house: str) -> str:
    """What the QR code holds: the app shows it as "house: login"."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=house)


def step_of(secret: str, code: str, at: datetime, *, after: int) -> int | None:
    """The 30 seconds this code belongs to, one step early or late allowed for a clock that is off, or None. A step
    that is not after the last one used is no longer good.
    """
    given = re.sub(r"\s", "", code)
    if not re.fullmatch(r"\d{6}", given, re.ASCII):
        return None
    totp, now = pyotp.TOTP(secret), int(at.timestamp()) // PERIOD
    for step in (now, now - DRIFT, now + DRIFT):
        if hmac.compare_digest(totp.generate_otp(step), given) and step > after:
            return step
    return None


def new_recovery_codes() -> list[str]:
    """Ten of them, as they are shown: "ABCD-EFGH-JKLM-NPQR"."""

    def group() -> str:
        return "".join(secrets.choice(_SIGNS) for _n in range(_LENGTH))

    return ["-".join(group() for _n in range(_GROUPS)) for _n in range(RECOVERY_CODES)]


def hash_of(staff_id: int, code: str) -> str:
    """As it is kept; capitals, spaces and dashes do not matter."""
    plain = re.sub(r"[^A-Z0-9]", "", code.upper())
    return hashlib.sha256(f"yinuo.recovery:{staff_id}:{plain}".encode()).hexdigest()
