"""Rows about who works here and how they get in."""

from yinuo.identity.models.entry import EntryRules, StaffSession
from yinuo.identity.models.people import Absence, ApiKey, Role, Staff, StaffManager, Unit

__all__ = ["Absence", "ApiKey", "EntryRules", "Role", "Staff", "StaffManager", "StaffSession", "Unit"]
