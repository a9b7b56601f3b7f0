"""Who is signed in, found by one planned statement: it stands before every page."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet

from yinuo.identity.models import Staff
from yinuo.kernel.planned import planned


class Backend(ModelBackend):
    def get_user(self, user_id: int) -> Staff | None:
        found = _staff(pk=user_id)
        able = found and self.user_can_authenticate(found[0]) and found[0].locked_at is None
        return found[0] if able else None


@planned("pk")
def _staff(*, pk: int) -> QuerySet[Any]:
    return Staff.objects.filter(pk=pk)
