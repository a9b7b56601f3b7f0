"""What the portal itself keeps: codes it sent, links a customer gave away, and how the company presents itself.

Other links are signed, not stored.
"""

from django.db import models

from yinuo.kernel.actor import Actor
from yinuo.kernel.scope import Scoped


class SentCode(Scoped):
    """A code sent to the address a customer left with the case. Only its digest is kept; it counts ten minutes."""

    scope_parent = "matter"

    matter = models.ForeignKey("matters.Matter", models.CASCADE, related_name="+", db_index=False)
    digest = models.CharField(max_length=64)
    way = models.CharField(max_length=8)
    interaction = models.ForeignKey("conversations.Interaction", models.PROTECT, null=True, related_name="+")
    tries = models.SmallIntegerField(default=0)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        base_manager_name = "unscoped"
        indexes = [models.Index(fields=["matter", "-sent_at"], name="sent_code_latest")]


class Share(Scoped):
    """A link the customer may pass on: it shows where the case is and not whom it is about, until switched off."""

    scope_parent = "matter"

    matter = models.ForeignKey("matters.Matter", models.CASCADE, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        base_manager_name = "unscoped"
        indexes = [models.Index(fields=["matter", "-made_at"], name="share_latest")]


class Front(Scoped):
    """One row: the company as its customers see it. Empty fields take what the machine was started with."""

    name = models.CharField(max_length=60, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    hours = models.CharField(max_length=80, blank=True)
    version = models.IntegerField(default=1)

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> models.Q:
        """Everybody: it is what stands on the door."""
        return models.Q()

    class Meta:
        base_manager_name = "unscoped"
