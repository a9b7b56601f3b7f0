"""Accounts: what roles add up to, that passwords are hashed, that who is stopped is out, that somebody stays."""

import threading

import pytest
from django.db import connection
from django.test import Client

from yinuo.identity.commands import (
    change_password,
    create_api_key,
    create_staff,
    edit_role,
    edit_staff,
    reset_password,
    seed_roles,
    set_preferences,
)
from yinuo.identity.grants import GRANTS, ROLE_SEEDS, default_grants
from yinuo.identity.models import ApiKey, Role, Staff, StaffSession
from yinuo.identity.queries import actor_for_key, holders, staff_choices
from yinuo.identity.tests.conftest import PASSWORD, SYSTEM, acting
from yinuo.kernel import clock
from yinuo.kernel.actor import Scope, acting_as
from yinuo.kernel.errors import Denied, Invalid, Refused, Stale
from yinuo.kernel.models import AuditEntry


def edit(staff, *, by=None, **changes):
    staff = Staff.objects.get(pk=staff.pk)
    given = {
        "name": staff.name, "unit_id": staff.unit_id, "role_codes": [r.code for r in staff.roles.all()],
        "phone": staff.phone, "email": staff.email, "active": staff.is_active, "manager_id": staff.manager_id,
        "expected_version": staff.version, **changes,
    }  # fmt: skip
    with acting_as(by or SYSTEM):
        return edit_staff(staff_id=staff.pk, **given)


def change(code: str, *, by=None, **changes):
    role = Role.objects.get(code=code)
    given = {
        "grants": role.grants, "matter_scope": role.matter_scope, "customer_scope": role.customer_scope,
        "approval_limit": role.approval_limit, "expected_version": role.version, **changes,
    }  # fmt: skip
    with acting_as(by or SYSTEM):
        return edit_role(role_id=role.pk, **given)


# Roles


def test_every_seeded_role_has_the_grants_that_name_it(db) -> None:
    with acting_as(SYSTEM):
        seed_roles()
        again = seed_roles()
    assert again == []
    for seed in ROLE_SEEDS:
        role = Role.objects.get(code=seed.code)
        assert role.grants == default_grants(seed.code) and "self.use" in role.grants
    assert all(set(g.roles) <= {s.code for s in ROLE_SEEDS} for g in GRANTS)


def test_seeding_again_keeps_what_was_changed(company) -> None:
    change("agent", grants=["self.use"])
    with acting_as(SYSTEM):
        seed_roles()
    assert acting(company.agent).grants == {"self.use"}


def test_roles_add_up_and_the_widest_reach_wins(company) -> None:
    edit(company.stock, role_codes=["warehouse", "supervisor"])
    actor = acting(company.stock)
    assert actor.grants == frozenset(default_grants("warehouse")) | frozenset(default_grants("supervisor"))
    assert (actor.matter_scope, actor.customer_scope) == (Scope.TEAM, Scope.ALL)
    edit(company.stock, role_codes=[])
    nobody = acting(company.stock)
    assert nobody.grants == frozenset() and nobody.matter_scope is Scope.OWN and not nobody.may("self.use")


def test_reach_is_the_unit_and_what_hangs_below(company) -> None:
    assert acting(company.super).unit_ids == {company.east.pk, company.desk.pk}
    assert acting(company.agent).unit_ids == {company.desk.pk}
    assert acting(company.stock).unit_ids == {company.west.pk}


def test_roles_take_no_nonsense(company) -> None:
    for wrong in ({"grants": ["fly"]}, {"grants": ["*"]}, {"approval_limit": -1}):
        with pytest.raises(Invalid):
            change("agent", **wrong)
    with pytest.raises(Stale):
        change("agent", expected_version=99)
    with pytest.raises(Denied):
        change("agent", by=acting(company.boss), grants=["audit.read"])


# Somebody can always manage staff


def test_the_last_administrator_stays(company) -> None:
    for changes in ({"active": False}, {"role_codes": ["agent"]}, {"role_codes": []}):
        with pytest.raises(Refused) as refused:
            edit(company.admin, **changes)
        assert refused.value.code == "last_administrator"
    assert Staff.objects.get(pk=company.admin.pk).is_active
    with acting_as(SYSTEM):
        second = create_staff(
            username="adm2", name="b", password=PASSWORD, unit_id=company.root.pk, role_codes=["administrator"]
        )
    edit(company.admin, active=False)
    with pytest.raises(Refused):
        edit(second, role_codes=["agent"], by=acting(second))


def test_an_account_nobody_can_sign_in_with_does_not_count(company) -> None:
    with acting_as(SYSTEM):
        create_staff(
            username="robot", name="r", unit_id=company.root.pk, role_codes=["administrator"], integration=True
        )  # fmt: skip
    with pytest.raises(Refused):
        edit(company.admin, role_codes=["agent"])


