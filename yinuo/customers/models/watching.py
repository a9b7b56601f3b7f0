"""Who looked at unusually many masked fields."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from yinuo.kernel.actor import Actor
from yinuo.kernel.scope import Scoped


class RevealAlert(Scoped):
    """A colleague looked at unusually many masked fields in a while; `told` are those who were told of it."""

    staff = models.ForeignKey("identity.Staff", models.PROTECT, related_name="+")
    since = models.DateTimeField()
    at = models.DateTimeField()
    count = models.IntegerField()
    told = ArrayField(models.BigIntegerField(), default=list)

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> models.Q:
        """Those who were told, and whoever reads the audit; never the colleague it is about."""
        seen = models.Q() if actor.may("audit.read") else models.Q(**{f"{prefix}told__contains": [actor.staff_key]})
        return seen & ~models.Q(**{f"{prefix}staff_id": actor.staff_key})

    class Meta:
        base_manager_name = "unscoped"
        indexes = [
            GinIndex(fields=["told"], name="reveal_alert_told"),
            models.Index(fields=["-at"], name="reveal_alert_at"),
        ]
