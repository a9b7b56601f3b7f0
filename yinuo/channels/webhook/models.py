"""Who is told by webhook, what they were told, and how each attempt went."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yinuo.kernel.actor import Actor
from yinuo.kernel.scope import Scoped, nobody_at


class Endpoint(Scoped):
    """An address that wants to hear of some events. The secret signs, is shown once and stored sealed; one that was
    replaced signs along until `former_until`, so that the receiver can change over without missing anything.
    """

    name = models.CharField(max_length=60)
    url = models.CharField(max_length=500)
    events = ArrayField(models.CharField(max_length=60), default=list)
    secret = models.TextField()
    former_secret = models.TextField(blank=True, db_default="", default="")
    former_until = models.DateTimeField(null=True)
    active = models.BooleanField(default=True)
    failing_since = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True)
    disabled_why = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey("identity.Staff", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    version = models.IntegerField(default=1)

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        return Q() if actor.may("key.manage") else nobody_at(prefix)

    class Meta:
        base_manager_name = "unscoped"

    def __str__(self) -> str:
        return self.name


class Delivery(Scoped):
    """One event for one endpoint: written with the event, sent by a job, tried until taken or given up."""

    scope_parent = "endpoint"

    class State(models.TextChoices):
        WAITING = "waiting", _("待发送")
        DELIVERED = "delivered", _("已送达")
        FAILED = "failed", _("已放弃")

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="deliveries", db_index=False)
    message_id = models.CharField(max_length=40)
    event = models.CharField(max_length=60)
    payload = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        base_manager_name = "unscoped"
        constraints = [models.UniqueConstraint(fields=["endpoint", "message_id"], name="webhook_message_once")]
        indexes = [
            models.Index(fields=["endpoint", "-created_at", "-id"], name="webhook_log"),
            models.Index(fields=["created_at"], name="webhook_age"),
            models.Index(fields=["created_at"], condition=models.Q(state="waiting"), name="webhook_waiting"),
        ]

    def __str__(self) -> str:
        return self.message_id


class Attempt(Scoped):
    """How one try went."""

    scope_parent = "delivery"

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="tries", db_index=False)
    at = models.DateTimeField()
    status = models.IntegerField(null=True)
    response = models.TextField(blank=True)
    error = models.CharField(max_length=300, blank=True)
    took_ms = models.IntegerField(default=0)

    class Meta:
        base_manager_name = "unscoped"
        indexes = [models.Index(fields=["delivery", "id"], name="webhook_tries")]
