"""Text messages on their way out. The code in one is forgotten as soon as it is sent or given up."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from yinuo.conversations.models import Interaction
from yinuo.kernel.scope import Scoped


class SmsMessage(Scoped):
    """One text message: one row per interaction, one reference over all attempts."""

    scope_parent = "interaction"

    class State(models.TextChoices):
        QUEUED = "queued", _("待发送")
        SENT = "sent", _("已发出")
        FAILED = "failed", _("发送失败")

    class Report(models.TextChoices):
        DELIVERED = "delivered", _("已送达")
        UNDELIVERED = "undelivered", _("未送达")

    interaction = models.OneToOneField(Interaction, models.PROTECT, related_name="sms_message")
    reference = models.CharField(max_length=40, unique=True)
    code = models.CharField(max_length=16, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    attempts = models.SmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    receipt = models.CharField(max_length=100, blank=True)
    queued_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    #: What the gateway said later about a message it took; `next_ask_at`: when to ask it, if it has to be asked.
    report = models.CharField(max_length=11, choices=Report, blank=True, default="", db_default="")
    reported_at = models.DateTimeField(null=True)
    asks = models.SmallIntegerField(default=0, db_default=0)
    next_ask_at = models.DateTimeField(null=True)

    class Meta:
        base_manager_name = "unscoped"
        indexes = [
            models.Index(fields=["state", "-queued_at"], name="sms_by_state"),
            models.Index(fields=["next_ask_at"], condition=models.Q(next_ask_at__isnull=False), name="sms_to_ask"),
        ]

    def __str__(self) -> str:
        return self.reference
