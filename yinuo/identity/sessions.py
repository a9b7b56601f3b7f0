"""Sessions in the database as Django keeps them; reading one stands before every page and is planned."""

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from yinuo.kernel.planned import planned


class SessionStore(DatabaseStore):
    def _get_session_from_db(self) -> Any:
        found = _session(key=self.session_key, at=timezone.now())  # the clock Django wrote the end of the session by
        if found:
            return found[0]
        self._session_key = None
        return None


@planned("key", "at")
def _session(*, key: str, at: datetime) -> QuerySet[Any]:
    return Session.objects.filter(session_key=key, expire_date__gt=at)
