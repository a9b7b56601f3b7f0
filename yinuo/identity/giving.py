"""Grants newer than an installation: the migration of their domain gives them to its built-in roles."""

from collections.abc import Mapping, Sequence
from typing import Any

from yinuo.kernel.guard import permit_writes


def give_new_grants(apps: Any, given: Mapping[str, Sequence[str]]) -> None:
    """Each grant to its roles, of those the company has left as they came: a role it changed keeps what was chosen for
    it. New installations make their roles with all grants there are. `apps` is the migration's own state.
    """
    with permit_writes("migration"):
        for role in apps.get_model("identity", "Role").objects.filter(builtin=True, version=1):
            fresh = [grant for grant, roles in given.items() if role.code in roles and grant not in role.grants]
            if fresh:
                role.grants = [*role.grants, *fresh]
                role.save(update_fields=["grants"])
