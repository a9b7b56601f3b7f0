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

    interaction = models.OneToOneField(Interaction, models.PROTECT, related_name="sms_message")
    reference = models.CharField(max_length=40, unique=True)
    code = models.CharField(max_length=16, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    attempts = models.SmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    receipt = models.CharField(max_length=100, blank=True)
    queued_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        base_manager_name = "unscoped"
        indexes = [models.Index(fields=["state", "-queued_at"], name="sms_by_state")]

    def __str__(self) -> str:
        return self.reference
