"""How people get in: the house's rules about it, and the sessions that are open."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from yinuo.identity.models.people import Staff


class EntryRules(models.Model):
    """One row: how long somebody stays signed in, who must have a second step. Everybody is told the rules they live
    by, so it is not scoped.
    """

    IDLE, ABSOLUTE = 240, 12

    idle_minutes = models.IntegerField(default=IDLE)
    absolute_hours = models.IntegerField(default=ABSOLUTE)
    #: Roles that must have a second step, since when, and how many days its holders have.
    step_roles = ArrayField(models.CharField(max_length=40), default=list, db_default=[])
    step_since = models.DateTimeField(null=True)
    grace_days = models.IntegerField(default=7, db_default=7)
    version = models.IntegerField(default=1)


class StaffSession(AbstractBaseSession):
    """A session, with what its owner wants to know of it. Those of nobody yet (a login half done) have no `staff`."""

    staff = models.ForeignKey(Staff, models.CASCADE, null=True, related_name="sessions", db_index=False)
    began_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    ip = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=300, blank=True)
    way = models.CharField(max_length=20, blank=True)

    @classmethod
    def get_session_store_class(cls) -> Any:
        from yinuo.identity.sessions import SessionStore

        return SessionStore

    class Meta(AbstractBaseSession.Meta):
        abstract = False
        indexes = [
            models.Index(fields=["staff"], condition=models.Q(staff__isnull=False), name="session_by_staff"),
        ]
