"""What must stay true whoever changes accounts: somebody can still manage staff, and who is stopped is out."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yinuo.identity.commands.sessions import end_all
from yinuo.identity.models import ApiKey, Role, Staff
from yinuo.kernel.errors import Refused

MANAGES = ["staff.manage"]


def managers() -> QuerySet[Staff]:
    """People who can sign in and manage staff."""
    rows = Staff.objects.filter(is_active=True, locked_at=None, roles__grants__contains=MANAGES)
    return rows.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)


@contextmanager
def somebody_still_manages() -> Iterator[None]:
    """Refuse a change that leaves nobody to manage staff; two who stop each other at once wait for one another."""
    list(Role.objects.select_for_update(no_key=True).order_by("pk"))
    before = managers().exists()
    yield
    if before and not managers().exists():
        raise Refused(
            _("这样改以后就没有人能管理员工和权限了。请先让另一位在岗的同事有管理员工的权限"), code="last_administrator"
        )


def shut_out(staff: Staff, at: datetime) -> dict[str, int]:
    """End the sessions and keys of somebody stopped, for good: they do not come back with the account."""
    keys = ApiKey.objects.filter(staff=staff, revoked_at=None).update(revoked_at=at)
    return {"keys": keys, "sessions": end_all(staff.pk)}
