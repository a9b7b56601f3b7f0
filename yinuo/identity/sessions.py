"""Sessions in the database: whose they are stands in columns, so that they can be shown to their owner and ended.

Reading one stands before every page and is planned. When it ends is one column: the earlier of "unused too long" and
"open too long". Being used is written down every few minutes only.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db.models import QuerySet
from django.utils import timezone

from yinuo.identity.models import StaffSession
from yinuo.identity.queries import entry_rules
from yinuo.kernel.guard import permit_writes
from yinuo.kernel.planned import planned

#: Being used is written down this often: a session ends so much later than the rule says at most.
EVERY = timedelta(minutes=5)


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> Any:
        return StaffSession

    def _get_session_from_db(self) -> Any:
        found = _session(key=self.session_key, at=timezone.now())  # the clock Django wrote the end of the session by
        if found:
            return found[0]
        self._session_key = None
        return None

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """The row, with whose it is beside its sealed content."""
        whose = data.get("_auth_user_id")
        if whose:
            now = timezone.now().isoformat()
            data.setdefault("began", now)
            data.setdefault("seen", now)
        row: Any = super().create_model_instance(data)
        if whose:
            row.staff_id = int(whose)
            row.began_at, row.seen_at = (datetime.fromisoformat(data[name]) for name in ("began", "seen"))
            row.ip, row.agent, row.way = (str(data.get(name, "")) for name in ("ip", "agent", "way"))
        return row

    def save(self, must_create: bool = False) -> None:
        with permit_writes("session"):
            super().save(must_create)

    def delete(self, session_key: str | None = None) -> None:
        with permit_writes("session"):
            super().delete(session_key)


@planned("key", "at")
def _session(*, key: str, at: datetime) -> QuerySet[Any]:
    return StaffSession.objects.filter(session_key=key, expire_date__gt=at)


def begin(session: Any, *, ip: str, agent: str, way: str) -> None:
    """Somebody has just been let in with this session; `way` says how."""
    for name in ("began", "seen"):
        session[name] = timezone.now().isoformat()
    session["ip"], session["agent"], session["way"] = ip[:45], agent[:300], way
    _prolong(session)


def used(session: Any) -> None:
    """The session is being used: at most every few minutes this is written down, and its end moved."""
    last = session.get("seen")
    now = timezone.now()
    if last is None or datetime.fromisoformat(last) > now - EVERY:
        return
    session["seen"] = now.isoformat()
    _prolong(session)


def _prolong(session: Any) -> None:
    rules = entry_rules()
    now, began = timezone.now(), datetime.fromisoformat(session["began"])
    end = min(now + timedelta(minutes=rules.idle_minutes), began + timedelta(hours=rules.absolute_hours))
    session.set_expiry(max(end, now + timedelta(seconds=1)))


def mark(session_key: str | None) -> str:
    """A name for a session that lets nobody in: pages and addresses never hold its key."""
    return hashlib.sha256(f"yinuo.session:{session_key}".encode()).hexdigest()[:24] if session_key else ""


def sessions_of(staff_id: int) -> list[Any]:
    """The open sessions of a person, last used first. One statement."""
    rows = StaffSession.objects.filter(staff_id=staff_id, expire_date__gt=timezone.now())
    return list(rows.defer("session_data").order_by("-seen_at", "session_key"))
