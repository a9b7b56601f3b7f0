"""Who may agree to what: a request, its steps, and the rules that say which steps a request needs."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yinuo.approvals.rules import KINDS, vacancy_line
from yinuo.kernel.actor import Actor
from yinuo.kernel.scope import Scoped, nobody_at
from yinuo.matters.models import Matter


class Approval(Scoped):
    """One request. Seen by whoever sees its matter, whoever asked, and whoever is to decide."""

    class State(models.TextChoices):
        PENDING = "pending", _("待审")
        APPROVED = "approved", _("同意")
        REJECTED = "rejected", _("驳回")
        WITHDRAWN = "withdrawn", _("撤回")

    kind = models.CharField(max_length=20)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    matter = models.ForeignKey("matters.Matter", models.CASCADE, null=True, related_name="approvals", db_index=False)
    title = models.CharField(max_length=200)
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    reason = models.TextField(blank=True)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=9, choices=State, default=State.PENDING)
    requested_by = models.ForeignKey("identity.Staff", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    @property
    def heading(self) -> str:
        """What it is called to whoever reads it: who may only hand it over (the queries say `inside`) sees its number
        and kind, nobody's name.
        """
        if getattr(self, "inside", True):
            return self.title
        kind = str(KINDS.get(self.kind, self.kind))
        return f"{self.matter.number} {kind}" if self.matter else kind

    @property
    def vacancies(self) -> list[str]:
        """The rungs nobody could take when it was asked for, and who stands in, in words."""
        return [vacancy_line(vacant) for vacant in self.payload.get("vacant", ())]

    @classmethod
    def visible_q(cls, actor: Actor, prefix: str = "") -> Q:
        if actor.kind == "customer":
            return nobody_at(prefix)
        through = Matter.visible_q(actor, f"{prefix}matter__")
        if not through:
            return through
        steps = ApprovalStep.unscoped.filter(staff_id=actor.staff_key).values("approval_id")
        return through | Q(**{prefix + "requested_by_id": actor.staff_key}) | Q(**{prefix + "pk__in": steps})

    class Meta:
        base_manager_name = "unscoped"
        indexes = [
            models.Index(fields=["state", "-created_at", "-id"], name="approval_by_state"),
            models.Index(fields=["matter", "-id"], name="approval_by_matter"),
            models.Index(fields=["subject_type", "subject_id"], name="approval_by_subject"),
        ]


class ApprovalStep(Scoped):
    """One person's say; steps are decided in order. `decided_by` somebody else: a substitute, while `staff` was away.
    A step handed over keeps whom it was taken from, by whom and why; `handed_by` empty: by the product itself.
    """

    scope_parent = "approval"
    approval = models.ForeignKey(Approval, models.CASCADE, related_name="steps", db_index=False)
    seq = models.SmallIntegerField()
    rung = models.CharField(max_length=20)
    staff = models.ForeignKey("identity.Staff", models.PROTECT, related_name="approval_steps", db_index=False)
    state = models.CharField(max_length=9, choices=Approval.State, default=Approval.State.PENDING)
    decided_by = models.ForeignKey("identity.Staff", models.PROTECT, null=True, related_name="+")
    comment = models.TextField(blank=True)
    at = models.DateTimeField(null=True)
    handed_from = models.ForeignKey("identity.Staff", models.PROTECT, null=True, related_name="+")
    handed_by = models.ForeignKey("identity.Staff", models.PROTECT, null=True, related_name="+")
    handed_reason = models.CharField(max_length=200, blank=True, default="", db_default="")
    handed_at = models.DateTimeField(null=True)

    class Meta:
        base_manager_name = "unscoped"
        constraints = [models.UniqueConstraint(fields=["approval", "seq"], name="approval_step_once")]
        indexes = [models.Index(fields=["staff", "state", "-approval"], name="approval_step_by_staff")]


class ApprovalRule(models.Model):
    """For requests of `kind` up to an amount (null: any amount): the rungs that must agree, in order.

    A rung is "manager" (who answers for the requester), "next" (that person's manager) or a role's code.
    """

    kind = models.CharField(max_length=20)
    up_to = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    steps = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["kind", "up_to"], name="approval_rule_by_kind")]
