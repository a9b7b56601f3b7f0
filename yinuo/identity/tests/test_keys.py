"""Keys lend nobody's power: each way in that the rule closes, and the ways that stay open."""

from datetime import timedelta

import pytest

from yinuo.identity.commands import create_api_key, create_staff, edit_staff, reset_password, revoke_api_key
from yinuo.identity.grants import GRANT_CODES
from yinuo.identity.models import ApiKey, Staff
from yinuo.identity.queries import actor_for_key, key_holders
from yinuo.identity.tests.conftest import SYSTEM, acting, grant
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.kernel.errors import Denied, Invalid, Refused


def make(maker, staff, grants=GRANT_CODES, **more):
    with acting_as(acting(maker)):
        return create_api_key(name="ERP", staff_id=staff.pk, grants=grants, **more)


def powers(made) -> frozenset[str]:
    return actor_for_key(made["secret"], at=clock.now())[0].grants


def test_an_administrator_cannot_act_as_the_leader(company) -> None:
    with pytest.raises(Denied) as refused:
        make(company.admin, company.boss, ["approval.decide"])
    assert "staff_id" in refused.value.fields and "接口账号" in refused.value.message
    assert not ApiKey.objects.exists()


def test_nor_as_anybody_whose_cases_they_do_not_see(company) -> None:
    """Even when the grants would match: the person's own cases are not the maker's to read."""
    grant("administrator", *acting(company.agent).grants, *acting(company.stock).grants)
    for victim in (company.agent, company.stock):
        with pytest.raises(Denied):
            make(company.admin, victim, ["matter.read"])


def test_a_wide_reach_alone_is_not_enough(company) -> None:
    """A leader who may manage keys sees everything, but has not the administrator's grants."""
    grant("leader", "key.manage")
    with pytest.raises(Denied):
        make(company.boss, company.admin, ["staff.manage"])
    with pytest.raises(Denied):  # nor by asking for a grant the leader has: the account as a whole must be covered
        make(company.boss, company.admin, ["calendar.edit"])


def test_whoever_covers_somebody_may_make_their_key(company) -> None:
    grant("leader", "key.manage")
    assert powers(make(company.boss, company.agent, ["matter.read", "audit.read"])) == {"matter.read"}


def test_for_oneself_what_one_has(company) -> None:
    made = make(company.admin, company.admin, ["staff.manage", "approval.decide"])
    assert powers(made) == {"staff.manage"}
    assert made["left_out"] == ["approval.decide"]
    with pytest.raises(Invalid):
        make(company.admin, company.admin, ["approval.decide"])


def test_a_key_cannot_make_a_stronger_key(company) -> None:
    """A key of mine that may manage keys gives no more than it was given itself."""
    narrow = make(company.admin, company.admin, ["key.manage", "calendar.edit"])
    actor, _key = actor_for_key(narrow["secret"], at=clock.now())
    made = create_api_key(name="more", staff_id=company.admin.pk, grants=GRANT_CODES, by=actor)
    assert powers(made) == {"key.manage", "calendar.edit"}


def integration(company, maker):
    with acting_as(acting(maker)):
        return create_staff(
            username="erp", name="ERP", unit_id=company.root.pk, role_codes=["leader"], integration=True
        )  # fmt: skip


def test_the_administrators_way_is_an_integration_account(company) -> None:
    account = integration(company, company.admin)
    made = make(company.admin, account, ["complaint.register", "matter.read", "staff.manage"])
    assert powers(made) == {"complaint.register", "matter.read"}  # what its roles allow, chosen
    assert {s.pk for s in key_holders(acting(company.admin))} == {company.admin.pk, account.pk}


def test_who_may_not_hand_out_roles_may_not_use_one(company) -> None:
    account = integration(company, company.admin)
    grant("supervisor", "key.manage")
    with pytest.raises(Denied):
        make(company.super, account, ["approval.decide"])


def test_nobody_signs_in_with_an_integration_account(company, client) -> None:
    account = integration(company, company.admin)
    assert client.post("/login/", {"username": "erp", "password": ""}).status_code == 422
    assert client.post("/login/", {"username": "erp", "password": account.password}).status_code == 422
    with pytest.raises(Refused), acting_as(acting(company.admin)):
        reset_password(staff_id=account.pk, new="Chang-jiang-77")


def test_a_key_never_grows_and_shrinks_at_once(company) -> None:
    grant("leader", "key.manage")
    made = make(company.boss, company.agent)
    before = powers(made)
    grant("agent", "report.read")
    assert powers(made) == before
    with acting_as(SYSTEM):
        edit_staff(
            staff_id=company.agent.pk, name="a", unit_id=company.desk.pk, role_codes=["warehouse"], phone="",
            email="", active=True, manager_id=None, expected_version=Staff.objects.get(pk=company.agent.pk).version,
        )  # fmt: skip
    assert powers(made) == before & acting(company.stock).grants


def test_unknown_stopped_and_empty(company) -> None:
    for wanted in ([], ["everything"], ["*"]):
        with pytest.raises(Invalid):
            make(company.admin, company.admin, wanted)
    with acting_as(acting(company.admin)), pytest.raises(Invalid):
        create_api_key(name="x", staff_id=10**9, grants=["self.use"])


def test_only_a_hash_is_kept_and_the_end_is_the_end(company) -> None:
    soon = clock.now() + timedelta(hours=1)
    made = make(company.admin, company.admin, expires_at=soon)
    row = ApiKey.objects.get()
    assert made["secret"].split(".")[1] not in f"{row.hash}{row.prefix}{row.name}"
    assert actor_for_key(made["secret"], at=soon) is None
    assert actor_for_key(made["secret"][:-1] + "x", at=clock.now()) is None
    with acting_as(acting(company.admin)):
        revoke_api_key(key_id=row.pk)
    assert actor_for_key(made["secret"], at=clock.now()) is None
