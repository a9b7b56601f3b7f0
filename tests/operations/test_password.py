"""A lost password of the only administrator is no lost installation."""

import pytest

from yinuo.identity.models import Staff
from yinuo.identity.tests.conftest import company  # noqa: F401 the world of that name
from yinuo.kernel.models import AuditEntry
from yinuo.operations.password import renewed
from yinuo.operations.words import Trouble


def test_a_new_password_opens_and_the_old_one_no_longer(company) -> None:  # noqa: F811
    old = company.admin.password
    password = renewed("Admin")
    admin = Staff.objects.get(pk=company.admin.pk)
    assert admin.check_password(password) and admin.password != old
    entry = AuditEntry.unscoped.latest("pk")
    assert (entry.actor_kind, entry.subject_id) == ("system", str(admin.pk)) and password not in str(entry.data)


@pytest.mark.parametrize("login", ["nobody", "", "管理员"])
def test_whoever_is_not_here_is_said(company, login) -> None:  # noqa: F811
    with pytest.raises(Trouble):
        renewed(login)