def test_nor_may_the_last_role_lose_it(company) -> None:
    change("leader", grants=[*default_grants("leader"), "staff.manage"])
    with pytest.raises(Refused):
        change("administrator", grants=["self.use"])
    edit(company.admin, active=False)
    with pytest.raises(Refused) as refused:
        change("leader", grants=["self.use"])
    assert refused.value.code == "last_administrator"


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_stop_each_other_at_once(company) -> None:
    with acting_as(SYSTEM):
        second = create_staff(
            username="adm2", name="b", password=PASSWORD, unit_id=company.root.pk, role_codes=["administrator"]
        )
    start, refused = threading.Barrier(2), []

    def stop(whom, by) -> None:
        try:
            start.wait(10)
            edit(whom, active=False, by=acting(by))
        except Refused as error:
            refused.append(error)
        finally:
            connection.close()

    pairs = ((company.admin, second), (second, company.admin))
    threads = [threading.Thread(target=stop, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert Staff.objects.filter(is_active=True, roles__code="administrator").count() == 1


# Who is stopped is out


def test_stopping_somebody_ends_sessions_and_keys_for_good(company) -> None:
    theirs, others = Client(), Client()
    for client, name in ((theirs, "agent"), (others, "super")):
        assert client.post("/login/", {"username": name, "password": PASSWORD}).status_code == 303
    with acting_as(SYSTEM):
        secret = create_api_key(name="x", staff_id=company.agent.pk, grants=["matter.read"])["secret"]
    assert actor_for_key(secret, at=clock.now())
    edit(company.agent, active=False)
    assert theirs.get("/").status_code == 302 and others.get("/").status_code == 200
    assert actor_for_key(secret, at=clock.now()) is None
    assert StaffSession.objects.count() == 1
    assert AuditEntry.unscoped.filter(command="staff.edit").latest("pk").data["sessions"] == 1
    edit(company.agent, active=True)  # back again: with a password, not with what was open then
    assert theirs.get("/").status_code == 302
    assert actor_for_key(secret, at=clock.now()) is None and ApiKey.objects.get().revoked_at
    assert theirs.post("/login/", {"username": "agent", "password": PASSWORD}).status_code == 303


def test_a_change_that_stops_nobody_ends_nothing(company) -> None:
    client = Client()
    client.post("/login/", {"username": "agent", "password": PASSWORD})
    edit(company.agent, name="新名字")
    assert client.get("/").status_code == 200


def test_one_cannot_stop_oneself_nor_be_ones_own_manager(company) -> None:
    with pytest.raises(Refused):
        edit(company.admin, active=False, by=acting(company.admin))
    with pytest.raises(Invalid):
        edit(company.agent, manager_id=company.agent.pk)


def test_who_is_stopped_is_offered_no_work(company) -> None:
    edit(company.agent, active=False)
    assert company.agent not in staff_choices() and company.agent not in holders("agent")


# Passwords


@pytest.fixture
def real_hashers(settings):
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.Argon2PasswordHasher",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]


def test_the_product_hashes_with_argon2() -> None:
    from pathlib import Path

    import yinuo.settings

    assert "Argon2" in yinuo.settings.PASSWORD_HASHERS[0] or "MD5" in yinuo.settings.PASSWORD_HASHERS[0]
    source = Path(yinuo.settings.__file__).read_text("utf-8")
    assert source.index("Argon2PasswordHasher") < source.index("PBKDF2PasswordHasher") and "MD5" not in source


def test_a_password_is_kept_as_a_hash_and_nowhere_else(company, real_hashers) -> None:
    with acting_as(SYSTEM):
        made = create_staff(
            username="novice", name="n", password="Lu-shan-pu-bu-3", unit_id=company.desk.pk, role_codes=["agent"]
        )
        reset_password(staff_id=company.agent.pk, new="Lu-shan-pu-bu-3")
    kept = Staff.objects.get(pk=made.pk).password
    assert kept.startswith("argon2") and kept != Staff.objects.get(pk=company.agent.pk).password
    assert "Lu-shan" not in str(list(AuditEntry.unscoped.values_list("data", flat=True)))


def test_weak_wrong_and_foreign_passwords_are_refused(company) -> None:
    with acting_as(SYSTEM):
        for weak in ("", "short1!", "password", "12345678", "weakling"):
            with pytest.raises(Invalid) as refused:
                create_staff(
                    username="weakling", name="w", password=weak, unit_id=company.desk.pk, role_codes=["agent"]
                )
            assert "password" in refused.value.fields and (not weak or weak not in refused.value.message)
    with acting_as(acting(company.agent)):
        with pytest.raises(Invalid):
            change_password(staff_id=company.agent.pk, old="no", new="Lu-shan-pu-bu-3")
        with pytest.raises(Invalid):  # not even knowing it: somebody else's is theirs
            change_password(staff_id=company.boss.pk, old=PASSWORD, new="Lu-shan-pu-bu-3")
        with pytest.raises(Denied):
            reset_password(staff_id=company.boss.pk, new="Lu-shan-pu-bu-3")
        change_password(staff_id=company.agent.pk, old=PASSWORD, new="Lu-shan-pu-bu-3")
    assert Staff.objects.get(pk=company.agent.pk).check_password("Lu-shan-pu-bu-3")


def test_a_reset_ends_the_sessions_opened_with_the_old_one(company) -> None:
    client = Client()
    client.post("/login/", {"username": "agent", "password": PASSWORD})
    with acting_as(acting(company.admin)):
        reset_password(staff_id=company.agent.pk, new="Lu-shan-pu-bu-3")
    assert client.get("/").status_code == 302


def test_names_are_unique_whatever_the_case(company) -> None:
    with acting_as(SYSTEM), pytest.raises(Invalid) as refused:
        create_staff(username=" AGENT ", name="x", password=PASSWORD, unit_id=company.desk.pk, role_codes=[])
    assert "username" in refused.value.fields
    with acting_as(SYSTEM), pytest.raises(Invalid):
        create_staff(username="", name=" ", password=PASSWORD, unit_id=company.desk.pk, role_codes=[])


def test_preferences_are_ones_own(company) -> None:
    with acting_as(acting(company.agent)):
        set_preferences(language="en", theme="dark")
        with pytest.raises(Invalid):
            set_preferences(language="xx", theme="dark")
    changed = Staff.objects.filter(theme="dark")
    assert [s.pk for s in changed] == [company.agent.pk]
