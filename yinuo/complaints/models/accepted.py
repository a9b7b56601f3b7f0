"""What a program sent and was told is kept: the input with its number, until it is registered and as its receipt."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yinuo.kernel.actor import Actor, Scope
from yinuo.kernel.scope import Scoped, nobody_at, staff_scope


class AcceptedIntake(Scoped):
    """`given` is the input as the schema understood it. Written by one statement; see `intake/accepting.py`."""

    class State(models.TextChoices):
        WAITING = "waiting", _("等待登记")
        REGISTERED = "registered", _("已登记")
        REFUSED = "refused", _("未能登记")
        SET_ASIDE = "set_aside", _("无需登记")

    id = models.BigAutoField(primary_key=True)
    number = models.CharField(max_length=24)
    api_key = models.ForeignKey("identity.ApiKey", models.PROTECT, related_name="+", db_index=False)
    given = models.JSONField()
    received_at = models.DateTimeField()
    ip = models.CharField(max_length=45, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    idempotency_key = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING, db_default=State.WAITING)
    #: Why it could not be registered, as the API tells an error: code, detail, errors by field.
    problem = models.JSONField(null=True)
    matter = models.ForeignKey("matters.Matter", models.PROTECT, null=True, related_name="+", db_index=False)
    handled_at = models.DateTimeField(null=True)
    #: Said by whoever set it aside.
    reason = models.CharField(max_length=200, blank=True, default="", db_default="")

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        """A key sees what it sent; a person who may register sees what the keys of their reach sent."""
        if not actor.may("complaint.register"):
            return nobody_at(prefix)
        if actor.kind == "api" and actor.matter_scope is not Scope.ALL:
            return Q(**{f"{prefix}api_key": actor.key_id}) if actor.key_id else nobody_at(prefix)
        key = "api_key__staff"
        return staff_scope(actor, actor.matter_scope, prefix, owner=f"{key}_id", unit=f"{key}__unit_id")

    class Meta:
        base_manager_name = "unscoped"
        indexes = [
            models.Index(fields=["id"], condition=Q(state="waiting"), name="accepted_waiting"),
            models.Index(fields=["-received_at", "-id"], condition=Q(state="refused"), name="accepted_refused"),
            BrinIndex(fields=["received_at"], name="accepted_age"),
        ]

    def __str__(self) -> str:
        return self.number
