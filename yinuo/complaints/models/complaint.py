"""The complaint itself. Its primary key is its matter; the matter holds number, customer, owner, unit and priority."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yinuo.complaints.rules import choices
from yinuo.complaints.states import OPEN, STAGE_LABELS, Stage
from yinuo.conversations.models import TELLS_ITSELF
from yinuo.kernel.actor import Actor
from yinuo.kernel.scope import Scoped, nobody_at

OPEN_STAGES = sorted(s.value for s in OPEN)
STAGE_CHOICES = [(s.value, STAGE_LABELS[s]) for s in Stage]


class Complaint(Scoped):
    """What was registered, how it was judged, where it stands. Only `commands.move` writes `stage`."""

    scope_parent = "matter"

    matter = models.OneToOneField("matters.Matter", models.PROTECT, primary_key=True, related_name="complaint")
    stage = models.CharField(max_length=14, choices=STAGE_CHOICES, default=Stage.RECEIVED.value)
    stage_since = models.DateTimeField()
    version = models.IntegerField(default=1)

    channel = models.CharField(max_length=8, choices=choices.Channel)
    registered_by = models.ForeignKey("identity.Staff", models.PROTECT, null=True, related_name="+", db_index=False)
    received_at = models.DateTimeField()
    complainant = models.CharField(_("投诉人"), max_length=80, blank=True)
    phone = models.CharField(_("联系电话"), max_length=32, blank=True)
    email = models.CharField(_("邮箱"), max_length=254, blank=True)
    occurred_on = models.DateField(_("发生日期"), null=True)
    content = models.TextField(_("投诉内容"))
    demand = models.TextField(_("客户要求"), blank=True)
    demand_amount = models.DecimalField(_("索赔金额"), max_digits=12, decimal_places=2, null=True)
    product = models.CharField(_("产品或服务"), max_length=120, blank=True)
    batch = models.CharField(_("批号"), max_length=60, blank=True)
    produced_on = models.DateField(_("生产日期"), null=True)
    used_on = models.DateField(_("使用日期"), null=True)
    equipment = models.CharField(_("使用设备"), max_length=200, blank=True)
    conditions = models.TextField(_("使用条件"), blank=True)
    used_before = models.CharField(_("以前使用的产品"), max_length=200, blank=True)
    restatement = models.CharField(max_length=10, blank=True)
    #: What it was raised from, where that was there before (an e-mail, a message): never two complaints of one.
    raised_from = models.ForeignKey(
        "conversations.Interaction", models.PROTECT, null=True, related_name="+", db_index=False
    )

    kind = models.CharField(max_length=12, choices=choices.Kind, blank=True)
    subkind = models.CharField(max_length=16, choices=choices.Subkind, blank=True)
    judgement = models.CharField(max_length=12, choices=choices.Judgement, blank=True)
    basis = models.TextField(_("判断依据"), blank=True)
    severity = models.CharField(max_length=8, choices=choices.Severity, default=choices.Severity.ORDINARY)
    risks = ArrayField(models.CharField(max_length=10), default=list)
    temperament = models.CharField(max_length=16, choices=choices.Temperament, blank=True)
    manner = models.CharField(max_length=12, choices=choices.Manner, blank=True)
    complexity = models.CharField(max_length=8, choices=choices.Complexity, default=choices.Complexity.ORDINARY)

    #: Everybody of ours who worked on the case: they neither call back nor review.
    handler_ids = ArrayField(models.BigIntegerField(), default=list)
    acknowledged_at = models.DateTimeField(null=True)
    last_reply_at = models.DateTimeField(null=True)
    understood = models.BooleanField(default=False)
    supervisor_decision = models.TextField(blank=True)
    refusals = models.IntegerField(default=0)
    reopened = models.IntegerField(default=0)
    satisfaction = models.SmallIntegerField(null=True)
    agreed_total = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    outcome = models.TextField(blank=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged", db_index=False)
    in_library = models.BooleanField(default=False)
    lesson = models.TextField(blank=True)
    search = SearchVectorField(null=True)

    class Meta(Scoped.Meta):
        indexes = [
            models.Index(fields=["stage", "stage_since", "matter"], name="complaint_stage"),
            models.Index(fields=["-received_at", "-matter"], name="complaint_received"),
            models.Index(
                fields=["-received_at", "-matter"], condition=Q(stage__in=OPEN_STAGES), name="complaint_open_received"
            ),
            models.Index(
                fields=["stage_since", "matter"], condition=Q(stage__in=OPEN_STAGES), name="complaint_open_waiting"
            ),
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="complaint_merged"),
            GinIndex(fields=["search"], name="complaint_search"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["raised_from"], name="complaint_once_per_interaction"),
            models.CheckConstraint(condition=Q(stage__in=[s.value for s in Stage]), name="complaint_stage_known"),
            models.CheckConstraint(
                condition=Q(satisfaction__isnull=True) | Q(satisfaction__range=(1, 5)),
                name="complaint_satisfaction_1_5",
            ),
            models.CheckConstraint(
                condition=Q(demand_amount__isnull=True) | Q(demand_amount__gte=0), name="complaint_demand_positive"
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=models.F("matter")),
                name="complaint_not_into_itself",
            ),
        ]

    @property
    def reaches_by_itself(self) -> bool:
        """Whether a reply on the case's own channel reaches the customer without a person saying it."""
        own = self.matter.conversation
        return (own.channel if own else self.channel) in TELLS_ITSELF

    def __str__(self) -> str:
        return f"complaint {self.pk}"


class CaseRow(Scoped):
    """A row that belongs to one complaint and is seen through it; most are none of the customer's business."""

    scope_parent = "complaint"
    shown_to_customer: ClassVar[bool] = False

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="%(class)ss")
    at = models.DateTimeField()
    by = models.ForeignKey("identity.Staff", models.PROTECT, null=True, related_name="+")

    class Meta(Scoped.Meta):
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.model_name} {self.pk}"

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        if actor.kind == "customer" and not cls.shown_to_customer:
            return nobody_at(prefix)
        return super().visible_q(actor, prefix)


class Restatement(CaseRow):
    """What we understood, read back to the customer, and what the customer said to it."""

    shown_to_customer = True
    version = models.IntegerField()
    text = models.TextField()
    via = models.CharField(max_length=8)
    state = models.CharField(max_length=10, choices=choices.RestatementState, default=choices.RestatementState.PENDING)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    evidence: Any = models.JSONField(default=dict)

    class Meta(CaseRow.Meta):
        constraints = [models.UniqueConstraint(fields=["complaint", "version"], name="restatement_version")]


class Finding(CaseRow):
    """What the investigation found."""

    facts = models.TextField(_("事实"))
    cause = models.TextField(_("原因"), blank=True)
    evidence = models.TextField(_("依据"), blank=True)
    unit = models.ForeignKey("identity.Unit", models.PROTECT, null=True, related_name="+")
    fault_share = models.SmallIntegerField(_("我方责任（%）"), null=True)

    class Meta(CaseRow.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(fault_share__isnull=True) | Q(fault_share__range=(0, 100)), name="finding_share_percent"
            )
        ]
