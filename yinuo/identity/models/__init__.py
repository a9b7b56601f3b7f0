"""Rows about who works here and how they get in."""

from yinuo.identity.models.entry import EntryRules, StaffSession
from yinuo.identity.models.people import Absence, ApiKey, Role, Staff, StaffManager, Unit
from yinuo.identity.models.steps import CodeApp, Passkey, RecoveryCode

__all__ = [
    "Absence",
    "ApiKey",
    "CodeApp",
    "EntryRules",
    "Passkey",
    "RecoveryCode",
    "Role",
    "Staff",
    "StaffManager",
    "StaffSession",
    "Unit",
]
