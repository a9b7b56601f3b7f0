"""Writes about who works here, one file per noun."""

from yinuo.identity.commands.absences import cancel_absence, set_absence
from yinuo.identity.commands.keys import create_api_key, revoke_api_key
from yinuo.identity.commands.roles import edit_role, seed_roles
from yinuo.identity.commands.staff import (
    change_password,
    create_staff,
    edit_staff,
    note_sign_in,
    pass_device,
    reset_password,
    set_preferences,
)
from yinuo.identity.commands.units import create_unit, edit_unit, set_intake_unit

__all__ = [
    "cancel_absence",
    "change_password",
    "create_api_key",
    "create_staff",
    "create_unit",
    "edit_role",
    "edit_staff",
    "edit_unit",
    "note_sign_in",
    "pass_device",
    "reset_password",
    "revoke_api_key",
    "seed_roles",
    "set_absence",
    "set_intake_unit",
    "set_preferences",
]
