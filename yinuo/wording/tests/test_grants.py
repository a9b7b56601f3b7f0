"""An installation older than the wording rules: its roles get the new grants, unless the company shaped them itself."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from yinuo.identity.commands import edit_role, seed_roles
from yinuo.identity.models import Role
from yinuo.kernel.actor import Actor
from yinuo.kernel.command import permit_writes

pytestmark = pytest.mark.django_db
NEW = {"wording.edit", "wording.override"}


def migrate(name: str) -> None:
    with permit_writes("test"):
        MigrationExecutor(connection).migrate([("wording", name)])


def test_roles_of_an_older_installation_get_the_new_grants_and_changed_ones_stay() -> None:
    by = Actor.system("test")
    seed_roles(by=by)
    migrate("0002_shipped_rules")
    with permit_writes("test"):
        for role in Role.objects.all():
            Role.objects.filter(pk=role.pk).update(grants=[one for one in role.grants if one not in NEW])
    before = {role.code: set(role.grants) for role in Role.objects.all()}
    leader = Role.objects.get(code="leader")
    kept = before["leader"] - {"report.export"}
    edit_role(
        role_id=leader.pk, grants=kept, matter_scope=leader.matter_scope, customer_scope=leader.customer_scope,
        approval_limit=leader.approval_limit, expected_version=leader.version, by=by,
    )  # fmt: skip
    migrate("0003_grants")
    after = {role.code: set(role.grants) for role in Role.objects.all()}
    assert after.pop("leader") == kept
    assert {code: grants - before[code] for code, grants in after.items() if grants != before[code]} == {
        "supervisor": NEW,
        "administrator": {"wording.edit"},
    }
    migrate("0002_shipped_rules")
    migrate("0003_grants")
    assert all(len(role.grants) == len(set(role.grants)) for role in Role.objects.all()), "given once"
