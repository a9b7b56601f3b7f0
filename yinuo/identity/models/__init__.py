"""Rows about who works here and how they get in."""

from yinuo.identity.models.alerts import KnownPlace, SecurityEvent
from yinuo.identity.models.entry import EntryRules, StaffSession
from yinuo.identity.models.people import Absence, ApiKey, Role, Staff, StaffManager, Unit
from yinuo.identity.models.sign_on import SignOn, SignOnLink
from yinuo.identity.models.steps import CodeApp, Passkey, RecoveryCode

__all__ = [
    "Absence",
    "ApiKey",
    "CodeApp",
    "EntryRules",
    "KnownPlace",
    "Passkey",
    "RecoveryCode",
    "Role",
    "SecurityEvent",
    "SignOn",
    "SignOnLink",
    "Staff",
    "StaffManager",
    "StaffSession",
    "Unit",
]
