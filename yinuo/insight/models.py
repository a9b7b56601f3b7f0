"""What insight itself keeps: screens that show figures, schedules of reports, and the reports sent by them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yinuo.kernel.actor import Actor, Scope
from yinuo.kernel.scope import Scoped, nobody_at


def _kept_by(actor: Actor, prefix: str, field: str) -> Q:
    """Whoever made it, and who sees everything."""
    if actor.kind == "customer":
        return nobody_at(prefix)
    if actor.kind == "system" or (actor.matter_scope is Scope.ALL and actor.may("report.read")):
        return Q()
    return Q(**{prefix + field: actor.staff_key})


class Display(Scoped):
    """A wall screen: whoever has its link sees the figures its maker may see, nothing else, until it ends."""

    name = models.CharField(max_length=60)
    unit = models.ForeignKey("identity.Unit", models.PROTECT, null=True, related_name="+")
    made_by = models.ForeignKey("identity.Staff", models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    seen_from = models.CharField(max_length=45, blank=True, default="")
    opened = models.PositiveIntegerField(default=0)

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        return _kept_by(actor, prefix, "made_by_id")

    class Meta:
        base_manager_name = "unscoped"
        indexes = [models.Index(fields=["-created_at", "-id"], name="display_newest")]

    def __str__(self) -> str:
        return self.name


class ReportPlan(Scoped):
    """A monthly report sent by itself. `next_at` is the one column the job reads; `month` is what it will be about."""

    class Language(models.TextChoices):
        OWN = "", _("收件人自己的语言")
        CHINESE = "zh-hans", _("中文")
        ENGLISH = "en", _("英文")

    FORMATS = (("pdf", "PDF"), ("xlsx", "XLSX"))

    title = models.CharField(max_length=80)
    unit_ids = ArrayField(models.BigIntegerField(), default=list)
    recipients = models.ManyToManyField("identity.Staff", related_name="+")
    day = models.PositiveSmallIntegerField(default=1)
    hour = models.TimeField()
    formats = ArrayField(models.CharField(max_length=4), default=list)
    language = models.CharField(max_length=10, choices=Language, default="", blank=True)
    active = models.BooleanField(default=True)
    next_at = models.DateTimeField(null=True)
    month = models.DateField()
    made_by = models.ForeignKey("identity.Staff", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    version = models.IntegerField(default=1)

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        return _kept_by(actor, prefix, "made_by_id")

    class Meta:
        base_manager_name = "unscoped"
        indexes = [models.Index(fields=["next_at"], condition=Q(active=True), name="report_plan_due")]
        constraints = [
            models.CheckConstraint(condition=Q(day__range=(1, 31)), name="report_plan_day"),
            models.CheckConstraint(condition=Q(active=False) | Q(next_at__isnull=False), name="report_plan_knows_when"),
        ]

    def __str__(self) -> str:
        return self.title


class ReportMail(Scoped):
    """One report to one person: claimed before it is sent, closed after; of one month once per person and plan."""

    class State(models.TextChoices):
        QUEUED = "queued", _("待发送")
        SENDING = "sending", _("发送中")
        SENT = "sent", _("已发出")
        REHEARSED = "rehearsed", _("演练，没有真的发出")
        FAILED = "failed", _("发送失败")

    scope_parent = "plan"

    plan = models.ForeignKey(ReportPlan, models.CASCADE, related_name="mails")
    staff = models.ForeignKey("identity.Staff", models.PROTECT, related_name="+")
    month = models.DateField()
    by_hand = models.BooleanField(default=False)
    planned_at = models.DateTimeField()
    late = models.BooleanField(default=False)
    state = models.CharField(max_length=9, choices=State, default=State.QUEUED)
    to_address = models.CharField(max_length=254, blank=True)
    message_id = models.CharField(max_length=120, unique=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)
    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        base_manager_name = "unscoped"
        indexes = [
            models.Index(
                fields=["next_try_at", "id"], condition=Q(state__in=["queued", "sending"]), name="report_mail_due"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "staff", "month"], condition=Q(by_hand=False), name="report_mail_once_a_month"
            )
        ]

    def __str__(self) -> str:
        return f"report {self.pk}"
