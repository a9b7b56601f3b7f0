"""Writes about who works here, one file per noun."""

from yinuo.identity.commands.absences import cancel_absence, set_absence
from yinuo.identity.commands.alerts import disown, disown_by_link, note_guessing, note_mailed, note_sign_in
from yinuo.identity.commands.keys import create_api_key, revoke_api_key
from yinuo.identity.commands.roles import edit_role, seed_roles
from yinuo.identity.commands.sessions import end_other_sessions, end_session, end_sessions, set_lifetimes
from yinuo.identity.commands.sign_on import enter_by_sign_on, link_sign_on, set_sign_on
from yinuo.identity.commands.staff import (
    change_password,
    create_staff,
    edit_staff,
    pass_device,
    reset_password,
    set_preferences,
    unlock,
)
from yinuo.identity.commands.steps import (
    add_code_app,
    add_passkey,
    remove_code_app,
    remove_passkey,
    renew_recovery_codes,
    require_second_step,
    reset_second_step,
    step_by_code,
    step_by_passkey,
    step_by_recovery,
)
from yinuo.identity.commands.units import create_unit, edit_unit, set_intake_unit
from yinuo.identity.commands.wishes import hide_start, read_news, see_tour, set_wishes

__all__ = [
    "add_code_app",
    "add_passkey",
    "cancel_absence",
    "change_password",
    "create_api_key",
    "create_staff",
    "create_unit",
    "disown",
    "disown_by_link",
    "edit_role",
    "edit_staff",
    "edit_unit",
    "end_other_sessions",
    "end_session",
    "end_sessions",
    "enter_by_sign_on",
    "hide_start",
    "link_sign_on",
    "note_guessing",
    "note_mailed",
    "note_sign_in",
    "pass_device",
    "read_news",
    "remove_code_app",
    "remove_passkey",
    "renew_recovery_codes",
    "require_second_step",
    "reset_password",
    "reset_second_step",
    "revoke_api_key",
    "see_tour",
    "seed_roles",
    "set_absence",
    "set_intake_unit",
    "set_lifetimes",
    "set_preferences",
    "set_sign_on",
    "set_wishes",
    "step_by_code",
    "step_by_passkey",
    "step_by_recovery",
    "unlock",
]
